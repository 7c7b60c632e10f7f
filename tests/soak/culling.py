"""A silent run without a page keeps its kernel, and a kernel without a run is culled as it should.

    python tests/soak/culling.py [--minutes 3] [--cull 90]

Starts a real Jupyter Server that culls idle kernels, and in it two kernels without a client: one
is idle, the other runs a silent job. The exit code is 0 if the first is culled while the job lives,
and the second after the job has ended.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from jupyter_client.blocking import BlockingKernelClient

from lab import Lab
from lab.notebook import poll

START_S = 120.0
SILENT_JOB = """
import dataclasses, time
from pathlib import Path
from streamwidget import StreamView
from streamwidget.widget.publisher import publisher
publisher().pace = dataclasses.replace(publisher().pace, **{pace})
def silent(emit):
    while not Path({go!r}).exists():
        time.sleep(0.05)
view = StreamView(silent, title="Silent")
view
"""


class Kernels:
    """Kernels of one server that culls them, none of which has a client."""

    def __init__(self, work: Path, cull_s: float) -> None:
        self.cull_s = cull_s
        arguments = [
            f"--MappingKernelManager.cull_idle_timeout={round(cull_s)}",
            f"--MappingKernelManager.cull_interval={max(1, round(cull_s / 8))}",
        ]
        self.lab = Lab(work / "lab", server_args=arguments)

    def start(self, code: str) -> str:
        """Start a kernel, run one cell in it, leave it, and return its id."""
        kernel_id = str(self.lab.api("kernels", "POST", {"name": "python3"})["id"])
        folder = self.lab.work / "runtime"
        client = BlockingKernelClient(connection_file=str(folder / f"kernel-{kernel_id}.json"))
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=START_S)
            reply = client.execute_interactive(code, timeout=START_S, output_hook=lambda _: None)
        finally:
            client.stop_channels()
        assert reply["content"]["status"] == "ok", reply["content"]
        return kernel_id

    def alive(self) -> list[str]:
        """Return the ids of the kernels that have not been culled."""
        kernels: list[dict[str, Any]] = self.lab.api("kernels")
        return [str(kernel["id"]) for kernel in kernels]


def watch(
    work: Path,
    *,
    cull_s: float,
    silent_s: float,
    pace: dict[str, float],
    note: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Run both kernels; return what was wrong, a sentence each."""
    kernels, go, problems = Kernels(work, cull_s), work / "go", list[str]()
    with kernels.lab:
        silent = kernels.start(SILENT_JOB.format(pace=pace, go=str(go)))
        began = time.monotonic()
        idle = kernels.start("1 + 1")

        def idle_is_culled() -> bool:
            if silent not in kernels.alive():
                problems.append(f"The silent run lost its kernel within {passed(began)}.")
            return bool(problems) or idle not in kernels.alive()

        def silence_is_over() -> bool:
            if silent not in kernels.alive():
                problems.append(f"The silent run lost its kernel after {passed(began)}.")
            return bool(problems) or time.monotonic() - began >= silent_s

        poll(idle_is_culled, timeout_s=START_S + 10 * cull_s, every_s=cull_s / 20)
        note(f"the idle kernel was culled after {passed(began)}")
        if not problems:
            poll(silence_is_over, timeout_s=START_S + 2 * silent_s, every_s=cull_s / 20)
            note(f"the silent run had its kernel for {passed(began)}")
        go.touch()
        ended = time.monotonic()
        if not problems:
            culled = lambda: silent not in kernels.alive()  # noqa: E731
            poll(culled, timeout_s=START_S + 10 * cull_s, every_s=cull_s / 20)
            note(f"its kernel was culled {passed(ended)} after the end")
    return problems


def passed(since: float) -> str:
    """Return the time since `since`, on the monotonic clock."""
    return f"{time.monotonic() - since:.0f} s"


def main() -> int:
    """Run it with the intervals of a real server."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3.0, help="of silence")
    parser.add_argument("--cull", type=float, default=90.0, help="cull_idle_timeout, in seconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="culling-") as folder:
        problems = watch(
            Path(folder), cull_s=options.cull, silent_s=60 * options.minutes, pace={}, note=print
        )
    print("\n".join(problems) or "the silent run was kept, and the idle kernels were culled")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
