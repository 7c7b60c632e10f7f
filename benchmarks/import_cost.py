"""CPU time of importing streamwidget, beside `import anywidget`, each in a new process."""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys

STATEMENTS = (
    "pass",
    "import anywidget",
    "import streamwidget",
    "from streamwidget import StreamView",
    "from streamwidget import collect",
    "from streamwidget import http",
)


def cpu_ms(statement: str) -> float:
    """CPU time of one Python process that runs `statement`, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11, help="processes for each statement")
    runs = parser.parse_args().runs
    # Interleaved, so that a noisy moment meets all statements.
    rounds = [[cpu_ms(statement) for statement in STATEMENTS] for _ in range(runs + 1)][1:]
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    reference = medians[STATEMENTS.index("import anywidget")]
    for statement, median in zip(STATEMENTS, medians, strict=True):
        print(f"{statement:40} {median:7.0f} ms {median / reference:6.2f} x anywidget")


if __name__ == "__main__":
    main()
