"""What a job prints, logs, warns and draws lands in its own view, in order."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ipywidgets
import pytest
from tqdm import tqdm as their_tqdm

from streamwidget import Emitter, Limits, StreamView
from unit.waiting import WAIT_S, until

THREAD_START = threading.Thread.start
POOL_SUBMIT = ThreadPoolExecutor.submit


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    before = sys.stdout, sys.stderr
    yield
    assert (sys.stdout, sys.stderr) == before
    assert threading.Thread.start is THREAD_START
    assert ThreadPoolExecutor.submit is POOL_SUBMIT
    ipywidgets.Widget.close_all()


def capturing(job: Any, **options: Any) -> StreamView:
    return StreamView(job, capture=True, **options)


def ended(job: Any, status: str = "finished") -> StreamView:
    view = capturing(job)
    view.wait(WAIT_S)
    assert view.status == status, view.error
    return view


def parts(view: StreamView) -> list[tuple[str, str, object]]:
    """Kind, text and stream of each part; the stream is `plain` for standard output."""
    return [
        (
            part.kind,
            part.text,
            part.fields.get("stream") or ("plain" if part.fields.get("plain") else None),
        )
        for part in view.document.parts
    ]


def test_prints_are_plain_text_and_keep_their_order_among_the_calls_of_the_emitter() -> None:
    def job(emit: Emitter) -> None:
        print("one")
        emit.text("**two**")
        print("three", end="")
        emit.text("four")
        print("five")
        print("six", file=sys.stderr)
        emit.progress(1, 2)
        print("seven")

    assert parts(ended(job)) == [
        ("text", "one\n", "plain"),
        ("text", "**two**", None),
        ("text", "three", "plain"),
        ("text", "four", None),
        ("text", "five\n", "plain"),
        ("text", "six\n", "stderr"),
        ("progress", "", None),
        ("text", "seven\n", "plain"),
    ]


def test_prints_belong_to_the_step_that_they_are_in() -> None:
    def job(emit: Emitter) -> None:
        with emit.step("Searching"):
            print("inside")
        print("outside")

    shown = [(part.text, part.fields.get("step_id")) for part in ended(job).document.parts]
    step_id = ended(job).document.parts[0].id
    assert shown == [("", None), ("inside\n", step_id), ("outside\n", None)]


def prints() -> None:
    print("hello")


def generates() -> Iterator[str]:
    print("hello")
    yield ""


async def awaits() -> None:
    await asyncio.sleep(0)
    print("hello")


async def generates_async() -> AsyncIterator[str]:
    await asyncio.sleep(0)
    print("hello")
    yield ""


def in_a_thread() -> None:
    thread = threading.Thread(target=prints)
    thread.start()
    thread.join()


def in_a_pool() -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(prints).result()


async def in_tasks() -> None:
    await asyncio.gather(awaits())


async def in_a_worker() -> None:
    await asyncio.to_thread(prints)


def in_a_timer() -> None:
    timer = threading.Timer(0, prints)
    timer.start()
    timer.join()


def by_stdout() -> None:
    sys.stdout.writelines(["he", "llo\n"])


@pytest.mark.parametrize(
    "job",
    [
        prints,
        generates,
        generates(),
        awaits,
        awaits(),
        generates_async,
        in_a_thread,
        in_a_pool,
        in_tasks,
        in_a_worker,
        in_a_timer,
        by_stdout,
    ],
    ids=lambda job: getattr(job, "__name__", ""),
)
def test_whatever_runs_in_the_job_is_captured(job: Any, capsys: Any) -> None:
    assert ended(job).text == "hello\n"
    assert capsys.readouterr().out == ""


def test_without_capture_nothing_is(capsys: Any) -> None:
    view = StreamView(lambda emit: print("hello"))
    view.wait(WAIT_S)
    assert (view.text, capsys.readouterr().out) == ("", "hello\n")


def test_others_print_where_they_always_do(capsys: Any) -> None:
    """Threads from before, other jobs, and the cell itself, while a job captures."""
    began, go = threading.Event(), threading.Event()

    def job() -> None:
        print("job")
        began.set()
        go.wait(WAIT_S)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(prints).result()
        view = capturing(job)
        assert began.wait(WAIT_S)
        other = StreamView(lambda emit: print("other"))
        other.wait(WAIT_S)
        print("cell")
        pool.submit(prints).result()
        in_a_thread()
        go.set()
        view.wait(WAIT_S)
    assert view.text == "job\n"
    assert capsys.readouterr().out == "hello\nother\ncell\nhello\nhello\n"


def test_a_pool_that_a_job_shares_prints_for_whoever_submits(capsys: Any) -> None:
    began, go = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:

        def job() -> None:
            pool.submit(prints).result()
            began.set()
            go.wait(WAIT_S)

        view = capturing(job)
        assert began.wait(WAIT_S)
        pool.submit(print, "cell").result()  # on the thread that the job has started
        go.set()
        view.wait(WAIT_S)
        pool.submit(print, "later").result()
    assert view.text == "hello\n"
    assert capsys.readouterr().out == "cell\nlater\n"


def test_a_line_is_shown_while_the_job_is_silent() -> None:
    go = threading.Event()

    def job() -> None:
        print("line")
        print("begun ", end="")
        go.wait(WAIT_S)
        print("done")

    view = capturing(job)
    text = ""
    for event in view:
        text += getattr(event, "text", "")
        if text == "line\nbegun ":
            go.set()
    assert (text, view.status) == ("line\nbegun done\n", "finished")


def test_logging_is_captured_as_python_writes_it(capsys: Any) -> None:
    logger = logging.getLogger("captured")
    logger.propagate = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)

    def job() -> None:
        logger.warning("careful")
        print("out")

    try:
        view = ended(job)
        assert handler.stream is sys.stderr
        logger.warning("outside")
    finally:
        logger.removeHandler(handler)
    assert parts(view) == [
        ("text", "WARNING careful\n", "stderr"),
        ("text", "out\n", "plain"),
    ]
    assert capsys.readouterr().err == "WARNING outside\n"


def test_secrets_in_lines_of_standard_error_are_hidden() -> None:
    def job() -> None:
        print("GET https://api.example/v1?api_key=s3cret-value", file=sys.stderr)

    assert "s3cret" not in ended(job).text
    assert "api.example" in ended(job).text


def test_text_without_line_ends_is_shown_while_it_grows() -> None:
    go = threading.Event()

    def job() -> None:
        while not go.is_set():
            print(".", end="")
            time.sleep(0.001)

    view = capturing(job)
    for event in view:
        if getattr(event, "text", ""):
            go.set()
    assert set(view.text) == {"."}


def test_the_lines_of_many_threads_stay_whole_and_in_order() -> None:
    """Fifty threads in five jobs, beside a cell that prints too."""
    lines, threads = 400, 10

    def job(name: int) -> Callable[[], None]:
        def work(number: int) -> None:
            for line in range(lines):
                print(name, number, line)

        def run() -> None:
            workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()

        return run

    cell = io.StringIO()
    with contextlib.redirect_stdout(cell):
        views = [capturing(job(name)) for name in range(5)]
        for line in range(lines):
            print("cell", line)
        for view in views:
            view.wait(WAIT_S)
    assert cell.getvalue() == "".join(f"cell {line}\n" for line in range(lines))
    for name, view in enumerate(views):
        written = view.text.splitlines()
        assert len(written) == lines * threads
        for number in range(threads):
            own = [line for line in written if line.startswith(f"{name} {number} ")]
            assert own == [f"{name} {number} {line}" for line in range(lines)]


def test_a_stop_ends_a_job_at_its_next_print_and_lets_it_clean_up() -> None:
    began, cleaned = threading.Event(), []

    def job() -> None:
        try:
            while True:
                print("x")
                began.set()
                time.sleep(0.001)
        finally:
            print("closing")
            cleaned.append(True)

    view = capturing(job)
    assert began.wait(WAIT_S)
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"
    assert cleaned
    assert view.text.endswith("x\nclosing\n")


def test_a_stop_ends_the_threads_of_a_job_without_a_traceback(capsys: Any) -> None:
    began = threading.Event()

    def endless() -> None:
        while True:
            print("x")
            began.set()
            time.sleep(0.001)

    def job() -> None:
        worker = threading.Thread(target=endless)
        worker.start()
        worker.join()

    view = capturing(job)
    assert began.wait(WAIT_S)
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"
    assert set(view.text) == {"x", "\n"}
    assert capsys.readouterr().err == ""


def test_a_pause_holds_a_job_at_its_next_print() -> None:
    count = 0

    def job() -> None:
        nonlocal count
        while True:
            count += 1
            print(count)
            time.sleep(0.001)

    view = capturing(job)
    assert next(iter(view))
    while view.status != "streaming":
        time.sleep(0.001)
    view.pause()
    held = -1
    end = time.monotonic() + WAIT_S
    while held != count and time.monotonic() < end:
        held = count
        time.sleep(0.2)
    assert view.status == "paused"
    view.resume()
    while count < held + 3 and time.monotonic() < end:
        time.sleep(0.001)
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"


def test_too_much_output_fails_the_run_and_keeps_what_came() -> None:
    def job() -> None:
        for line in range(1_000_000):
            print("line", line)

    view = capturing(job, limits=Limits(document_chars=100_000))
    view.wait(WAIT_S)
    assert view.status == "failed"
    assert "document_chars" in str(view.error)
    assert view.text.startswith("line 0\nline 1\n")


def test_an_error_comes_after_what_was_printed_before_it() -> None:
    def job() -> None:
        print("before", end="")
        raise ValueError("broken")

    kinds = [(kind, text) for kind, text, _ in parts(ended(job, "failed"))]
    assert kinds == [("text", "before"), ("error", "")]


def test_bars_of_tqdm_become_progress() -> None:
    def job() -> None:
        for _ in their_tqdm(range(3), desc="outer", mininterval=0):
            for _ in their_tqdm(range(50), desc="inner", leave=False, mininterval=0):
                pass

    view = ended(job)
    bars = [part.fields for part in view.document.parts if part.kind == "progress"]
    assert [(bar["message"], bar["completed"], bar["total"]) for bar in bars][:1] == [
        ("outer", 3, 3)
    ]
    assert len(bars) == 2
    assert "\r" not in view.text


def test_colours_are_dropped_and_hostile_sequences_do_nothing() -> None:
    def job() -> None:
        print("\x1b[31mred\x1b[0m \x1b]8;;https://x.example\x07link\x1b]8;;\x07 <b>&amp;</b>")
        print("half \ud800 character")

    assert ended(job).text == "red link <b>&amp;</b>\nhalf \ufffd character\n"


def test_whole_lines_below_a_bar_are_shown_at_once() -> None:
    go = threading.Event()

    def job() -> None:
        print("\r 10%|#  | 1/10 [0:1]\r 20%|## | 2/10 [0:1]\nwhole line")
        go.wait(WAIT_S)

    view = capturing(job)
    until(lambda: "whole line" in view.text)
    go.set()
    assert view.wait(WAIT_S).status == "finished"


def test_the_streams_keep_what_else_they_can_do() -> None:
    began, go = threading.Event(), threading.Event()

    def job() -> None:
        began.set()
        go.wait(WAIT_S)

    before = sys.stdout.encoding, sys.stdout.isatty()
    view = capturing(job)
    assert began.wait(WAIT_S)
    assert (sys.stdout.encoding, sys.stdout.isatty()) == before
    go.set()
    view.wait(WAIT_S)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_prints_where_it_always_does(capfd: Any) -> None:
    def job() -> None:
        print("job")
        child = multiprocessing.get_context("fork").Process(target=prints)
        child.start()
        child.join()

    assert ended(job).text == "job\n"
    assert capfd.readouterr().out == "hello\n"


def test_a_retry_captures_again() -> None:
    view = ended(prints)
    view.retry()
    view.wait(WAIT_S)
    assert view.text == "hello\n"


def test_a_recorded_run_replays_its_output(tmp_path: Any) -> None:
    def job() -> None:
        print("out")
        print("err", file=sys.stderr)

    view = capturing(job, journal=tmp_path / "run.jsonl")
    view.wait(WAIT_S)
    for path in (tmp_path / "run.jsonl", tmp_path / "events.jsonl"):
        view.to_jsonl(tmp_path / "events.jsonl")
        again = StreamView.replay(path, speed=None)
        again.wait(WAIT_S)
        assert (
            parts(again)
            == parts(view)
            == [
                ("text", "out\n", "plain"),
                ("text", "err\n", "stderr"),
            ]
        )
    assert "```\nout\n```" in view.to_markdown()
