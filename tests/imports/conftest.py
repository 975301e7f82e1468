"""A company for each test of the imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.imports.shop import Company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """The tiny company, not imported yet."""
    return Company(tmp_path)
