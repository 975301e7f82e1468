"""The shapes that the hub's database has had, oldest first; ``upgrade`` brings one to the newest.

A new shape is a new file in ``versions/`` and a new name here: what is released is never edited. Named here
by hand, so that a start finds out that nothing is to do without importing Alembic.
"""

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
HEAD = REVISIONS[-1]
