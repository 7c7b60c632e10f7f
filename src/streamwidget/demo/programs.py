"""Starts the demo server and JupyterLab with the example notebooks; Ctrl-C or SIGTERM ends both.

JupyterLab keeps its default security: the printed URL includes its token. Each program runs in a
new process group, and only these groups are ended.
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
        """Return the first URL in the output that contains `marker`.

        Raises:
            UsageError: there is none within `START_TIMEOUT_S`.
        """
        seen = []
        deadline = time.monotonic() + START_TIMEOUT_S
        while (line := self._next(deadline)) is not None:
            seen.append(line)
            for url in ADDRESS.finditer(line):
                if marker in url[0]:
                    return str(url[0])
        raise UsageError(f"{self.name} did not start. Its last output:\n{''.join(seen[-20:])}")

    def _next(self, deadline: float) -> str | None:
        try:
            return self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None

    def unread_output(self) -> str:
        """Return the output since the last read."""
        return "".join(line or "" for line in self._lines.queue)

    def running(self) -> bool:
        """True if the program has not ended."""
        return self._process.poll() is None

    def end(self) -> None:
        """Terminate the process group, and kill it if it is still running after 8 s."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(END_TIMEOUT_S)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue


def run_notebooks(host: str, port: int) -> None:
    """Run the demo server at `host` and `port`, and JupyterLab, until Ctrl-C or SIGTERM.

    In a checkout JupyterLab opens the notebooks themselves, else a temporary copy.

    Raises:
        UsageError: one of the two did not start, or has ended.
    """
    for number in (signal.SIGTERM, signal.SIGINT):  # background jobs of a shell ignore SIGINT
        signal.signal(number, _interrupt)
    programs: list[Program] = []
    with tempfile.TemporaryDirectory(prefix="streamwidget-") as copy:
        try:
            _run(programs, _notebooks(Path(copy)), host, port)
        except KeyboardInterrupt:
            print("\nStopping the demo.", flush=True)
        finally:
            # A second Ctrl-C must not leave one of them running.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for program in reversed(programs):
                program.end()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _notebooks(copy: Path) -> Path:
    """Return the folder of the notebooks; installed ones are copied to `copy`."""
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
    print("  Press Ctrl-C to stop.", flush=True)
    while all(program.running() for program in programs):
        time.sleep(0.2)
    for program in programs:
        if not program.running():
            raise UsageError(f"{program.name} has ended:\n{program.unread_output()}")


def _allow_root() -> list[str]:
    """Return the option that lets JupyterLab run as root, the only user of many containers."""
    return ["--allow-root"] if os.name == "posix" and os.geteuid() == 0 else []
