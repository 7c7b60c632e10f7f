"""Views in a real kernel without a browser: cells, prints, headless notebooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from streamwidget.widget.hosts import refuses_input
from unit.waiting import WAIT_S, until

SET_UP = """
import asyncio, sys, threading, time, traceback
from streamwidget import StreamView

def go_when_waiting(view):
    "Prints `go` once the main thread is inside one of the waits."
    def look():
        main = threading.main_thread().ident
        inside = False
        while not (inside or view._run._wakers):
            time.sleep(0.002)
            stack = traceback.extract_stack(sys._current_frames()[main])
            inside = any(frame.filename.endswith("waiting.py") for frame in stack)
        print("go", flush=True)
    threading.Thread(target=look).start()
"""


class Kernel:
    """Runs cells and gives what they printed."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self._client = manager, client

    def run(self, code: str, *, interrupt_when: str | None = None) -> tuple[str, list[str]]:
        """The output of the cell and its traceback lines; may interrupt it on a print."""
        printed: list[str] = []
        trace: list[str] = []
        interrupted = False

        def look(message: dict[str, Any]) -> None:
            nonlocal interrupted
            content = message["content"]
            if message["msg_type"] == "stream":
                printed.append(content["text"])
                if interrupt_when and interrupt_when in "".join(printed) and not interrupted:
                    interrupted = True
                    self.manager.interrupt_kernel()
            elif message["msg_type"] == "error":
                trace.extend(content["traceback"])

        self._client.execute_interactive(code, output_hook=look, timeout=WAIT_S)
        return "".join(printed), trace


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=WAIT_S)
        kernel = Kernel(manager, client)
        kernel.run(SET_UP)
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


PRODUCER = """
begun, open_producers = [], []

def producer():
    begun.append(1)
    open_producers.append(1)
    try:
        while True:
            time.sleep(0.005)
            yield "word "
    finally:
        open_producers.pop()
"""


def test_a_cell_that_has_run_a_hundred_times_has_one_producer(kernel: Kernel) -> None:
    kernel.run(PRODUCER)
    for _ in range(100):
        assert kernel.run("StreamView(producer())")[1] == []

    def live() -> str:
        return kernel.run("print(len(StreamView.live()), len(open_producers))")[0].strip()

    until(lambda: live() == "1 1", live)
    assert kernel.run("print(len(begun))")[0].strip() == "100"
    kernel.run("StreamView.live().stop()")
    until(lambda: live() == "0 0", live)


def test_the_cell_returns_at_once_and_the_next_one_sees_the_text(kernel: Kernel) -> None:
    kernel.run(
        "def slow():\n  yield 'first '\n  time.sleep(0.3)\n  yield 'second'\nv = StreamView(slow())"
    )
    assert kernel.run("print(v.status)")[0].strip() in {"connecting", "streaming"}
    assert kernel.run("print(v.wait().text)")[0] == "first second\n"


def test_a_loop_without_a_block_ends_with_its_cell(kernel: Kernel) -> None:
    kernel.run("v = StreamView()\nfor n in range(3): v.emit.text(f'{n} ')")
    assert kernel.run("print(v.status, repr(v.text))")[0] == "finished '0 1 2 '\n"


def test_a_loop_whose_cell_raises_has_failed(kernel: Kernel) -> None:
    _, trace = kernel.run("v = StreamView()\nv.emit.text('half')\n1 / 0")
    assert "ZeroDivisionError" in trace[-1]
    assert kernel.run("print(v.status, v.error.fault, v.text)")[0] == "failed source half\n"


def test_a_view_fed_by_the_users_thread_outlives_the_cell(kernel: Kernel) -> None:
    kernel.run(
        "v = StreamView()\ngo = threading.Event()\n"
        "def feed():\n  v.emit.text('a'); go.wait(60); v.emit.text('b'); v.finish()\n"
        "t = threading.Thread(target=feed); t.start()"
    )
    printed, _ = kernel.run("print(v.status); go.set(); print(v.wait().text)")
    assert printed == "streaming\nab\n"


