"""Servers of many readers in one process, and the export of marimo."""

from __future__ import annotations

import gc

import pytest

from streamwidget.widget.hosts import PerSession
from streamwidget.widget.marimo_export import command_of


class Session:
    """What a host has for each reader."""


def test_each_session_has_its_own_value_and_keeps_it() -> None:
    current: list[Session | None] = [None]
    values: PerSession[list[int]] = PerSession(list, lambda: current[0])
    alone = values.here()
    one, other = Session(), Session()
    current[0] = one
    of_one = values.here()
    assert of_one is not alone
    current[0] = other
    assert values.here() is not of_one
    current[0] = one
    assert values.here() is of_one
    current[0] = None
    assert values.here() is alone


def test_the_value_of_a_session_ends_with_it() -> None:
    current: list[Session | None] = [Session()]
    values: PerSession[Session] = PerSession(Session, lambda: current[0])
    values.here()
    assert len(values._values) == 1
    current[0] = None
    gc.collect()
    assert len(values._values) == 0


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/usr/bin/python3 /venv/bin/marimo export html app.py -o app.html", "export"),
        ("marimo -y --log-level WARN export ipynb run.py", "export"),
        ("python -m marimo export html app.py", "export"),
        ("C:/venv/Scripts/marimo.exe export html app.py", "export"),
        ("/venv/bin/marimo run export.py", "run"),
        ("/venv/bin/marimo edit", "edit"),
        ("/usr/bin/bash export", None),
        ("", None),
    ],
)
def test_the_command_of_marimo_is_read_from_the_command_line(
    line: str, command: str | None
) -> None:
    assert command_of(line.split()) == command
