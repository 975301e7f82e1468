"""Keeping the house: tests, benchmarks, and the lock of requirements."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connectors.errors import Misconfigured

ROOT = Path(__file__).resolve().parent.parent


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest in a process of its own; the fast tests when nothing is chosen. Its exit status."""
    # A file's tests stay together: some share a seeded company or a warm Airflow.
    chosen = list(arguments) or ["-m", "not slow", "--numprocesses", "2", "--dist", "loadfile"]
    return subprocess.run([sys.executable, "-m", "pytest", *chosen], cwd=ROOT, check=False).returncode


def run_bench(name: str) -> list[dict[str, Any]]:
    """Run the benchmark ``benchmarks/<name>``, a module or a package: one row a measurement."""
    folder = ROOT / "benchmarks"
    packages = [path.parent for path in folder.glob("[a-z]*/__init__.py") if path.parent.name != "data"]
    known = sorted(path.stem for path in (*folder.glob("[a-z]*.py"), *packages))
    if name not in known:
        raise Misconfigured(f"there is no benchmark {name!r}; there are {', '.join(known)}")
    return list(importlib.import_module(f"benchmarks.{name}").run())


def lock_requirements() -> int:
    """Resolve both input lists for every Python from 3.11 on; exit status of the resolver."""
    for name in ("requirements", "requirements-dev"):
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--upgrade"]
        command += ["--python-version", "3.11", "--no-emit-index-url", f"{name}.in", "-o", f"{name}.txt"]
        command += ["--custom-compile-command", "./triada lock"]
        if code := subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode:
            return code
    return 0
