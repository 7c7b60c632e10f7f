"""A run in a terminal, a script and a pipe: tidy, harmless, and with an exit code."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streamwidget import Emitter, StreamView
from streamwidget.events import (
    LogLine,
    Progress,
    TextDelta,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)
from streamwidget.terminal import Printer
from streamwidget.terminal.screens import PlainScreen, RichScreen, SplitScreen
from streamwidget.terminal.transcript import Piece, Transcript, harmless
from unit.waiting import WAIT_S

ESCAPES = re.compile(r"\x1b\[[\d;?]*[a-zA-Z]")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def job(emit: Emitter) -> None:
    emit.text("The answer\nis blue.")
    with emit.step("Search") as step:
        step.text("inside")
        emit.progress(12, total=12, unit="papers")
    emit.rows("papers", [{"title": f"Paper {n}", "year": n} for n in range(12)])
    for n in (3, 1, 2):
        emit.metric("loss", n)
    emit.notice("mind the gap", "warning")
    emit.value("verdict", {"blue": True})


def printed(source: object, screen: PlainScreen | RichScreen | SplitScreen) -> None:
    view = StreamView(source, title="Review")
    Printer(view._run, screen, "Review").follow()


WANTED = """The answer
is blue.
> Search
"""


def test_a_run_is_printed_as_tidy_lines() -> None:
    out = io.StringIO()
    printed(job, PlainScreen(out, colors=False))
    text = out.getvalue()
    assert text.startswith(WANTED)
    for line in ("papers (the first 10 of 12 rows)", "Paper 0     0", "… 2 more rows",
                 "loss: last 2, least 1, greatest 3", "warning: mind the gap",
                 'verdict = {"blue": true}'):  # fmt: skip
        assert re.search(rf"^ *{re.escape(line)}$", text, re.M), (line, text)
    assert text.splitlines()[-1].startswith("Review: Finished: ")


def test_a_bar_that_finished_is_one_line_and_leaves_the_status() -> None:
    def tracked(emit: Emitter) -> None:
        for _ in emit.track(range(20), desc="papers"):
            pass

    out = io.StringIO()
    printed(tracked, PlainScreen(out, colors=False))
    assert out.getvalue().count("papers: 20 of 20\n") == 1
    transcript = Transcript()
    pieces = [
        transcript.feed(Progress("p", completed, 3, label="papers"))
        for completed in (1, 3, 3, 2, 3)
    ]
    status, line = Piece("", "status"), Piece("papers: 3 of 3", "quiet")
    assert pieces[1:3] == [[status, line], []]
    assert pieces[3][0].text == "papers: 2 of 3"
    assert pieces[4] == [status, line]


def test_rich_shows_the_same_lines_and_leaves_no_status_behind() -> None:
    plain, rich = io.StringIO(), Terminal()
    printed(job, PlainScreen(plain, colors=False))
    printed(job, RichScreen(rich))
    shown = ESCAPES.sub("", rich.getvalue())
    for line in plain.getvalue().splitlines()[:-1]:
        assert line in shown, line


def test_a_pipe_gets_the_text_alone() -> None:
    text, rest = io.StringIO(), io.StringIO()
    printed(job, SplitScreen(text, PlainScreen(rest, colors=False)))
    assert text.getvalue() == "The answer\nis blue.\ninside\n"
    assert "warning: mind the gap" in rest.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x1b]0;title\x07x", "[2J]0;titlex"),
        ("a\rb\r\nc\td", "a\nb\nc\td"),
        ("\x9b31mred\x08\x7f", "31mred"),
        ("\u202etxt", "\\u202etxt"),
    ],
)
def test_nothing_that_streams_controls_the_terminal(text: str, shown: str) -> None:
    assert harmless(text) == shown
    transcript = Transcript()
    for event in (
        TextDelta("t", text),
        LogLine(text),
        ToolCallStart("c", text),
        ToolCallDelta("c", text),
        ToolCallEnd("c"),
    ):
        for piece in transcript.feed(event):
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", piece.text)


def program(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "streamwidget", *arguments],
        input=stdin, capture_output=True, timeout=WAIT_S, check=False,
    )  # fmt: skip


PRINT = "import sys; print('one'); print('two'); sys.exit(int(sys.argv[1]))"


@pytest.mark.parametrize(("code", "status"), [("0", 0), ("3", 1)])
def test_the_exit_code_tells_how_a_command_ended(code: str, status: int) -> None:
    done = program("--", sys.executable, "-c", PRINT, code)
    assert done.returncode == status
    assert done.stdout == b"one\ntwo\n"
    assert (b"Finished" in done.stderr) == (status == 0)


def test_a_stream_without_its_end_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    chunk = {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": "x"}}],
    }
    path = tmp_path / "cut.sse"
    path.write_text(f"data: {json.dumps(chunk)}\n\n")
    assert program(str(path)).returncode == 3


def test_events_are_lines_of_json_and_can_be_shown_again(tmp_path: Path) -> None:
    done = program("--jsonl", "-", stdin=b"plain words")
    path = tmp_path / "run.jsonl"
    path.write_bytes(done.stdout)
    assert all(json.loads(line) for line in done.stdout.splitlines())
    assert StreamView.replay(path, None).wait(timeout=WAIT_S).text == "plain words"
    assert program(str(path)).stdout == b"plain words\n"


def test_a_run_is_recorded_in_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    assert program("--journal", str(path), "-", stdin=b"plain words").returncode == 0
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[0]["title"]
    assert "end" in lines[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-file"],
        ["a", "--", "b"],
        ["--format", "no-such-format", "-"],
        ["ftp://example.org/x"],
    ],
)
def test_wrong_arguments_have_the_usual_exit_code(arguments: list[str]) -> None:
    assert program(*arguments).returncode == 2


LINES = "import itertools, time\nfor n in itertools.count(): print('line', n); time.sleep(0.01)"


def endless(
    *options: str, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "streamwidget", *options, "--", sys.executable, "-uc", LINES],
        stdout=stdout,
        stderr=stderr,
    )


@pytest.mark.parametrize("options", [[], ["--jsonl"]], ids=["text", "jsonl"])
def test_a_stop_prints_each_line_once(options: list[str]) -> None:
    with endless(*options) as child:
        assert child.stdout is not None
        first = b""
        while b"line 0" not in first:
            first += child.stdout.readline()
        child.send_signal(signal.SIGINT)
        shown = first + child.stdout.read()
        assert child.stderr is not None
        complaints = child.stderr.read()
        child.wait(WAIT_S)
    assert child.returncode == 130
    assert b"Traceback" not in complaints
    if not options:
        lines = shown.splitlines()
        assert lines == [b"line %d" % n for n in range(len(lines))]
        return
    events = [json.loads(line) for line in shown.splitlines()]
    assert sum("streamwidget" in event for event in events) == 1
    assert "".join(event.get("text", "") for event in events).count("line 0\n") == 1
    assert events[-1]["type"] == "run-end"


@pytest.mark.parametrize("options", [[], ["--jsonl"]], ids=["text", "jsonl"])
def test_a_closed_pipe_ends_the_run_quietly(tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "run.jsonl"
    with endless(*options, "--journal", str(path)) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        complaints = child.stderr.read()
        assert child.wait(WAIT_S) == 141
    assert b"Error" not in complaints
    end = json.loads(path.read_text("utf-8").splitlines()[-1])
    assert end["end"]["status"] == "stopped"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("options", [[], ["--jsonl"]], ids=["text", "jsonl"])
def test_a_full_disk_ends_the_run_with_one_sentence(options: list[str]) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    with endless(*options, stdout=full) as child:
        os.close(full)
        _, complaints = child.communicate(timeout=WAIT_S)
    assert child.returncode == 1
    lines = complaints.decode().splitlines()
    assert lines[-1] == "streamwidget: The output cannot be written: No space left on device."
    assert "Traceback" not in complaints.decode()


def test_json_lines_are_utf8_whatever_the_output_is() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streamwidget", "--jsonl", "-"],
        input="é 日".encode(), capture_output=True, timeout=WAIT_S, check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    events = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert "".join(event.get("text", "") for event in events) == "é 日"


def test_a_file_and_standard_input_have_their_own_names(tmp_path: Path) -> None:
    path = tmp_path / "answer.txt"
    path.write_text("plain words")
    for argument, name in ((str(path), "answer.txt"), ("-", "stdin")):
        head, start, *_ = program("--jsonl", argument, stdin=b"plain words").stdout.splitlines()
        assert json.loads(head)["title"] == name
        assert json.loads(start)["source"] == name


SCRIPT = """
import time
from streamwidget import StreamView
def job(emit):
    for n in range(4):
        time.sleep(0.05)
        emit.text(f"word{n} ")
    open("done", "w").close()
