"""One JupyterLab, one Chromium and one demo server for all browser tests.

Each test has its own notebook and kernel. Its pages must not have written an error to their
consoles, unless the test says with `expects_console_errors` that it breaks something.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scene import Scene

from lab import Chromium, Lab, address_of, end_on_sigterm

# A fifth of the server's usual limit, in messages a second: a slow machine reaches it as well.
RATE_LIMIT = "--ZMQChannelsWebsocketConnection.iopub_msg_rate_limit=200"
KERNEL_SIDE = Path(__file__).with_name("kernel_side.py")
MakeScene = Callable[..., Scene]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "expects_console_errors: the test breaks the page's lines")
    end_on_sigterm()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with Chromium() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo server of our own, without a slash at the end."""
    log = tmp_path_factory.mktemp("demo") / "server.log"
    with address_of("streamwidget.demo", "--server", "--port", "0", log=log) as address:
        yield address


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, demo_url: str) -> Iterator[Lab]:
    """The server that most tests share."""
    environment = {"STREAMWIDGET_DEMO_URL": demo_url}
    with Lab(tmp_path_factory.mktemp("lab") / "plain", environment=environment) as lab:
        shutil.copy(KERNEL_SIDE, lab.root)
        yield lab


@pytest.fixture(scope="session")
def cut_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A server behind a line that can be cut; it drops messages beyond a low rate."""
    work = tmp_path_factory.mktemp("lab") / "cut"
    with Lab(work, proxy=True, server_args=[RATE_LIMIT]) as lab:
        shutil.copy(KERNEL_SIDE, lab.root)
        yield lab


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A notebook's file name that belongs to this test alone."""
    return re.sub(r"\W+", "-", request.node.name) + ".ipynb"


@pytest.fixture
def make_scene(
    request: pytest.FixtureRequest, lab: Lab, chromium: Chromium, name: str
) -> Iterator[MakeScene]:
    """Opens scenes, and ends their pages and kernels afterwards."""
    scenes: list[Scene] = []

    def make(*cells: str, on: Lab = lab, kernel: str = "python3") -> Scene:
        scenes.append(Scene(on, chromium, name, cells, kernel=kernel))
        return scenes[-1]

    yield make
    errors = [error for scene in scenes for error in scene.notebook.errors()]
    keep_picture(request, scenes)
    chromium.close_pages()
    for on in {id(scene.lab): scene.lab for scene in scenes}.values():
        on.end_kernels()
    if request.node.get_closest_marker("expects_console_errors") is None:
        assert errors == []


def keep_picture(request: pytest.FixtureRequest, scenes: list[Scene]) -> None:
    """Writes pictures of a failed test's pages to `$STREAMWIDGET_PICTURES`, when that is set."""
    folder = os.environ.get("STREAMWIDGET_PICTURES")
    report = getattr(request.node, "call_report", None)
    if folder and report is not None and report.failed:
        for scene in scenes:
            scene.notebook.screenshot(Path(folder) / f"{scene.name}.png")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.call_report = report  # type: ignore[attr-defined]
    return report