def test_a_stop_in_a_loop_of_the_users_ends_the_cell_without_a_traceback(kernel: Kernel) -> None:
    _, trace = kernel.run("v = StreamView()\nfor n in range(9):\n  v.emit.text('x')\n  v.stop()")
    assert trace == ["Stopped by you."]
    assert kernel.run("print(v.status, v.text)")[0] == "stopped x\n"


@pytest.mark.parametrize(
    "cell",
    [
        "go_when_waiting(v); v.wait()",
        "go_when_waiting(v); await v",
        "go_when_waiting(v)\nfor event in v: pass",
    ],
    ids=["wait", "await", "iterate"],
)
def test_an_interrupt_of_a_waiting_cell_stops_the_run(kernel: Kernel, cell: str) -> None:
    kernel.run(
        "closed = []\ndef endless():\n  try:\n    while True:\n      yield 'x'; time.sleep(0.005)\n"
        "  finally: closed.append(time.monotonic())\nv = StreamView(endless())"
    )
    _, trace = kernel.run(cell, interrupt_when="go")
    assert any("KeyboardInterrupt" in line or "CancelledError" in line for line in trace)
    assert kernel.run("print(v.status, len(closed), len(v.text) > 0)")[0] == "stopped 1 True\n"


@pytest.mark.parametrize("block", [True, False], ids=["with", "plain"])
def test_an_interrupt_of_a_feeding_cell_stops_the_view(kernel: Kernel, block: bool) -> None:
    feed = "while True:\n    emit.text('x'); time.sleep(0.005); print('go', flush=True)"
    cell = (
        f"v = StreamView()\nwith v as emit:\n  {feed}"
        if block
        else f"v = StreamView()\nemit = v.emit\nif True:\n  {feed}"
    )
    _, trace = kernel.run(cell, interrupt_when="go")
    assert "KeyboardInterrupt" in trace[-1] + trace[0]
    assert kernel.run("print(v.status)")[0] == "stopped\n"


def test_an_interrupt_while_nothing_runs_stops_what_streams(kernel: Kernel) -> None:
    kernel.run(
        "def endless():\n  while True:\n    yield 'x'; time.sleep(0.005)\nv = StreamView(endless())"
    )
    kernel.run("pass")
    kernel.manager.interrupt_kernel()
    assert kernel.run("print(v.wait(60).status)")[0] == "stopped\n"


def test_an_interrupt_of_an_unrelated_cell_stops_no_stream(kernel: Kernel) -> None:
    kernel.run(
        "def endless():\n  while True:\n    yield 'x'; time.sleep(0.005)\nv = StreamView(endless())"
    )
    _, trace = kernel.run("print('go', flush=True)\ntime.sleep(20)", interrupt_when="go")
    assert "KeyboardInterrupt" in trace[-1] + trace[0]
    assert (
        kernel.run("print(v.status); v.stop(); print(v.wait(60).status)")[0]
        == "streaming\nstopped\n"
    )


HEADLESS_VIEW = """
from streamwidget import StreamBoard, StreamView
import time
def job(emit):
    for n in range(3):
        with emit.step(f"step {n}"):
            emit.text(f"word{n} ")
            time.sleep(0.1)
def by_hand():
    with StreamView(title="By hand") as emit:
        emit.text("fed words")
"""


def executed(*cells: str, **options: Any) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in (HEADLESS_VIEW, *cells)]
    NotebookClient(notebook, timeout=WAIT_S, kernel_name="python3", **options).execute()
    json.dumps(notebook)
    return notebook


