"""What runs on this machine, for tests that nothing is left running."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

WAIT_S = 30.0


def running_with(word: str) -> list[int]:
    """The processes that have ``word`` in their command line or environment, zombies apart."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if word.encode() in words and state != "Z":
            found.append(int(folder.name))
    return found


def eventually(check: Callable[[], bool], *, within_s: float = WAIT_S) -> bool:
    """Whether ``check`` comes true in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.1)
    return check()


def listening(pids: list[int]) -> set[str]:
    """The addresses on which these processes accept connections, in the hexadecimal form of /proc/net."""
    sockets = set()
    for pid in pids:
        try:
            links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
        except OSError:
            continue
        sockets |= {link[8:-1] for link in links if link.startswith("socket:[")}
    accepting = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in sockets:
                accepting.add(fields[1].partition(":")[0])
    return accepting


def memory_mb(pids: list[int]) -> float:
    """Their memory together, shared pages counted once (PSS)."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total / 1024
