"""How fast the output of programs is read as a terminal would show it, beside pyte.

    python benchmarks/terminal.py [MEGABYTES]

Prints MB/s of CPU time for plain lines, coloured lines and frames of tqdm, in pieces of 64 kB, the
best of three. Then the cost of eight times as much: 1.0 means that it grows with the size. pyte, a
terminal emulator in Python, is measured if it is installed; it does less (it keeps no text that has
scrolled away and does not detect bars) and more (colours, a whole screen).
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable

from streamwidget.decode.terminal import Terminal
from streamwidget.sources.bars import Bars

PIECE_BYTES = 64 * 1024
INPUTS = {
    "plain lines": b"2026-11-28 18:32:35 INFO step 1200 of 90000, loss 0.3141, 512 tokens/s\n",
    "coloured lines": (
        b"\x1b[32mPASSED\x1b[0m tests/unit/test_a.py::\x1b[1mtest_b\x1b[0m \x1b[36m[ 45%]\x1b[0m\n"
    ),
    "tqdm frames": "\rtrain:  45%|████▌     | 45/100 [00:01<00:02, 30.1it/s, loss=0.31]".encode(),
}


def read_streamwidget(data: bytes) -> None:
    numbers = itertools.count()
    terminal = Terminal(Bars(lambda prefix: f"{prefix}{next(numbers)}"))
    for at in range(0, len(data), PIECE_BYTES):
        terminal.feed(data[at : at + PIECE_BYTES])
    terminal.flush()


def read_pyte(data: bytes) -> None:
    import pyte  # type: ignore[import-not-found,import-untyped,unused-ignore]

    stream = pyte.ByteStream(pyte.Screen(120, 64))
    for at in range(0, len(data), PIECE_BYTES):
        stream.feed(data[at : at + PIECE_BYTES])


def best_s(read: Callable[[bytes], None], data: bytes) -> float:
    times = []
    for _ in range(3):
        started = time.process_time()
        read(data)
        times.append(time.process_time() - started)
    return min(times)


def main() -> None:
    size = int(float(sys.argv[1] if len(sys.argv) > 1 else 4) * 1e6)
    try:
        import pyte  # noqa: F401

        has_pyte = True
    except ImportError:
        has_pyte = False
    print(f"{'input':16} {'streamwidget':>14} {'pyte':>14} {'8x the size':>12}")
    for name, unit in INPUTS.items():
        data = unit * (size // len(unit))
        seconds = best_s(read_streamwidget, data)
        part = data[: len(data) // 8]
        growth = seconds / (8 * best_s(read_streamwidget, part))
        speed = (
            f"{len(part) / best_s(read_pyte, part) / 1e6:.2f} MB/s" if has_pyte else "not installed"
        )
        print(f"{name:16} {len(data) / seconds / 1e6:9.1f} MB/s {speed:>14} {growth:12.2f}")


if __name__ == "__main__":
    main()
