"""`python -m streamwidget URL | FILE | -- COMMAND`: watch a stream in the terminal.

Exit code: 0 finished, 1 failed, 2 wrong arguments, 3 incomplete, 130 stopped, 141 output closed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from .errors import UsageError
from .formats.pipeline import check_format
from .io.source import Source
from .run import Run, StopCause, begin
from .run.journaling import start_journal
from .sources.iterators import iterable_source
from .sources.process import process
from .sources.replay import replay_source
from .sources.resolve import resolve
from .terminal import Printer, SplitScreen, print_jsonl, screen_for

CHUNK_BYTES = 65_536
RECORDING = b'{"streamwidget":'
"""The first bytes of a journal, and of a file of `to_jsonl`."""
_BINARY = getattr(os, "O_BINARY", 0)
STOPPED = 130
"""The exit code that shells report for a program ended by Ctrl-C."""
OUTPUT_CLOSED = 141
"""The exit code that shells report for a program that wrote into a closed pipe."""
_CLOSING_S = 5.0
"""How long the program waits for the source to close once its output is lost."""
EXIT_CODES = {"finished": 0, "failed": 1, "incomplete": 3, "stopped": STOPPED}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command: list[str] = []
    if "--" in given:
        at = given.index("--")
        given, command = given[:at], given[at + 1 :]
    parser = _parser()
    options = parser.parse_args(given)
    if (options.source is None) == (not command):
        parser.error("pass a URL, a file, or -- and a command")
    try:
        check_format(options.format)
        source = process(command) if command else _source(options.source)
    except UsageError as error:
        parser.error(error.message)
    return _watch(source, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m streamwidget",
        description="Shows a stream in the terminal as it arrives. Ctrl-C stops it.",
        usage="%(prog)s [options] URL | FILE | -- COMMAND",
    )
    parser.add_argument("source", nargs="?", help="a URL, a recorded stream, or - for stdin")
    parser.add_argument("--format", default="auto", help="format of the stream; auto detects it")
    parser.add_argument("--title", help="title of the run")
    parser.add_argument("--journal", type=Path, help="file that the run is recorded in")
    parser.add_argument("--jsonl", action="store_true", help="print the events as lines of JSON")
    return parser


def _source(text: str) -> Source:
    if text == "-":
        return iterable_source(_chunks(None), "stdin")
    if "://" in text:
        return resolve(text)
    path = Path(text)
    if not path.is_file():
        raise UsageError(f"There is no file {text!r}. A URL begins with https://.")
    with path.open("rb") as file:
        is_recording = file.read(len(RECORDING)) == RECORDING
    if is_recording:
        return replay_source(path, None)
    return iterable_source(_chunks(path), path.name)


def _chunks(path: Path | None) -> Iterator[bytes]:
    """Yield the bytes of a file as they arrive; of standard input if `path` is None."""
    descriptor = sys.stdin.fileno() if path is None else os.open(path, os.O_RDONLY | _BINARY)
    try:
        while chunk := os.read(descriptor, CHUNK_BYTES):
            yield chunk
    finally:
        if path is not None:
            os.close(descriptor)


def _watch(source: Source, options: argparse.Namespace) -> int:
    run = Run()
    _stop_at_interrupt(run)
    begin(run, source, format=options.format)
    title = options.title or str(run.document.run.get("source") or "Stream")
    run.title = title
    journal = start_journal(run, options.journal, title=title)
    code = _print(run, title, as_jsonl=options.jsonl)
    if journal is not None:
        journal.flush()
        if journal.error:
            _complain(journal.error)
    return EXIT_CODES.get(run.status, STOPPED) if code is None else code


def _stop_at_interrupt(run: Run) -> None:
    """Make the first Ctrl-C stop `run`; the second does not wait for the source."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return  # interrupts are ignored, as in a shell's background, or the caller handles them

    def interrupted(_: int, __: object) -> None:
        # No exception: in the middle of a line it would lose the line, or print it twice.
        if not run.request_stop():
            raise KeyboardInterrupt

    with contextlib.suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, interrupted)


def _print(run: Run, title: str, *, as_jsonl: bool) -> int | None:
    """Print until `run` has ended; return the exit code if the printing ended before it."""
    try:
        if as_jsonl:
            print_jsonl(run, title, sys.stdout.buffer)
        else:
            _printer(run, title).follow()
    except KeyboardInterrupt:
        run.request_stop()
        return STOPPED
    except OSError as error:
        return _output_lost(run, error)
    return None


def _output_lost(run: Run, error: OSError) -> int:
    """Stop the run, which can no longer be printed, and return the exit code."""
    run.request_stop(by=StopCause("output"))
    with contextlib.suppress(KeyboardInterrupt):
        run.finished.wait(_CLOSING_S)
    _discard(sys.stdout)
    if isinstance(error, BrokenPipeError):
        _discard(sys.stderr)  # it may be the same pipe
        return OUTPUT_CLOSED
    _complain(f"The output cannot be written: {error.strerror or error}.")
    return EXIT_CODES["failed"]


def _discard(stream: TextIO) -> None:
    """Redirect `stream` to the null device, so that Python's exit does not report another error."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _complain(sentence: str) -> None:
    try:
        print(f"streamwidget: {sentence}", file=sys.stderr, flush=True)
    except OSError:
        _discard(sys.stderr)


def _printer(run: Run, title: str) -> Printer:
    out = sys.stdout
    screen = screen_for(out) if out.isatty() else SplitScreen(out, screen_for(sys.stderr))
    return Printer(run, screen, title)


if __name__ == "__main__":
    sys.exit(main())
