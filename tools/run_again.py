"""Runs the tests that failed in `make test` once more, alone, and names those that pass then.

    python tools/run_again.py build/logs

The folder holds `<suite>.failed` for each suite that failed, with its exit code. A suite passes
after all if it named at most five failed tests and all of them pass now; its file is then removed.
The exit code is 1 if a file is left. A test that only passes alone is a fault too: its name is
printed so that it is repaired.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MOST = 5
"""With more failures than this, the tests are not run again."""
TESTS_FAILED = "1"
"""The exit code of pytest for failed tests. Any other means that tests did not run."""
PAGE_CHECK_FAILED = re.compile(r"^FAIL (\w+)", re.MULTILINE)
PAGE_COUNTS = re.compile(r"^\d+ passed, \d+ failed$", re.MULTILINE)
JS_COUNTS = re.compile(r"^. fail \d+$", re.MULTILINE)
"""The last line of a suite. Without it, not all of its tests ran."""
JS_FILES_FAILED = Path("js/dist/test/failed-files.txt")
LAST_FAILED = "--last-failed --last-failed-no-failures none"

Failures = tuple[list[str], str]
"""The names of the failed tests, and the argument that runs only these."""


def of_pytest(suite: str, logs: Path) -> Failures:
    return _last_failed(suite, logs), LAST_FAILED


def of_notebooks(suite: str, logs: Path) -> Failures:
    """A cell needs the cells before it, so its whole notebook runs again."""
    names = _last_failed(suite, logs)
    return names, " ".join(sorted({name.partition("::")[0] for name in names}))


def of_page(suite: str, logs: Path) -> Failures:
    log = (logs / f"{suite}.log").read_text(errors="replace")
    names = PAGE_CHECK_FAILED.findall(log) if PAGE_COUNTS.search(log) else []
    return names, " ".join(sorted(set(names)))


def of_js_test(suite: str, logs: Path) -> Failures:
    all_ran = JS_COUNTS.search((logs / f"{suite}.log").read_text(errors="replace"))
    names = sorted(set(JS_FILES_FAILED.read_text().split())) if all_ran else []
    return names, " ".join(names)


def of_whole(suite: str, _logs: Path) -> Failures:
    """Building the packages downloads the build tools, so all of it runs again."""
    return [suite], "whole"


SUITES: dict[str, Callable[[str, Path], Failures]] = {
    "unit": of_pytest,
    "browser": of_pytest,
    "servers": of_pytest,
    "notebooks": of_notebooks,
    "page": of_page,
    "js-test": of_js_test,
    "wheel-check": of_whole,
}


def _last_failed(suite: str, logs: Path) -> list[str]:
    """Return the failed tests by pytest's cache, or nothing if not all of the tests ran."""
    recorded = logs / "pytest" / suite / "v" / "cache" / "lastfailed"
    if (logs / f"{suite}.failed").read_text().strip() != TESTS_FAILED or not recorded.exists():
        return []
    return sorted(json.loads(recorded.read_text()))


def passes_alone(suite: str, names: list[str], argument: str) -> bool:
    print(f"== make {suite}, once more: {', '.join(names)}", flush=True)
    done = subprocess.run(
        ["make", "--no-print-directory", suite, f"AGAIN={argument}"],
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    logs = Path(sys.argv[1])
    unreliable: list[str] = []
    for failed in sorted(logs.glob("*.failed")):
        suite = failed.stem
        names, argument = SUITES[suite](suite, logs) if suite in SUITES else ([], "")
        if not names:
            print(f"== make {suite} did not fail in a test that could run again")
        elif len(names) > MOST:
            print(f"== make {suite}: {len(names)} tests failed; up to {MOST} would run once more")
        elif passes_alone(suite, names, argument):
            failed.unlink()
            unreliable += [f"{suite}: {name}" for name in names]
    if unreliable:
        print("== passed only when run again, alone: repair these")
        print("\n".join(f"   {name}" for name in unreliable), flush=True)
    return 1 if any(logs.glob("*.failed")) else 0


if __name__ == "__main__":
    sys.exit(main())
