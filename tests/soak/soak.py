"""A long stream with a fault every ten seconds: nothing is lost, and nothing is left behind.

    python tests/soak/soak.py [--minutes 15] [--rate 200] [--every 10] [--fixed-mmap] [--json FILE]

Streams tokens over HTTP into a real JupyterLab. In turn the page is reloaded, its socket cut, a
second tab opened, the source dropped, and the page slowed down. At the end the text of the page, of
the kernel and of the server must be equal, the kernel's memory must have grown by at most `GROWTH`
times what the source sent, and threads, sockets and listeners must be as before.

Part of that growth can be memory that glibc's malloc has free and does not return to the system:
its growth is printed as `malloc_free_growth`. With `--fixed-mmap` the kernel's malloc returns every
large block when it is freed, so that the growth is what is in use. ARCHITECTURE.md has the numbers.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "browser")]

from scene import Scene, Tab  # noqa: E402

from lab import Chromium, Lab  # noqa: E402
from soak.token_server import TokenServer, text_of  # noqa: E402

GROWTH = 1.5
"""Most growth of the kernel's memory, as a multiple of what the source sent."""
LISTENERS = 1.1
"""Most listeners of the page at the end, as a multiple of those before: JupyterLab's own vary."""
BEHIND_S = 120.0
"""How long a page may take to show what the kernel has, beside other work on the machine."""
WARM_UP_TOKENS = 2000
STREAM = """
from streamwidget import http
def stream(url):
    return StreamView(http(url, resume="last-event-id"), title="Soak", markdown=False)
"""
FREE = """
import gc
view.close()
del view, _
gc.collect()
"""
KERNEL = """
import ctypes, json, threading
class MallocInfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks",
        "uordblks", "fordblks", "keepcost")]
def malloc_free_bytes():
    mallinfo2 = getattr(ctypes.CDLL(None), "mallinfo2", None)  # glibc 2.33 and later
    if mallinfo2 is None:
        return None
    mallinfo2.restype = MallocInfo
    return mallinfo2().fordblks
names = [thread.name for thread in threading.enumerate()]
threads = sorted(name for name in names if not name.startswith("subshell-"))
print(json.dumps([threads, malloc_free_bytes()]))
"""
"""Prints the threads without subshells, and what malloc has free. JupyterLab has a subshell for
each page, and leaves that of a page that was reloaded."""
FIXED_MMAP = {"MALLOC_MMAP_THRESHOLD_": "131072"}
"""glibc's initial threshold in bytes. Setting it keeps malloc from raising it: larger blocks always
have their own mapping, which is returned when they are freed."""


@dataclass(frozen=True, slots=True)
class Left:
    """Memory and objects in the kernel and the page."""

    memory_bytes: int
    malloc_free_bytes: int | None
    """What malloc has free in the kernel, also pages that it has returned; None: not known."""
    threads: tuple[str, ...]
    """Names of Python's threads, without the kernel's subshells."""
    sockets: int
    listeners: int


class Soak:
    """One notebook, streamed into and disturbed."""

    def __init__(self, lab: Lab, chromium: Chromium) -> None:
        self.lab, self.chromium = lab, chromium
        self.scene = Scene(
            lab, chromium, "soak.ipynb", (STREAM, "0", FREE, KERNEL), kernel="python3"
        )
        self.scene.run(1)
        self.turn: Iterator[Callable[[], None]] = itertools.cycle(
            [self.reload, self.cut_socket, self.second_tab, self.drop_source, self.slow_page]
        )
        self.server: TokenServer | None = None
        self.faults = 0

    def begin(self, server: TokenServer) -> None:
        """Show the stream of `server`."""
        self.server = server
        self._set_cell(2, f"view = stream({server.url!r})\nview")
        self.scene.run(2)
        self.scene.wait_views()

    def end(self) -> None:
        """Close the view, and let the page draw what is left."""
        self.scene.run(3)
        self._set_cell(2, "0")
        self.scene.run(2)
        self.scene.notebook.wait_for("() => document.querySelectorAll('.sw-view').length === 0")

    def left(self) -> Left:
        """Measure the kernel and the page."""
        self.scene.run(4)
        threads, malloc_free_bytes = json.loads(self.scene.notebook.output_text(4))
        process = self.scene.notebook.kernel_process()
        session = self.scene.page.context.new_cdp_session(self.scene.page)
        session.send("HeapProfiler.collectGarbage")
        counters = session.send("Memory.getDOMCounters")
        session.detach()
        return Left(
            memory_bytes=process.memory_info().rss,
            malloc_free_bytes=malloc_free_bytes,
            threads=tuple(threads),
            sockets=len(process.net_connections()),
            listeners=counters["jsEventListeners"],
        )

    def memory_mb(self) -> float:
        """Return the memory of the kernel."""
        return float(self.scene.notebook.kernel_process().memory_info().rss) / 1e6

    def passes(self, seconds: float) -> bool:
        """Let time pass; False as soon as the run has ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.scene.state() == "finished":
                return False
            self.scene.page.wait_for_timeout(200)
        return True

    # --- faults

    def disturb(self) -> str:
        """Cause the next fault, wait until the page is right again, and return its name."""
        fault = next(self.turn)
        fault()
        self.faults += 1
        shown = len(self.scene.text())
        self.scene.notebook.wait_for(
            "(shown) => document.querySelector('.sw-view')?.dataset.state === 'finished'"
            " || document.querySelector('.sw-view .sw-part[data-kind=text]')"
            "?.textContent.length > shown",
            shown,
            timeout_s=BEHIND_S,
        )
        return fault.__name__

    def reload(self) -> None:
        """Reload the page."""
        self.scene.notebook.save()
        self.scene.notebook.reload()
        self.scene.wait_views()

    def cut_socket(self) -> None:
        """Cut the page's line to the server, without a closing handshake."""
        assert self.lab.proxy is not None
        self.lab.proxy.cut()

    def second_tab(self) -> None:
        """Open the notebook in another tab, and close that when it shows the stream."""
        other: Tab = self.scene.second_tab()
        other.wait_views()
        other.page.close(run_before_unload=False)
        self.scene.page.bring_to_front()

    def drop_source(self) -> None:
        """Drop the connection that the kernel reads."""
        assert self.server is not None
        self.server.drop()

    def slow_page(self) -> None:
        """Give the page a tenth of its processor time for a while."""
        session = self.scene.page.context.new_cdp_session(self.scene.page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 10})
        self.scene.page.wait_for_timeout(3000)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        session.detach()

    def _set_cell(self, index: int, code: str) -> None:
        self.scene.notebook.focus_cell(index)
        self.scene.page.keyboard.press("Control+A")
        self.scene.page.keyboard.insert_text(code)


