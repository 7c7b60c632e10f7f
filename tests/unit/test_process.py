"""Commands as sources: their output, their exit status, and that a stop leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streamwidget import LimitError, Limits, Result, SourceError, UsageError, collect
from streamwidget.events import Event, LogLine, Notice, Progress
from streamwidget.io.source import Context
from streamwidget.run import Run, begin
from streamwidget.run.waiting import wait
from streamwidget.sources.child import TERM_WAIT_S
from streamwidget.sources.process import NOTICES_COUNT, process
from unit.waiting import WAIT_S, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")
CONTEXT = Context(
    new_id=lambda prefix: prefix,
    stop_requested=lambda: False,
    push=lambda events: None,
    continue_with=lambda source: None,
)


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def ran(code: str, **more: object) -> Result:
    return collect(process(python(code)), timeout=WAIT_S, **more)  # type: ignore[arg-type]


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


# --- output


def test_output_is_text() -> None:
    result = ran("print('日本 text'); print('more', end='')")
    assert (result.status, result.text) == (
        "finished",
        "日本 text\nmore",
    )
    assert result.error is None


def test_a_str_is_split_into_words_and_no_shell_reads_it() -> None:
    command = f"{sys.executable} -c 'import sys; print(sys.argv[1:])' \"a | b\" '|' $HOME"
    result = collect(process(command), timeout=WAIT_S)
    assert result.text == "['a | b', '|', '$HOME']\n"


def test_a_shell_runs_if_shell_is_true() -> None:
    assert collect(process("echo a b | tr a-z A-Z", shell=True), timeout=WAIT_S).text == "A B\n"


def test_lines_of_json_are_events_and_the_exit_status_is_their_end() -> None:
    code = (
        "import json\n"
        "for text in ('a', 'b'): print(json.dumps({'type': 'text', 'text': text}))\n"
        "print(json.dumps({'type': 'progress', 'completed': 1, 'total': 2}))"
    )
    result = ran(code)
    assert (result.status, result.text) == ("finished", "ab")
    assert [bar.completed for bar in bars(result)] == [1]


def test_an_end_marker_does_not_hide_a_bad_exit_status() -> None:
    result = ran('print(\'{"type": "text", "text": "a"}\\n{"type": "done"}\'); exit(4)')
    assert (result.status, result.text) == ("failed", "a")
    assert isinstance(result.error, SourceError)


def test_a_command_without_output_succeeds() -> None:
    assert ran("pass").status == "finished"


def test_standard_error_is_a_warning_for_each_line() -> None:
    result = ran("import sys; print('careful\\n\\nreally', file=sys.stderr); print('out')")
    assert notices(result) == [("warning", "careful"), ("warning", "really")]
    assert (result.status, result.text) == ("finished", "out\n")


def test_a_flood_on_standard_error_is_some_notices_and_one_log() -> None:
    count = 20_000
    result = ran(f"import sys\nfor n in range({count}): print('line', n, file=sys.stderr)")
    logged = [event.message for event in result.events if isinstance(event, LogLine)]
    assert len(notices(result)) == NOTICES_COUNT
    assert len(logged) == count - NOTICES_COUNT
    assert logged[-1] == f"line {count - 1}"
    assert len(result.document.parts) == NOTICES_COUNT + 1, (
        "the page gets one part for all other lines"
    )


def test_text_without_a_line_end_is_shown_while_the_command_runs() -> None:
    code = "import sys, time; sys.stdout.write('thinking'); sys.stdout.flush(); time.sleep(600)"
    run = Run()
    begin(run, process(python(code)))
    until(lambda: run.document.text == "thinking", "a line without end is held back")
    run.request_stop()
    wait(run, WAIT_S)


@pytest.mark.parametrize("output", ["stdout", "stderr"])
def test_no_escape_sequence_reaches_the_text_or_a_notice(output: str) -> None:
    text = (
        "\x1b[1;31mFAILED\x1b[0m a\n\x1b]8;;https://a.test\x1b\\link\x1b]8;;\x1b\\ \x1b(Bend\n"
        "\x1b]52;c;c2VjcmV0\x07\x1b[38:2::1:2:3mcolour\x1b[m N\x08NA\x08A\n"
    )
    result = ran(f"import sys; sys.{output}.write({text!r})")
    lines = ["FAILED a", "link end", "colour NA"]
    if output == "stdout":
        assert result.text.splitlines() == lines
    else:
        assert [message for _, message in notices(result)] == lines


def test_output_is_not_buffered_and_environment_and_folder_are_passed_on(
    tmp_path: Path,
) -> None:
    code = "import os, json; print(os.environ['PYTHONUNBUFFERED'], os.environ['A'], os.getcwd())"
    result = collect(process(python(code), cwd=tmp_path, env={"A": "b"}), timeout=WAIT_S)
    assert result.text == f"1 b {tmp_path.resolve()}\n"


def test_a_source_can_run_again_and_its_name_holds_no_argument() -> None:
    source = process(python("print('x')", "--token=secret"))
    assert source.name == Path(sys.executable).name
    assert collect(source).text == collect(source).text == "x\n"


SECRET_COMMANDS = {
    'AUTH="Bearer SECRET" true': "true",
    "AUTH='Bearer SECRET' A=b /usr/bin/true --x": "true",
    "TOKEN=SECRET curl -H SECRET": "curl",
    'curl -H "Authorization: Bearer SECRET" https://a.test': "curl",
    "curl -u user:SECRET https://a.test": "curl",
    "wget https://user:SECRET@a.test/x?token=SECRET": "wget",
    "env TOKEN=SECRET tool --token SECRET": "tool",
    "export TOKEN=SECRET; tool": "tool",
    "AUTH=$(echo SECRET SECRET) tool": "command",
    "AUTH=`echo SECRET SECRET` tool": "command",
    "AUTH='Bearer SECRET": "command",
    "https://user:SECRET@a.test/x?token=SECRET": "command",
    "$(cat SECRET) x": "command",
    "SECRET=a": "command",
}


@pytest.mark.parametrize("command", SECRET_COMMANDS)
def test_the_name_of_a_shell_command_holds_no_credential(command: str) -> None:
    name = process(command, shell=True).name
    assert name == SECRET_COMMANDS[command]
    assert "SECRET" not in name


def test_the_title_of_a_run_holds_no_credential() -> None:
    result = collect(process('AUTH="Bearer SECRET" true', shell=True), timeout=WAIT_S)
    assert "SECRET" not in repr(result.events)


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
    progress = bars(result)
    last = progress[-1]
    assert (last.completed, last.total, last.unit, last.message) == (100, 100, "it", "train")
    assert len({bar.part_id for bar in progress}) == 1
    assert result.text == ("after\n" if output == "stdout" else "")
    assert notices(result) == ([("warning", "after")] if output == "stderr" else [])


# --- how it ends


def test_a_bad_exit_status_keeps_the_output_and_the_last_of_standard_error() -> None:
    result = ran(
        "import sys; print('half'); print('x' * 3000 + ' no disk', file=sys.stderr); exit(3)"
    )
    assert (result.status, result.text) == ("failed", "half\n")
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


def test_a_command_that_cannot_be_started_is_explained_in_a_sentence(tmp_path: Path) -> None:
    error = collect(process(["no-such-program-of-ours", "--token=secret"])).error
    assert isinstance(error, SourceError)
    assert "no-such-program-of-ours was not found" in error.message
    assert "secret" not in error.message
    error = collect(process(python("pass"), cwd=tmp_path / "no")).error
    assert error is not None
    assert "folder" in error.message


@pytest.mark.parametrize("command", ["", [], "ls | wc", "echo 'open"])
def test_a_command_that_cannot_be_read_is_a_usage_error(command: str | list[str]) -> None:
    with pytest.raises(UsageError):
        process(command)


@pytest.mark.parametrize("output", ["stdout", "stderr"])
def test_a_line_without_end_passes_a_bound_and_ends_the_command(output: str) -> None:
    code = f"import os, sys\nprint(os.getpid())\nwhile True: sys.{output}.write('x' * 1000)"
    result = ran(code, limits=Limits(record_bytes=10_000))
    assert isinstance(result.error, LimitError)
    assert "record_bytes" in result.error.message
    pid = int(result.text.split("\n")[0])
    until(lambda: not is_alive(pid), "the command still runs")


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
    run = Run(limits=Limits(close_timeout_s=WAIT_S))
    begin(run, process(python(code), format="text"))
    until(lambda: run.document.text.endswith("\n"), "the command does not begin")
    return run, json.loads(run.document.text)


@pytest.mark.parametrize("deaf", [False, True], ids=["", "that ignores SIGTERM"])
def test_a_stop_ends_the_whole_group(deaf: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not deaf:
        monkeypatch.setattr("streamwidget.sources.child.TERM_WAIT_S", 2 * WAIT_S)
    run, pids = begun(FAMILY.replace("{deaf}", str(deaf)))
    assert all(map(is_alive, pids))
    started = time.monotonic()
    run.request_stop()
    result = wait(run, WAIT_S)
    assert not deaf or time.monotonic() - started >= TERM_WAIT_S, "SIGKILL comes last"
    assert (result.status, result.text) == ("stopped", f"{json.dumps(pids)}\n"), "partial kept"
    assert run.summary is not None
    assert "the process was closed" in run.summary
    for pid in pids:
        until(lambda pid=pid: not is_alive(pid), "something of the group is left")  # type: ignore[misc]


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc to find it in")
@pytest.mark.parametrize("parent", ["that is alive", "that has ended"])
def test_a_stop_ends_a_grandchild_in_a_session_of_its_own(parent: str) -> None:
    keeper = (
        "import subprocess, sys; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
        " start_new_session=True); print([child.pid], flush=True)"
    )
    code = keeper + "; import time; time.sleep(600)"
    if parent == "that has ended":
        code = (
            f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {keeper!r}]); "
            "time.sleep(600)"
        )
    run, pids = begun(code)
    run.request_stop()
    assert wait(run, WAIT_S).status == "stopped", "the stop waits for the grandchild"
    until(lambda: not is_alive(pids[0]), "the grandchild survives")


def test_a_stop_lets_the_command_clean_up(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import json, os, signal, time\n"
        "def clean(*_): print('cleaned', flush=True); raise SystemExit\n"
        "signal.signal(signal.SIGTERM, clean)\n"
        "print(json.dumps([os.getpid()]))\n"
        "time.sleep(600)"
    )
    monkeypatch.setattr("streamwidget.sources.child.TERM_WAIT_S", 2 * WAIT_S)
    run, pids = begun(code)
    run.request_stop()
    assert wait(run, WAIT_S).status == "stopped", "nobody waits for SIGKILL"
    assert not is_alive(pids[0])


def test_what_a_finished_command_left_in_the_background_keeps_running() -> None:
    code = (
        "import subprocess, sys\n"
        "null = subprocess.DEVNULL\n"
        "code = 'import time; time.sleep(600)'\n"
        "print(subprocess.Popen([sys.executable, '-c', code], stdout=null, stderr=null).pid)"
    )
    result = ran(code)
    pid = int(result.text)
    try:
        assert result.status == "finished"
        assert is_alive(pid)
    finally:
        os.kill(pid, signal.SIGKILL)


def kinds(events: tuple[Event, ...]) -> list[str]:
    return [event.type for event in events]


def test_the_end_comes_last() -> None:
    assert kinds(ran("print('x')").events)[-2:] == ["text-end", "run-end"]


def test_a_stop_ends_a_command_whose_output_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamwidget.sources.child.TERM_WAIT_S", 2 * WAIT_S)
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


def test_a_loop_that_is_closed_takes_the_command_with_it() -> None:
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
    finished = subprocess.run(
        python(code), env=env, capture_output=True, timeout=WAIT_S, check=True
    )
    pid = int(finished.stdout)
    until(lambda: not is_alive(pid), "the command outlives its kernel")
