"""Settings of the unit tests, and what several of them run against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from streamwidget.demo.serve import DemoServer
from unit.http_peer import LIBRARIES, demo_server

# A busy machine is no failure: what is to be fast has a test of its own that says how fast.
settings.register_profile("streamwidget", deadline=None)
settings.load_profile("streamwidget")


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    """A demo server for the tests of one file."""
    yield from demo_server()


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__)
def library(request: pytest.FixtureRequest) -> Any:
    """httpx, and httpx2 where it is installed."""
    return request.param