def test_a_headless_notebook_keeps_the_record_of_every_view_without_a_wait() -> None:
    notebook = executed(
        "v = StreamView(job, title='Shown')\nv",
        "display(v)",
        "by_hand()",
        "w = StreamView()\nw.emit.text('loop words')\nw",
        "StreamBoard([StreamView(job, title='Left'), StreamView(job, title='Right')])",
        "StreamView(job, persist='none', title='Quiet')",
    )
    wanted = [("Shown", "word2"), ("Shown", "word2"), ("By hand", "fed words"),
              ("", "loop words"), ("Left", "word2"), ("Quiet", "Finished")]  # fmt: skip
    for cell, words in zip(notebook.cells[1:], wanted, strict=True):
        output = cell.outputs[0]
        assert set(output["data"]) == {
            "text/html", "text/llm+plain", "text/markdown", "text/plain",
        }  # fmt: skip
        assert not [word for word in words if word not in output["data"]["text/html"]]
        assert output["metadata"]["streamwidget"]["status"] == "finished"
    (board,) = notebook.cells[5].outputs
    assert "Right" in board["data"]["text/html"]
    assert "<summary>Right (finished)" in board["data"]["text/html"]
    assert "word2" not in notebook.cells[6].outputs[0]["data"]["text/plain"]
    assert "widgets" not in notebook.metadata, "no widget state"


def test_a_headless_cell_stays_in_charge_of_its_run_and_waits_no_longer_than_its_bound() -> None:
    notebook = executed(
        "v = StreamView(iter(lambda: time.sleep(0.01) or 'x', 0), title='Endless')\ndisplay(v)\n"
        "while len(v.text) < 5: time.sleep(0.01)\nv.stop()",
        "StreamView(iter(lambda: time.sleep(0.01) or 'x', 0), title='Bounded', max_time=0.5)",
    )
    stopped, bounded = (cell.outputs[0] for cell in notebook.cells[1:])
    assert stopped["metadata"]["streamwidget"]["status"] == "stopped"
    assert bounded["metadata"]["streamwidget"]["status"] == "streaming"
    assert "The last state known" in bounded["data"]["text/plain"]


WAITS = """
import threading
go = threading.Event()
def waits(emit):
    emit.text("the first words, ")
    go.wait(20)
    emit.text("and the last")
"""


def test_an_error_that_ends_the_notebook_stops_the_runs_of_its_cell() -> None:
    for shown in ("view", "StreamBoard([view, StreamView(waits, title='Other')])"):
        notebook = nbformat.v4.new_notebook()
        cell = f"{HEADLESS_VIEW}{WAITS}view = StreamView(waits, title='Cut')\ndisplay({shown})\n1/0"
        notebook.cells = [nbformat.v4.new_code_cell(cell)]
        with pytest.raises(CellExecutionError):
            NotebookClient(notebook, timeout=WAIT_S, kernel_name="python3").execute()
        record, error = notebook.cells[0].outputs
        assert error["ename"] == "ZeroDivisionError"
        assert record["metadata"]["streamwidget"]["status"] == "stopped"
        assert "Stopped by an error in the notebook" in record["data"]["text/plain"]


def test_a_cell_whose_error_is_allowed_waits_as_others_do() -> None:
    notebook = executed(
        f"{WAITS}threading.Timer(0.5, go.set).start()\nv = StreamView(waits)\ndisplay(v)\n1/0",
        "print(v.status)",
        allow_errors=True,
    )
    assert "and the last" in notebook.cells[1].outputs[0]["data"]["text/plain"]
    assert notebook.cells[2].outputs[0]["text"] == "finished\n"


def test_a_run_that_ends_in_a_later_cell_is_recorded_in_its_own() -> None:
    notebook = executed(
        f"{WAITS}view = StreamView(waits, max_time=0.1)\nview",
        "StreamBoard([view], max_time=0.1)",
        "go.set()\nview._run.finished.wait(20)",
    )
    for cell in notebook.cells[1:3]:
        (output,) = cell.outputs
        assert output["metadata"]["streamwidget"]["status"] == "finished"
        assert "and the last" in output["data"]["text/plain"]


