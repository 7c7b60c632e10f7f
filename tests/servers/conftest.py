"""Real servers from PyPI packages, each in its own process, and their readers.

Their packages need Python 3.11, so nothing here is collected before that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import ipywidgets
import pytest

from lab.program import address_of
from servers.reading import Read, read

collect_ignore_glob = ["test_*"] if sys.version_info < (3, 11) else []
TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Gives the address of the server in `apps/`; starts it when it is first asked for."""
    logs, running, found = tmp_path_factory.mktemp("logs"), [], {}

    def of(name: str) -> str:
        if name not in found:
            module = f"servers.apps.{name}"
            program = address_of(module, log=logs / f"{name}.log", cwd=TESTS)
            found[name] = program.__enter__()
            running.append(program)
        return found[name]

    yield of
    for program in running:
        program.__exit__(None, None, None)


@pytest.fixture
def reads() -> Iterator[Callable[[Callable[[], object]], Read]]:
    """Reads a source by `collect` and by a view, and holds them to the same."""
    yield read
    ipywidgets.Widget.close_all()
