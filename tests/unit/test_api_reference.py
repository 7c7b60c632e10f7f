"""The API reference is what the docstrings say now, and lists every public name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import streamwidget

ROOT = Path(__file__).parents[2]


def test_the_api_reference_is_up_to_date() -> None:
    tool = ROOT / "tools" / "api_reference.py"
    done = subprocess.run([sys.executable, str(tool), "--check"], check=False)
    assert done.returncode == 0, "run: python tools/api_reference.py"


def test_the_api_reference_lists_every_public_name() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    assert not [name for name in streamwidget.__all__ if f"### `{name}" not in text]
