"""Uses streamwidget in a JupyterLite site in headless Chromium, and reports what does not work.

    python tests/lite/check.py WHEEL FOLDER

Builds the site of `build_site.py` in `FOLDER`, serves it and a streaming server on the loopback,
and saves screenshots to `FOLDER/pictures`. The exit code is the number of checks that failed.
"""

from __future__ import annotations

import functools
import http.server
import itertools
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
from playwright.sync_api import Page, sync_playwright
from websockets.sync.server import ServerConnection, serve

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from build_site import build  # noqa: E402

from lab import Notebook, chromium_path  # noqa: E402
from lab.browser import ARGUMENTS  # noqa: E402
from lab.notebook import CELL  # noqa: E402

NAME = "lite.ipynb"
KERNEL = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
READY_S = 300
SHOWN_S = 60


class Streams(http.server.BaseHTTPRequestHandler):
    """`/count` streams until `enough`, the others until closed; `/closed` allows no origin."""

    enough = threading.Event()
    gone = threading.Event()
    """Set when the reader of `/endless` has closed the connection."""

    def do_OPTIONS(self) -> None:
        self.send_response(204)
        for name in ("Origin", "Headers", "Methods"):
            self.send_header(f"Access-Control-Allow-{name}", "*")
        self.end_headers()

    def do_GET(self) -> None:
        if self.path == "/moved":
            self._redirect()
        else:
            self._stream()

    def _redirect(self) -> None:
        self.send_response(302)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Location", "/count")
        self.end_headers()

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/moved":
            self._redirect()
        else:
            self._stream(f"asked {asked} ")

    def _stream(self, first: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if self.path != "/closed":
            self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        try:
            self._say(first)
            for number in itertools.count():
                self._say(f"event{number} ")
                time.sleep(0.02)
                if self.path == "/count" and self.enough.is_set():
                    break
            self._say("last")
        except OSError:
            type(self).gone.set()

    def _say(self, text: str) -> None:
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


@contextmanager
def serving(handler: Callable[..., http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a port of the system, and yield the address."""
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def talk(connection: ServerConnection) -> None:
    """Send words until `end` arrives; `/failing` closes with a failure, `/binary` sends bytes."""
    path = connection.request.path if connection.request else ""
    if path == "/failing":
        connection.send("before ")
        connection.close(1011, "out of luck")
    elif path == "/binary":
        connection.send(b'{"type": "text", "text": "bytes"}')
    else:
        connection.send(f"received {connection.recv()} ")
        for number in itertools.count():
            connection.send(f"event{number} ")
            with suppress(TimeoutError):
                if connection.recv(timeout=0.02) == "end":
                    break
        connection.send("last")


@contextmanager
def serving_sockets() -> Iterator[str]:
    """Serve WebSockets on a port of the system, and yield the address."""
    with serve(talk, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"


# --- what a notebook does, a cell for each check

SET_UP = """
%pip install -q streamwidget
import asyncio, time
from streamwidget import StreamView, http, process, websocket
print("ready")
"""
GENERATOR = """
enough = False
def generator():
    number = 0
    while not enough:
        yield f"word{number} "
        number += 1
        time.sleep(0.02)
    yield "last"
view = StreamView(generator(), title="Generator")
view
"""
ASYNC_GENERATOR = """
enough = False
async def async_generator():
    number = 0
    while not enough:
        yield f"word{number} "
        number += 1
        await asyncio.sleep(0.02)
    yield "last"
view = StreamView(async_generator(), title="Asynchronous generator")
view
"""
JOB = """
enough = False
def job(emit):
    with emit.step("Search"):
        emit.rows("papers", [{"title": f"Paper {n}", "year": 1986 + n} for n in range(4)])
    number = 0
    while not enough:
        emit.text(f"word{number} ")
        number += 1
        emit.metric("loss", 1 / number)
        time.sleep(0.02)
    emit.text("last")
view = StreamView(job, title="Job")
view
"""
HTTP = 'view = StreamView("STREAMS/count", title="HTTP")\nview'
POST = 'view = StreamView(http("STREAMS/count", json={"a": 1}), title="POST")\nview'
ENDLESS = 'view = StreamView("STREAMS/endless", title="Endless")\nview'
ENOUGH = "enough = True"
BY_HAND = """
with StreamView(title="By hand") as emit:
    for number in range(200):
        emit.text(f"word{number} ")
        time.sleep(0.02)
"""
AWAITING = """
view = StreamView("STREAMS/endless", title="Awaited")
display(view)
print((await view).status)
"""
AWAITED = "result = await view\nprint(result.status, len(result.text))"
REDIRECTED = """
result = await StreamView("STREAMS/moved")
print(result.status, result.text)
print((await StreamView(http("STREAMS/moved", json={}))).error)
"""
JOURNAL = """
await StreamView(["one ", "two"], journal="run.jsonl")
print((await StreamView.attach("run.jsonl")).text)
print((await StreamView.replay("run.jsonl")).status)
"""
BUSY_JOB = """
def busy(emit):
    number = 0
    while True:
        emit.text(f"word{number} ")
        number += 1
        until = time.monotonic() + 0.02
        while time.monotonic() < until:
            pass
view = StreamView(busy, title="Busy job")
view
"""
SOCKET = """
view = StreamView(websocket("SOCKETS/", send=["begin"]), title="WebSocket")
view
"""
SEND = 'view.send_message("end")'
SOCKET_ENDS = """
for path in ("failing", "binary"):
    result = await StreamView(websocket("SOCKETS/" + path))
    print(result.status, result.text, result.to_markdown(), result.error)
print((await StreamView(websocket("ws://127.0.0.1:1/"))).error)
print((await StreamView(websocket("SOCKETS/", headers={"X-Key": "a"}))).error)
"""
REFUSED = """
import httpx
from streamwidget import collect
view = StreamView(["a"])
def print_error(call):
    try:
        call()
    except Exception as error:
        print(error)
print_error(view.wait)
print_error(lambda: list(view))
print_error(lambda: collect(["a"]))
print_error(lambda: StreamView(["a"], detached=True))
for source in (
    process("ls"),
    "STREAMS/closed",
    http("STREAMS/count", client=httpx.Client()),
    http("STREAMS/count", client=httpx.AsyncClient()),
):
    print((await StreamView(source)).error)
"""
SENTENCES = (
    "use `await view`",
    "use `await acollect(...)`",
    "leave detached=True out",
    "A browser runs no processes",
    "does it allow other origins (CORS",
    "no sockets, which this client needs",
)
SOCKET_SENTENCES = (
    "failed before",
    "code 1011, internal error): “out of luck”",
    "finished",
    "bytes",
    "The browser could not connect to ws://127.0.0.1:1/",
    "A browser sends no headers with a WebSocket",
)
CELLS = (
    SET_UP, GENERATOR, ASYNC_GENERATOR, JOB, ENOUGH, BY_HAND, HTTP, POST,
    ENDLESS, AWAITED, AWAITING, BUSY_JOB, REFUSED, REDIRECTED, JOURNAL,
    SOCKET, SEND, SOCKET_ENDS,
)  # fmt: skip


class Checks:
    """One notebook, and what was wrong in it."""

    def __init__(self, notebook: Notebook, pictures: Path) -> None:
        self.notebook, self.pictures = notebook, pictures
        self.failed = 0

    def check(self, name: str, work: Callable[[], object]) -> None:
        began = time.monotonic()
        try:
            work()
        except Exception as error:  # the other checks are to be made all the same
            self.failed += 1
            self.notebook.screenshot(self.pictures / f"failed-{name.replace(' ', '-')}.png")
            print(f"FAIL {name}: {error}", flush=True)
        else:
            print(f"ok   {name} ({time.monotonic() - began:.1f} s)", flush=True)

    def run(self, source: str, *, timeout_s: float = SHOWN_S) -> str:
        """Run the cell with this source, and return what it has printed."""
        index = CELLS.index(source)
        self.notebook.run_cell(index, timeout_s=timeout_s)
        return self.notebook.output_text(index)

    def until(self, source: str, state: str, text: str) -> None:
        """Wait until the view of a cell is in a state and shows a text."""
        # JupyterLab draws an output below the window only when the page is idle
        cell = self.notebook.cell(CELLS.index(source))
        cell.evaluate("element => element.scrollIntoView({block: 'start'})")
        self.notebook.wait_for(
            "([cell, index, state, text]) => { const view = document.querySelectorAll(cell)[index]"
            ".querySelector('.sw-view'); return view?.dataset.state === state"
            " && view.textContent.includes(text); }",
            [CELL, CELLS.index(source), state, text],
            timeout_s=SHOWN_S,
        )

    def streams(self, source: str, first: str = "word1 ", last: str = "last") -> None:
        """Run a cell whose view shows text while it streams, let it end, and wait for the rest."""
        Streams.enough.clear()
        self.notebook.press_run(CELLS.index(source))
        self.until(source, "streaming", first)
        Streams.enough.set()
        self.run(ENOUGH)
        self.until(source, "finished", last)

    def press_stop(self, source: str) -> None:
        self.notebook.cell(CELLS.index(source)).get_by_role("button", name="Stop").click()


def main(wheel: Path, folder: Path) -> int:
    site, pictures = build(wheel, folder), folder / "pictures"
    pictures.mkdir()
    with (
        serving(Streams) as streams,
        serving_sockets() as sockets,
        serving(functools.partial(Files, directory=str(site))) as address,
        sync_playwright() as playwright,
    ):
        sources = (cell.replace("STREAMS", streams).replace("SOCKETS", sockets) for cell in CELLS)
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        content = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        notebook = opened(page, address, nbformat.writes(content))
        checks = Checks(notebook, pictures)
        everything(checks)
        browser.close()
    print(f"{checks.failed} failed")
    return checks.failed


def opened(page: Page, address: str, content: str) -> Notebook:
    """Store a notebook in the browser, where JupyterLite keeps its files, and open it."""
    page.set_default_timeout(SHOWN_S * 1000)
    page.goto(f"{address}/lab/index.html")
    page.wait_for_function("() => window.jupyterapp?.serviceManager.isReady")
    page.evaluate(
        "([path, content]) => window.jupyterapp.serviceManager.contents"
        ".save(path, {type: 'notebook', format: 'json', content: JSON.parse(content)})",
        [NAME, content],
    )
    page.goto(f"{address}/lab/index.html?path={NAME}")
    notebook = Notebook(None, page, NAME)
    notebook.wait_ready(timeout_s=READY_S)
    return notebook


def everything(checks: Checks) -> None:
    checks.check("install", lambda: expect(checks.run(SET_UP, timeout_s=READY_S), "ready"))
    for name, source in (
        ("generator", GENERATOR),
        ("asynchronous generator", ASYNC_GENERATOR),
        ("job", JOB),
    ):
        checks.check(name, functools.partial(checks.streams, source))
    checks.check("by hand", lambda: by_hand(checks))
    checks.check("GET", lambda: checks.streams(HTTP, "event1 "))
    checks.check("POST", lambda: checks.streams(POST, 'asked {"a":1} event0 '))
    checks.check("stop", lambda: stop(checks))
    checks.check("await", lambda: expect(checks.run(AWAITED), "stopped"))
    checks.check("stop of a cell that awaits", lambda: stop_awaiting(checks))
    checks.check("stop of a busy function", lambda: stop_busy(checks))
    checks.check("one sentence each", lambda: expect(checks.run(REFUSED), *SENTENCES))
    checks.check("redirects", lambda: redirected(checks))
    checks.check("journal", lambda: expect(checks.run(JOURNAL), "one two", "finished"))
    checks.check("WebSocket", lambda: web_socket(checks))
    checks.check("ends of WebSockets", lambda: expect(checks.run(SOCKET_ENDS), *SOCKET_SENTENCES))
    checks.check("reload", lambda: reload(checks))


def expect(text: str, *wanted: str) -> None:
    missing = [part for part in wanted if part not in text]
    if missing:
        raise AssertionError(f"{missing} not in {text!r}")


def redirected(checks: Checks) -> None:
    """The browser follows a plain GET; it would carry a body to an address that nobody named."""
    Streams.enough.set()
    expect(checks.run(REDIRECTED), "finished event0 last", "a browser does not tell where to")


def web_socket(checks: Checks) -> None:
    """The browser's own WebSocket streams, and takes messages."""
    checks.notebook.press_run(CELLS.index(SOCKET))
    checks.until(SOCKET, "streaming", "received begin event0 event1 ")
    checks.run(SEND)
    checks.until(SOCKET, "finished", "last")


def by_hand(checks: Checks) -> None:
    """The page follows a cell that holds the kernel."""
    checks.notebook.press_run(CELLS.index(BY_HAND))
    checks.until(BY_HAND, "streaming", "word1 ")
    checks.until(BY_HAND, "finished", "word199")


def stop(checks: Checks) -> None:
    """The stop button ends the run, and the browser closes the connection."""
    checks.notebook.press_run(CELLS.index(ENDLESS))
    checks.until(ENDLESS, "streaming", "event9 ")
    checks.press_stop(ENDLESS)
    checks.until(ENDLESS, "stopped", "event9 ")
    if not Streams.gone.wait(SHOWN_S):
        raise AssertionError("the server still sends")


def stop_awaiting(checks: Checks) -> None:
    """The kernel handles no message while a cell runs, but receives the stop."""
    index = CELLS.index(AWAITING)
    checks.notebook.press_run(index)
    checks.until(AWAITING, "streaming", "event9 ")
    checks.press_stop(AWAITING)
    checks.notebook.wait_cell(index, timeout_s=SHOWN_S)
    expect(checks.notebook.output_text(index), "stopped")


def stop_busy(checks: Checks) -> None:
    checks.notebook.press_run(CELLS.index(BUSY_JOB))
    checks.until(BUSY_JOB, "streaming", "word9 ")
    checks.press_stop(BUSY_JOB)
    checks.until(BUSY_JOB, "stopped", "word9 ")


def reload(checks: Checks) -> None:
    """The kernel ends with its page; the saved notebook shows the record of each run."""
    notebook = checks.notebook
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        notebook.cell(CELLS.index(JOB)).scroll_into_view_if_needed()
        notebook.screenshot(checks.pictures / f"{theme}.png")
    notebook.command("docmanager:save")
    notebook.page.wait_for_timeout(1000)
    notebook.reload(wait_kernel=False)
    for source in (GENERATOR, JOB, HTTP):
        notebook.cell(CELLS.index(source)).scroll_into_view_if_needed()
        notebook.wait_for(
            "([cell, index]) => document.querySelectorAll(cell)[index]"
            ".querySelector('.jp-RenderedHTML')?.textContent.includes('Finished')",
            [CELL, CELLS.index(source)],
        )
    notebook.screenshot(checks.pictures / "reloaded.png")


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
