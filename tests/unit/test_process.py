"""Commands as sources: their output, their exit status, and that a stop leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from streamwidget import LimitError, Limits, Result, SourceError, UsageError, collect
from streamwidget.events import Event, Notice, Progress
from streamwidget.run import Run, begin
from streamwidget.run.waiting import wait
from streamwidget.sources.bars import Bars
from streamwidget.sources.base import Context
from streamwidget.sources.process import process

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")
WAIT_S = 10.0
CONTEXT = Context(
    new_id=lambda prefix: prefix,
    stop_requested=lambda: False,
    push=lambda events: None,
    continue_with=lambda source: None,
)


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def ran(code: str, **more: object) -> Result:
    return collect(process(python(code)), timeout_s=WAIT_S, **more)  # type: ignore[arg-type]


def until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.005)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def notices(result: Result) -> list[tuple[str, str]]:
    return [(e.level, e.message) for e in result.events if isinstance(e, Notice)]


def bars(result: Result) -> list[Progress]:
    return [event for event in result.events if isinstance(event, Progress)]


# --- what comes


def test_output_is_text() -> None:
    result = ran("print('日本 text'); print('more', end='')")
    assert (result.status, result.outcome, result.text) == (
        "finished",
        "complete",
        "日本 text\nmore",
    )
    assert result.error is None


def test_a_str_is_split_into_words_and_no_shell_reads_it() -> None:
    command = f"{sys.executable} -c 'import sys; print(sys.argv[1:])' \"a | b\" '|' $HOME"
    result = collect(process(command), timeout_s=WAIT_S)
    assert result.text == "['a | b', '|', '$HOME']\n"


def test_a_shell_runs_where_it_is_asked_for() -> None:
    assert collect(process("echo a b | tr a-z A-Z", shell=True), timeout_s=WAIT_S).text == "A B\n"


def test_lines_of_json_are_events_and_the_exit_status_is_their_end() -> None:
    code = (
        "import json\n"
        "for text in ('a', 'b'): print(json.dumps({'type': 'text', 'text': text}))\n"
        "print(json.dumps({'type': 'progress', 'completed': 1, 'total': 2}))"
    )
    result = ran(code)
    assert (result.status, result.outcome, result.text) == ("finished", "complete", "ab")
    assert [bar.completed for bar in bars(result)] == [1]


def test_an_end_marker_does_not_hide_a_bad_exit_status() -> None:
    result = ran('print(\'{"type": "text", "text": "a"}\\n{"type": "done"}\'); exit(4)')
    assert (result.status, result.text) == ("failed", "a")
    assert isinstance(result.error, SourceError)


def test_no_output_at_all_is_no_failure() -> None:
    assert ran("pass").outcome == "complete"


def test_standard_error_is_a_warning_for_each_line() -> None:
    result = ran("import sys; print('careful\\n\\nreally', file=sys.stderr); print('out')")
    assert notices(result) == [("warning", "careful"), ("warning", "really")]
    assert (result.status, result.text) == ("finished", "out\n")


def test_output_is_not_buffered_and_the_environment_and_folder_are_the_ones_given(
    tmp_path: Path,
) -> None:
    code = "import os, json; print(os.environ['PYTHONUNBUFFERED'], os.environ['A'], os.getcwd())"
    result = collect(process(python(code), cwd=tmp_path, env={"A": "b"}), timeout_s=WAIT_S)
    assert result.text == f"1 b {tmp_path.resolve()}\n"


def test_a_source_can_run_again_and_its_name_holds_no_argument() -> None:
    source = process(python("print('x')", "--token=secret"))
    assert source.name == Path(sys.executable).name
    assert collect(source).text == collect(source).text == "x\n"
    assert process("TOKEN=secret curl -H secret", shell=True).name == "curl"


# --- progress bars

TQDM = (
    "import sys\n"
    "for n in (0, 45, 100):\n"
    "    print(f'\\rtrain: {n:3}%|###  | {n}/100 [00:01<00:02, 30.1it/s]', end='', file=sys.{f})\n"
    "print(file=sys.{f}); print('after', file=sys.{f})\n"
)


@pytest.mark.parametrize("output", ["stderr", "stdout"])
def test_a_bar_is_one_progress_and_nothing_else_is_lost(output: str) -> None:
    result = ran(TQDM.replace("{f}", output))
    told = bars(result)
    last = told[-1]
    assert (last.completed, last.total, last.unit, last.message) == (100, 100, "it", "train")
    assert len({bar.part_id for bar in told}) == 1
    assert result.text == ("after\n" if output == "stdout" else "")
    assert notices(result) == ([("warning", "after")] if output == "stderr" else [])


def read(pieces: list[bytes]) -> tuple[bytes, list[tuple[float, float | None, str | None]]]:
    """Bytes that pass, and the last progress of each bar."""
    decoder = Bars(_ids())
    results = [result for piece in pieces for result in decoder.feed(piece)] + decoder.flush()
    last = {r.part_id: r for r in results if isinstance(r, Progress)}
    passed = b"".join(r for r in results if isinstance(r, bytes))
    return passed, [(bar.completed, bar.total, bar.message) for bar in last.values()]


def _ids() -> Callable[[str], str]:
    numbers = iter(range(1000))
    return lambda prefix: f"{prefix}{next(numbers)}"


BARS = {
    b"plain\ntext 45% of it\n": (b"plain\ntext 45% of it\n", []),
    b"\r  0%|  | 0/10\r 50%|# | 5/10 [00:01<00:01, 5it/s]\n": (b"", [(5, 10, None)]),
    b"\r 45%\r 46%\nend": (b"end", [(46, 100, None)]),
    b"\rGet: 45% (1 MB)\r    \rdone\n": (b"done\n", [(45, 100, "Get")]),
    b"\r1.5k/3k\r": (b"\r1.5k/3k\r", []),
    b"\r 50%|# | 1.50k/3.00k [00:01<00:01, 2.00kB/s]\n": (b"", [(1500, 3000, None)]),
    b"\r45it [00:01, 30.1it/s]\n": (b"", [(45, None, None)]),
    b"\r45it [9" + b"9" * 400 + b"\n": (b"\r45it [9" + b"9" * 400 + b"\n", []),
    b"a\r\nb\r\n": (b"a\r\nb\r\n", []),
    b"spin -\rspin |\rspin /\n": (b"spin -\rspin |\rspin /\n", []),
    b"\r100%|##| 2/2 [0]\n\r 50%|# | 1/2 [0]\n": (b"", [(2, 2, None), (1, 2, None)]),
    b"Load: \r 99%\nx": (b"Load: \nx", [(99, 100, None)]),
    "\répoque: 50%|█▌ | 1/2 [0]\n日".encode(): ("日".encode(), [(1, 2, "époque")]),
}


@pytest.mark.parametrize("given", BARS, ids=repr)
def test_bars_are_taken_out_wherever_the_bytes_were_cut(given: bytes) -> None:
    assert read([given]) == BARS[given]
    for cut in range(1, len(given)):
        assert read([given[:cut], given[cut:]]) == BARS[given], f"cut at {cut}"
    assert read([given[n : n + 1] for n in range(len(given))]) == BARS[given]


# --- how it ends


def test_a_bad_exit_status_keeps_what_came_and_tells_the_last_of_standard_error() -> None:
    result = ran(
        "import sys; print('half'); print('x' * 3000 + ' no disk', file=sys.stderr); exit(3)"
    )
    assert (result.status, result.outcome, result.text) == ("failed", "failed", "half\n")
    assert isinstance(result.error, SourceError)
    assert "exit status 3" in result.error.message
    assert result.error.detail is not None
    assert result.error.detail.endswith(" no disk\n")
    assert len(result.error.detail) == 2000


def test_a_signal_is_named() -> None:
    result = ran("import os; print('half'); os.kill(os.getpid(), 9)")
    assert isinstance(result.error, SourceError)
    assert "SIGKILL" in result.error.message
    assert result.text == "half\n"


def test_a_command_that_cannot_be_started_is_told_in_a_sentence(tmp_path: Path) -> None:
    error = collect(process(["no-such-program-of-ours", "--token=secret"])).error
    assert isinstance(error, SourceError)
    assert "no-such-program-of-ours was not found" in error.message
    assert "secret" not in error.message
    error = collect(process(python("pass"), cwd=tmp_path / "no")).error
    assert error is not None
    assert "folder" in error.message


@pytest.mark.parametrize("command", ["", [], "ls | wc", "echo 'open"])
def test_a_command_that_makes_no_sense_is_the_callers(command: str | list[str]) -> None:
    with pytest.raises(UsageError):
        process(command)


@pytest.mark.parametrize("output", ["stdout", "stderr"])
def test_a_line_without_end_passes_a_bound_and_ends_the_command(output: str) -> None:
    code = f"import os, sys\nprint(os.getpid())\nwhile True: sys.{output}.write('x' * 1000)"
    result = ran(code, limits=Limits(record_bytes=10_000))
    assert isinstance(result.error, LimitError)
    assert "record_bytes" in result.error.message
    pid = int(result.text.split("\n")[0])
    until(lambda: not is_alive(pid), "the command goes on")


def test_more_output_than_is_read_at_once_arrives_whole() -> None:
    result = ran("import sys\nfor n in range(60000): sys.stdout.write(f'{n:99}\\n')")
    assert len(result.text) == 6_000_000
    assert result.text.endswith("59999\n")


# --- stop

FAMILY = """
import json, os, signal, subprocess, sys, time
if {deaf}:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(json.dumps([os.getpid(), child.pid]))
time.sleep(600)
"""


def begun(code: str) -> tuple[Run, list[int]]:
    run = Run()
    begin(run, process(python(code), format="text"))
    until(lambda: run.document.text.endswith("\n"), "the command does not begin")
    return run, json.loads(run.document.text)


@pytest.mark.parametrize("deaf", [False, True], ids=["", "that ignores SIGTERM"])
def test_a_stop_ends_the_whole_group(deaf: bool) -> None:
    run, pids = begun(FAMILY.replace("{deaf}", str(deaf)))
    assert all(map(is_alive, pids))
    started = time.monotonic()
    run.request_stop()
    result = wait(run, WAIT_S)
    assert (time.monotonic() - started < 0.9) is not deaf, "SIGKILL comes after 1 s, if it must"
    assert (result.status, result.text) == ("stopped", f"{json.dumps(pids)}\n"), "partial kept"
    assert run.sentence is not None
    assert "the process was closed" in run.sentence
    for pid in pids:
        until(lambda pid=pid: not is_alive(pid), "something of the group is left")  # type: ignore[misc]


def test_a_stop_lets_the_command_clean_up() -> None:
    code = (
        "import json, os, signal, time\n"
        "def clean(*_): print('cleaned', flush=True); raise SystemExit\n"
        "signal.signal(signal.SIGTERM, clean)\n"
        "print(json.dumps([os.getpid()]))\n"
        "time.sleep(600)"
    )
    run, pids = begun(code)
    started = time.monotonic()
    run.request_stop()
    assert wait(run, WAIT_S).status == "stopped"
    assert time.monotonic() - started < 0.9, "nobody waited for SIGKILL"
    assert not is_alive(pids[0])


def test_what_a_finished_command_left_in_the_background_goes_on() -> None:
    code = (
        "import subprocess, sys\n"
        "null = subprocess.DEVNULL\n"
        "code = 'import time; time.sleep(600)'\n"
        "print(subprocess.Popen([sys.executable, '-c', code], stdout=null, stderr=null).pid)"
    )
    result = ran(code)
    pid = int(result.text)
    try:
        assert result.outcome == "complete"
        assert is_alive(pid)
    finally:
        os.kill(pid, signal.SIGKILL)


def kinds(events: tuple[Event, ...]) -> list[str]:
    return [event.type for event in events]


def test_the_end_comes_last() -> None:
    assert kinds(ran("print('x')").events)[-2:] == ["text-end", "run-end"]


def test_a_stop_ends_a_command_whose_output_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamwidget.sources.child.TERM_WAIT_S", WAIT_S)
    pids: list[int] = []

    async def read() -> None:
        code = (
            "import os, sys; print(os.getpid())\n"
            "while True: sys.stdout.write('x' * 100 + '\\n'); sys.stderr.write('y' * 100 + '\\n')"
        )
        stream = process(python(code), format="text").stream(CONTEXT)
        async for events in stream:
            text = "".join(event.text for event in events if event.type == "text-delta")
            pids.append(int(text.split("\n")[0]))
            break
        await asyncio.sleep(0.3)  # the pipes fill up; none of it is needed for the test to hold
        started = time.monotonic()
        await stream.aclose()  # type: ignore[attr-defined]
        assert time.monotonic() - started < WAIT_S, "it did not end by SIGTERM"

    asyncio.run(read())
    assert not is_alive(pids[0])


def test_a_loop_that_goes_down_takes_the_command_with_it() -> None:
    pids: list[int] = []

    async def read() -> None:
        code = "import os, time; print(os.getpid()); time.sleep(600)"
        source = process(python(code), format="text")
        async for events in source.stream(CONTEXT):
            pids.extend(int(event.text) for event in events if event.type == "text-delta")

    async def main() -> asyncio.Task[None]:
        task = asyncio.create_task(read())
        while not pids:
            await asyncio.sleep(0.005)
        return task  # still running: asyncio.run cancels it

    asyncio.run(main())
    assert not is_alive(pids[0])


def test_a_kernel_that_exits_takes_the_command_with_it() -> None:
    code = (
        "import sys, time\n"
        "from streamwidget.run import Run, begin\n"
        "from streamwidget.sources.process import process\n"
        "child = 'import os, time; print(os.getpid()); time.sleep(600)'\n"
        "run = Run()\n"
        "begin(run, process([sys.executable, '-c', child], format='text'))\n"
        "while not run.document.text.endswith('\\n'): time.sleep(0.005)\n"
        "print(run.document.text)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(python(code), env=env, capture_output=True, timeout=WAIT_S, check=True)
    pid = int(told.stdout)
    until(lambda: not is_alive(pid), "the command outlives its kernel")
