"""A program that says its address, and is ended with the context. Knows processes only."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_TIMEOUT_S = 120.0
END_TIMEOUT_S = 60.0
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@contextmanager
def address_of(module: str, *arguments: str, log: Path, cwd: Path | None = None) -> Iterator[str]:
    """Runs `python -m module` in `cwd` (None: here); the first address in what it writes, without
    a slash at the end.

    Raises:
        RuntimeError: it ended or 120 s passed without one; the message has what it wrote to `log`.
    """
    with log.open("wb") as output:  # a pipe that nobody reads would block it in the end
        program = subprocess.Popen(
            [sys.executable, "-u", "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
        )
    try:
        yield _address(program, log)
    finally:
        program.terminate()
        program.wait(END_TIMEOUT_S)


def _address(program: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not (found := ADDRESS.search(log.read_text(errors="replace"))):
        if program.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{program.args} gave no address:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)
    return found.group()
