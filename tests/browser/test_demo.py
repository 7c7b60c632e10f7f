"""`python -m streamwidget.demo` as a person starts it."""

from __future__ import annotations

import signal
import subprocess
import sys
from urllib.request import urlopen

from lab.notebook import poll


def answers(address: str) -> bool:
    try:
        return urlopen(address, timeout=60).status == 200
    except OSError:
        return False


def test_the_demo_opens_its_notebooks_and_ends_all_it_started() -> None:
    command = [sys.executable, "-m", "streamwidget.demo"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    assert process.stdout is not None
    try:
        addresses = [process.stdout.readline().split()[-1] for _ in range(3)]
        job, tour, server = addresses
        assert "02_research_job" in job
        assert "01_quickstart" in tour
        for address in (job, tour, f"{server}/connections"):
            poll(lambda address=address: answers(address))
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert "Stopping the demo." in output
    assert not [address for address in (job, server) if answers(address)]
