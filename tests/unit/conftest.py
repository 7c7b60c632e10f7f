"""Settings of the unit tests, and what several of them run against."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import is_hypothesis_test, settings

from streamwidget.demo.serve import DemoServer
from unit.http_peer import LIBRARIES, demo_server

# A busy machine is not a failure: there are separate tests for speed, with their bounds. And
# whether the tests pass depends on the commit alone: the same examples in every run.
settings.register_profile("streamwidget", deadline=None, derandomize=True)
settings.load_profile("streamwidget")
FUZZ = int(os.environ.get("STREAMWIDGET_FUZZ", "0"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `STREAMWIDGET_FUZZ=20`, run the property tests alone, with 20 times the examples, each
    time others."""
    if FUZZ:
        items[:] = [item for item in items if is_hypothesis_test(getattr(item, "obj", None))]
        for test in {item.function for item in items}:  # type: ignore[attr-defined]
            known = test._hypothesis_internal_use_settings or settings.default
            test._hypothesis_internal_use_settings = settings(
                known, max_examples=known.max_examples * FUZZ, derandomize=False
            )


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    """A demo server for the tests of one file."""
    yield from demo_server()


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__)
def library(request: pytest.FixtureRequest) -> Any:
    """httpx, and httpx2 where it is installed."""
    return request.param
