"""The words that the page and Python share, from `catalogue.json`; the front end is built with it.

Must not know runs: codes in, words out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

_FILE = Path(__file__).with_name("catalogue.json")


@cache
def _catalogue() -> Mapping[str, object]:
    return cast("Mapping[str, object]", json.loads(_FILE.read_text("utf-8")))


def fault_words(fault: str) -> str:
    """Return what happened, for a fault of `errors`, without a full stop: `Connection lost`."""
    return cast("Mapping[str, str]", _catalogue()["faults"])[fault]


def stop_cause_words(code: str, bound: str) -> str:
    """Return who or what stopped a run, for a code of `StopCause`: `the budget of 1,000 tokens`."""
    causes = cast("Mapping[str, str]", _catalogue()["stop_causes"])
    return causes[code].replace("{bound}", bound)


def estimate_sign() -> str:
    """Return the sign before a number that is an estimate."""
    return str(_catalogue()["estimate"])


def budget_words(name: str, **facts: str) -> str:
    """Return a sentence about a budget, by its name in the catalogue, with its facts."""
    return str(_catalogue()[name]).format(**facts)


def kept_words() -> str:
    """Return the sentence that nothing was lost."""
    return str(_catalogue()["kept"])


def stderr_words() -> str:
    """Return the heading of what a job printed to standard error."""
    return str(_catalogue()["stderr"])


def ask_outcome_words(outcome: str) -> str:
    """Return how a question to the reader ended: `No answer in time`; "" while it is open."""
    outcomes = cast("Mapping[str, str]", _catalogue()["ask_outcomes"])
    return outcomes.get(outcome, "")


def by_default_words() -> str:
    """Return the words that the default of a question was used as its answer."""
    return str(_catalogue()["by_default"])


def waiting_for_reader_words() -> str:
    """Return the words for a run that waits for its reader."""
    return str(_catalogue()["waiting_for_reader"])


def denied_words() -> str:
    """Return the result of a tool call that the reader denied."""
    return str(_catalogue()["denied"])