def soak(
    work: Path,
    *,
    minutes: float,
    rate: float,
    every_s: float,
    environment: Mapping[str, str],
    note: Callable[[str], None],
) -> dict[str, Any]:
    """Return what was measured, with `problems`: what was wrong, a sentence each."""
    count = round(minutes * 60 * rate)
    shutil.copy(Path(__file__).parents[1] / "browser" / "kernel_side.py", work)
    with (
        Lab(work / "lab", proxy=True, environment=environment) as lab,
        Chromium() as chromium,
        TokenServer(WARM_UP_TOKENS, rate) as small,
        TokenServer(count, rate) as server,
    ):
        shutil.copy(work / "kernel_side.py", lab.root)
        run = Soak(lab, chromium)
        run.begin(small)
        run.scene.wait_state("finished")
        run.end()
        before = run.left()
        note(f"before: {before}")
        run.begin(server)
        began = time.monotonic()
        while run.passes(every_s):
            name = run.disturb()
            note(f"{time.monotonic() - began:6.0f} s {name:12} {run.memory_mb():.1f} MB")
        run.scene.wait_state("finished", timeout_s=BEHIND_S)
        facts = run.scene.kernel_report()
        during = run.left()
        sha1 = hashlib.sha1(text_of(count).encode()).hexdigest()
        page_sha1 = hashlib.sha1(run.scene.text().encode()).hexdigest()
        run.end()
        after = run.left()
        sent = server.sent_bytes
        grown = during.memory_bytes - before.memory_bytes
        measured = {
            "minutes": minutes,
            "tokens": count,
            "faults": run.faults,
            "connections": server.connections_count,
            "sent_bytes": sent,
            "growth": round(grown / sent, 2),
            "malloc_free_growth": _free_growth(before, during, sent),
            "environment": dict(environment),
            "before": asdict(before),
            "at the end": asdict(during),
            "after": asdict(after),
        }
        problems = [
            *(["the kernel's text is not what was sent"] if facts["sha1"] != sha1 else []),
            *(["the page's text is not what was sent"] if page_sha1 != sha1 else []),
            *(
                [f"memory grew by {grown / sent:.2f} times what was sent"]
                if grown > GROWTH * sent
                else []
            ),
            *([f"other threads: {after.threads}"] if after.threads != before.threads else []),
            *(["sockets are left"] if after.sockets > before.sockets else []),
            *(["listeners are left"] if after.listeners > LISTENERS * before.listeners else []),
        ]
        return {**measured, "problems": problems}


def _free_growth(before: Left, during: Left, sent_bytes: int) -> float | None:
    """Return the growth of what malloc has free, as a multiple of what was sent."""
    if before.malloc_free_bytes is None or during.malloc_free_bytes is None:
        return None
    return round((during.malloc_free_bytes - before.malloc_free_bytes) / sent_bytes, 2)


def main() -> int:
    """Run it, and print what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--rate", type=float, default=200.0, help="tokens a second")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between faults")
    parser.add_argument(
        "--fixed-mmap", action="store_true", help="malloc returns large blocks when they are freed"
    )
    parser.add_argument("--json", type=Path, help="where the measurements are written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        measured = soak(
            Path(folder),
            minutes=options.minutes,
            rate=options.rate,
            every_s=options.every,
            environment=FIXED_MMAP if options.fixed_mmap else {},
            note=lambda line: print(line, flush=True),
        )
    text = json.dumps(measured, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text)
    return 1 if measured["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
