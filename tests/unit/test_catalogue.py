"""The words that the page and Python share are complete."""

from __future__ import annotations

import json
import typing
from pathlib import Path

import pytest

import streamwidget.catalogue
from streamwidget.catalogue import fault_words, stop_cause_words
from streamwidget.errors import Fault
from streamwidget.run.states import Status, StopCode

CATALOGUE = json.loads(Path(streamwidget.catalogue.__file__).with_suffix(".json").read_text())


@pytest.mark.parametrize("fault", typing.get_args(Fault))
def test_every_fault_has_words_without_a_full_stop(fault: Fault) -> None:
    assert fault_words(fault)[0].isupper()
    assert not fault_words(fault).endswith(".")


def test_every_status_of_a_run_has_words() -> None:
    assert set(typing.get_args(Status)) <= set(CATALOGUE["statuses"])


def test_every_cause_of_a_stop_has_words_and_no_other() -> None:
    assert list(CATALOGUE["stop_causes"]) == list(typing.get_args(StopCode))


def test_the_bound_that_was_reached_is_named() -> None:
    assert stop_cause_words("budget", "5 s") == "the budget of 5 s"
    assert stop_cause_words("rerun", "") == "a new run of its cell"


def test_no_fault_has_words_that_no_error_has() -> None:
    assert set(CATALOGUE["faults"]) == set(typing.get_args(Fault))