StreamView(job, title="In a script")
"""


def test_a_script_waits_for_its_runs_and_is_quiet_without_a_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        capture_output=True,
        timeout=WAIT_S,
        check=True,
    )
    assert (tmp_path / "done").exists()
    assert (done.stdout, done.stderr) == (b"", b"")


ENDS = """
import concurrent.futures, sys, threading, time
from streamwidget import StreamView
def job(emit):
    for n in range(10_000):
        emit.text(f"word{n} ")
        began.set()
        time.sleep(0.01)
def two(emit):
    began.set()
    for n in range(20):
        emit.text("a")
        time.sleep(0.01)
def on_end(result):
    for word in ("on_end", "got", result.status):
        print(word, flush=True)
        time.sleep(0.05)
began = threading.Event()
with concurrent.futures.ThreadPoolExecutor() as pool:
    pool.submit(int)
"""


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ("view = StreamView(job, on_end=on_end); began.wait(); view.stop()", "stopped"),
        ("view = StreamView(job, on_end=on_end); began.wait(); view.pause()", "stopped"),
        (
            "view = StreamView(two, on_end=on_end); began.wait(); view.pause()\n"
            "threading.Timer(0.5, view.resume).start()",
            "finished",
        ),
    ],
    ids=["stop", "pause", "pause and resume"],
)
def test_a_script_waits_for_on_end_and_not_for_a_pause_that_nothing_ends(
    last: str, status: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDS + last], capture_output=True, timeout=WAIT_S, check=True
    )
    assert done.stdout.decode().split() == ["on_end", "got", status]
    assert done.stderr == b""


@pytest.mark.parametrize(
    "last",
    [
        "view = StreamView(two)\nview.wait()\nview.retry()",
        "view = StreamView(two, on_end=lambda result: runs.append(1) or len(runs) < 2 and again())",
    ],
    ids=["last line", "when the first has ended"],
)
def test_a_script_waits_for_a_retry(last: str) -> None:
    code = f"""{ENDS}
runs, ends = [], []
def two(emit):
    emit.text("a")
    time.sleep(0.3)
    emit.text("b")
    print("end", flush=True)
def again():
    view.retry()
{last}"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=WAIT_S, check=True
    )
    assert done.stdout.decode().split() == ["end", "end"]
    assert done.stderr == b""


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_a_script_in_a_terminal_shows_its_run(tmp_path: Path, term: str) -> None:
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": term, "COLUMNS": "100"}
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, stdout=slave, stderr=slave, env=environment
    )
    os.close(slave)
    shown = b""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        try:
            data = os.read(master, 4096)
        except OSError:
            break  # the other end is closed
        shown += data
    os.close(master)
    assert child.wait(WAIT_S) == 0
    text = ESCAPES.sub("", shown.decode())
    assert "word0 word1 word2 word3" in text
    assert "In a script: Finished: 4 tokens" in text