def test_a_headless_run_with_its_widget_has_the_whole_text_in_its_state() -> None:
    text = "日本 👩‍🚀 token " * 50
    notebook = executed(f"v = StreamView([{text!r}], title='Headless', persist='widget')\nv")
    output = notebook.cells[1].outputs[0]["data"]
    # The words beside a widget are those of the moment: the record, or how far a live run is.
    assert output["text/plain"].removeprefix("### ").startswith("Headless\n")
    states = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    model = output["application/vnd.jupyter.widget-view+json"]["model_id"]
    snapshot = states[model]["state"]["snapshot"]
    assert snapshot["status"]["state"] == "finished"
    assert snapshot["parts"][0]["text"] == text


@pytest.mark.parametrize(
    ("request_", "headless"),
    [
        ({"content": {"allow_stdin": False}, "metadata": {}}, True),
        ({"content": {"allow_stdin": True}, "metadata": {}}, False),
        ({"content": {"allow_stdin": False}, "metadata": {"cellId": "a"}}, False),
        ({"content": {}, "metadata": {}}, False),
        ({}, False),
    ],
    ids=["program", "console", "server-side execution", "odd", "no cell"],
)
def test_who_executes_a_cell_is_known_by_its_request(
    request_: dict[str, Any], headless: bool
) -> None:
    assert refuses_input(request_) is headless


PRODUCERS = """
def producer(name):
    producers.append(name)
    try:
        while True:
            yield "x"
            time.sleep(0.005)
    finally:
        producers.remove(name)

def settled(count):
    "Waits until no more than `count` producers are left."
    end = time.monotonic() + 60
    while len(producers) > count and time.monotonic() < end:
        time.sleep(0.005)
    return producers

producers = []
"""


def test_a_hundred_runs_of_a_cell_leave_one_producer(kernel: Kernel) -> None:
    kernel.run(PRODUCERS)
    for _ in range(100):
        _, trace = kernel.run("display(StreamView(producer('again')))")
        assert not trace
    assert kernel.run("print(settled(1), len(StreamView.live()))")[0] == "['again'] 1\n"
    kernel.run("StreamView.live().stop()")
    assert kernel.run("print(settled(0))")[0] == "[]\n"


@pytest.mark.parametrize(
    "make",
    [
        "from ipywidgets import interactive; shown = interactive(show, x=(0, 9))\n"
        "control = shown.children[0]",
        "from ipywidgets import IntSlider, interactive_output; control = IntSlider(5)\n"
        "shown = interactive_output(show, {'x': control})",
    ],
    ids=["interactive", "interactive_output"],
)
def test_three_moves_of_interact_leave_one_producer(kernel: Kernel, make: str) -> None:
    kernel.run(PRODUCERS + "def show(x): display(StreamView(producer(x)), StreamView([]))")
    made = f"{make}  # interact"
    assert not kernel.run(made)[1]
    for x in (1, 2, 3):
        assert not kernel.run(f"control.value = {x}")[1]
    assert kernel.run("print(settled(1))")[0] == "[3]\n"
    assert not kernel.run(made)[1]  # the cell runs again: a new control, at 4 or 5
    assert kernel.run("print(settled(1) != [3], len(producers))")[0] == "True 1\n"
    kernel.run("StreamView.live().stop()")
    assert kernel.run("print(settled(0))")[0] == "[]\n"


JOB = """
import sys, warnings
from IPython.display import HTML, clear_output, display
from matplotlib import pyplot

def shown(view):
    "The parts of a view that has ended: their kind, and their text or MIME types."
    view.wait()
    return [
        (part.kind, part.text or sorted(part.fields.get("data", ())), part.fields.get("stream"))
        for part in view.document.parts
    ]
"""


