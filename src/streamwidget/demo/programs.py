"""Starts the demo server and JupyterLab on the example notebooks; Ctrl-C or SIGTERM ends both.

JupyterLab keeps its default security: the printed address carries its token. Both programs run in
process groups of their own, and only those groups are ended.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

from ..errors import UsageError

INSTALLED = Path(__file__).with_name("notebooks")
CHECKOUT = Path(__file__).parents[3] / "notebooks"
JOB = "02_research_job.ipynb"
TOUR = "01_quickstart.ipynb"
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
        """The first address in its output with `marker` in it; a UsageError if there is none."""
        seen = []
        deadline = time.monotonic() + START_TIMEOUT_S
        while (line := self._next(deadline)) is not None:
            seen.append(line)
            for found in ADDRESS.finditer(line):
                if marker in found[0]:
                    return str(found[0])
        raise UsageError(f"{self.name} gave no address:\n{''.join(seen[-20:])}")

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


def run_notebooks(host: str, port: int) -> None:
    """Runs the demo server at `host` and `port`, and JupyterLab, until Ctrl-C or SIGTERM.

    In a checkout the notebooks are the checkout's; else JupyterLab has a copy that goes with it.

    Raises:
        UsageError: one of the two did not start, or ended by itself.
    """
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell's background job ignores the latter
        signal.signal(number, _interrupt)
    programs: list[Program] = []
    with tempfile.TemporaryDirectory(prefix="streamwidget-") as copy:
        try:
            _run(programs, _notebooks(Path(copy)), host, port)
        except KeyboardInterrupt:
            print("\ndemo: ending", flush=True)
        finally:
            # A second Ctrl-C must not leave half of it running.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for program in reversed(programs):
                program.end()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _notebooks(copy: Path) -> Path:
    """Where JupyterLab finds the notebooks; a copy in `copy` of those that are installed."""
    if not INSTALLED.is_dir():
        return CHECKOUT
    shutil.copytree(INSTALLED, copy, dirs_exist_ok=True)
    return copy


def _run(programs: list[Program], notebooks: Path, host: str, port: int) -> None:
    server = Program("streamwidget.demo", "--server", "--host", host, "--port", str(port))
    programs.append(server)
    demo_url = server.address("http").rstrip("/.")
    lab = Program(
        "jupyterlab",
        *("--no-browser", f"--ServerApp.root_dir={notebooks}"),
        *(f"--LabApp.default_url=/lab/tree/{JOB}", *_allow_root()),
        STREAMWIDGET_DEMO_URL=demo_url,
    )
    programs.append(lab)
    address = lab.address("token=")
    shown = {
        "The research job": address,
        "The quick start": address.replace(JOB, TOUR),
        "Demo server": demo_url,
    }
    for name, where in shown.items():
        print(f"  {name:<17} {where}", flush=True)
    print("  Ctrl-C ends all of it.", flush=True)
    while all(program.running() for program in programs):
        time.sleep(0.2)
    for program in programs:
        if not program.running():
            raise UsageError(f"{program.name} ended by itself:\n{program.last_words()}")


def _allow_root() -> list[str]:
    """JupyterLab refuses to run as root unless told; containers know nobody else."""
    return ["--allow-root"] if os.name == "posix" and os.geteuid() == 0 else []
