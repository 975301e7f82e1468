"""Says what is true of rows: YAML beside a flow becomes Great Expectations suites, with three outcomes.

A check passed, failed for named rows, or could not be checked; it never passes because it could not run.
"""