def test_a_job_shows_what_it_displays_and_its_cell_shows_nothing_of_it(kernel: Kernel) -> None:
    kernel.run(JOB)
    printed, trace = kernel.run(
        """
def job():
    print("before")
    display(HTML("<b>table</b>"))
    pyplot.plot([1, 2])
    pyplot.show()
    warnings.warn("old")
    handle = display("first", display_id=True)
    handle.update("second")
    for count in range(3):
        clear_output(wait=True)
        display(count)
    print("after")

view = StreamView(job, capture=True)
for part in shown(view): print(part)
"""
    )
    assert not trace
    lines = printed.splitlines()
    assert lines[0] == "('text', 'before\\n', None)"
    assert "'artifact', ['text/html', 'text/plain']" in lines[1]
    assert "'image/png'" in lines[2]
    assert "UserWarning: old" in lines[3]
    assert lines[3].endswith("'stderr')")
    assert lines[4:6] == ["('artifact', ['text/plain'], None)"] * 2
    assert lines[6:] == ["('text', 'after\\n', None)"]
    plain = "[p.fields['data']['text/plain'] for p in view.document.parts if p.kind == 'artifact']"
    assert kernel.run(f"print({plain}[2:])")[0] == "[\"'second'\", '2']\n"


def test_bars_of_rich_and_tqdm_are_in_the_view(kernel: Kernel) -> None:
    printed, trace = kernel.run(
        """
def job():
    from rich.progress import track
    from tqdm import tqdm
    for _ in track(range(20), description="working"): time.sleep(0.01)
    for epoch in tqdm(range(40), desc="epochs"):
        for _ in tqdm(range(10), desc=f"epoch {epoch}", leave=False): pass

view = StreamView(job, capture=True)
view.wait()
for part in view.document.parts: print(part.kind, part.fields.get("data") or part.fields["message"])
"""
    )
    assert not trace
    lines = printed.splitlines()
    assert [line.split()[0] for line in lines] == ["artifact", "progress", "progress"]
    assert "working" in lines[0]
    assert "100%" in lines[0]


def test_a_cell_prints_and_displays_as_ever_while_a_job_captures(kernel: Kernel) -> None:
    kernel.run(JOB)
    code = """
go = threading.Event()
def job():
    print("job begins")
    threading.Thread(target=lambda: display("from a thread")).start()
    go.wait(60)
    print("job ends")

view = StreamView(job, capture=True)
while "begins" not in view.text: time.sleep(0.001)
print("cell")
print("error", file=sys.stderr)
sys.stdout.flush()
"""
    printed, trace = kernel.run(code)
    assert not trace
    assert sorted(printed.splitlines()) == ["cell", "error"]
    printed, trace = kernel.run("print('next'); go.set(); print(shown(view))")
    assert printed == ("next\n[('text', \"job begins\\n'from a thread'\\njob ends\\n\", None)]\n")
    assert kernel.run("print(type(sys.stdout).__name__, threading.Thread.start.__module__)")[0] == (
        "OutStream threading\n"
    )


def test_a_cell_becomes_a_job(kernel: Kernel) -> None:
    kernel.run(JOB + "%load_ext streamwidget")
    printed, trace = kernel.run(
        "%%stream job\nprint('one')\nx = 41\nimport time\ntime.sleep(0.1)\nx + 1"
    )
    assert (printed, trace) == ("", [])
    assert kernel.run("print(shown(job), x)")[0] == ("[('text', 'one\\n42\\n', None)] 41\n")
    _, trace = kernel.run("%%stream job\n1 / 0")
    assert not trace
    assert "ZeroDivisionError" in kernel.run("job.wait(); print(job.error)")[0]
    _, trace = kernel.run("%%stream --nothing\n1")
    assert "does not take '--nothing'" in trace[-1]


def test_bars_outside_of_a_job_are_in_a_view_of_the_cell(kernel: Kernel) -> None:
    _, trace = kernel.run(
        """
from streamwidget import tqdm, trange
for _ in trange(3, desc="outer"):
    for _ in tqdm(range(2), desc="inner"):
        pass
from streamwidget import progress_bars
bars = progress_bars._cell[1]
"""
    )
    assert not trace
    assert (
        kernel.run("print(bars.status, [p.fields['label'] for p in bars.document.parts])")[0]
        == "finished ['outer', 'inner']\n"
    )
