"""Checks the JSON of ``triada demo``: every row adds up, and it moved something, or nothing at all."""

import json
import sys
from pathlib import Path

document = json.loads(Path(sys.argv[1]).read_text())
steps, written = document["steps"], sum(step["written"] for step in document["steps"])
for step in steps:
    parts = sum(step[name] for name in ("written", "unchanged", "waiting", "quarantined"))
    if step["read"] != parts:
        sys.exit(f"{step['flow']}.{step['step']} read {step['read']} but accounts for {parts}")
flows = {step["flow"] for step in steps}
expected = "people catalogue customers leads approvals orders payments forecasts warehouse"
missing = set(expected.split()) - flows
if missing or not document["ok"]:
    sys.exit(f"the demo did not run {missing or 'well'}")
if (written > 0) != (sys.argv[2] == "something"):
    wrote = [f"{s['flow']}.{s['step']}: {s['written']}" for s in steps if s["written"]]
    sys.exit(f"the demo wrote {written} rows, expected {sys.argv[2]}: {wrote}")
sys.stdout.write(f"{len(steps)} steps, {written} rows written, all of them add up\n")
