"""Starts the demo server and JupyterLab on the quick start; Ctrl-C or SIGTERM ends both.

JupyterLab keeps its default security: the printed address carries its token. Both programs run in
process groups of their own, and only those groups are ended.
"""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
NOTEBOOK = "01_quickstart.ipynb"
START_TIMEOUT_S = 60.0
END_TIMEOUT_S = 8.0
ADDRESS = re.compile(r"https?://[^\s'\"]+")


class Program:
    """One program in its own process group, whose output is read line by line."""

    def __init__(self, *command: str, **environment: str) -> None:
        self.name = " ".join(command[:2])
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        assert self._process.stdout is not None
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()

    def _read(self, output: IO[str]) -> None:
        for line in output:
            self._lines.put(line)
        self._lines.put(None)

    def address(self, marker: str) -> str:
        """The first address in its output with `marker` in it; ends the demo if there is none."""
        seen = []
        deadline = time.monotonic() + START_TIMEOUT_S
        while (line := self._next(deadline)) is not None:
            seen.append(line)
            for found in ADDRESS.findall(line):
                if marker in found:
                    return found
        sys.exit(f"demo: {self.name} gave no address:\n{''.join(seen[-20:])}")

    def _next(self, deadline: float) -> str | None:
        try:
            return self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None

    def last_words(self) -> str:
        """What it wrote since it was last read."""
        return "".join(line or "" for line in self._lines.queue)

    def running(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Asks the whole group to end, and kills what is left of it after 8 s."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(END_TIMEOUT_S)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell's background job ignores the latter
        signal.signal(number, interrupt)
    programs: list[Program] = []
    try:
        run(programs)
    except KeyboardInterrupt:
        print("\ndemo: ending", flush=True)
    finally:
        # A second Ctrl-C must not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for program in reversed(programs):
            program.end()
    return 0


def run(programs: list[Program]) -> None:
    server = Program("streamwidget.demo", "--port", "0")
    programs.append(server)
    demo_url = server.address("127.0.0.1").rstrip("/.")
    lab = Program(
        "jupyterlab",
        *("--no-browser", f"--ServerApp.root_dir={ROOT / 'notebooks'}"),
        *(f"--LabApp.default_url=/lab/tree/{NOTEBOOK}", *allow_root()),
        STREAMWIDGET_DEMO_URL=demo_url,
    )
    programs.append(lab)
    address = lab.address("token=")
    print(f"\n  Quick start   {address}\n  Demo server   {demo_url}\n", flush=True)
    print("  Ctrl-C ends both.", flush=True)
    while all(program.running() for program in programs):
        time.sleep(0.2)
    for program in programs:
        if not program.running():
            sys.exit(f"demo: {program.name} ended by itself:\n{program.last_words()}")


def allow_root() -> list[str]:
    """JupyterLab refuses to run as root unless told; containers know nobody else."""
    return ["--allow-root"] if os.name == "posix" and os.geteuid() == 0 else []


if __name__ == "__main__":
    sys.exit(main())
