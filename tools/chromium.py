"""Prints the path of a Chromium that starts; installs one where that is possible.

The order: `$STREAMWIDGET_CHROMIUM`, a Chromium on `PATH`, the one Playwright has downloaded before,
`apt-get install chromium` (as root), `playwright install chromium`. The path goes to standard
output, everything else to standard error. `--fonts` also tries to install CJK and emoji fonts,
which only screenshots need; a failure there is only reported.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS = ("fonts-noto-cjk", "fonts-noto-color-emoji")
START_TIMEOUT_S = 120.0


def say(text: str) -> None:
    print(f"chromium: {text}", file=sys.stderr, flush=True)


def starts(path: str) -> bool:
    """True when the browser at `path` renders a page; a snap's stub, for one, does not."""
    with tempfile.TemporaryDirectory(prefix="streamwidget-chromium-") as profile:
        command = [path, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        command += [f"--user-data-dir={profile}", "--dump-dom", "data:text/html,<b>started</b>"]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=START_TIMEOUT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            say(f"{path} does not start: {error}")
            return False
    if "started" in done.stdout:
        return True
    say(f"{path} does not start: {done.stderr.strip()[-200:]}")
    return False


def on_path() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))


def from_playwright() -> Iterator[str]:
    """The browser that Playwright would use, when it is there."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if Path(path).exists():
        yield path


def run(command: list[str]) -> bool:
    """True when `command` ends well. Its output goes to standard error."""
    say("running " + " ".join(command))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, stdout=sys.stderr, env=environment, check=False)
    except OSError as error:
        say(str(error))
        return False
    return done.returncode == 0


def may_use_apt() -> bool:
    return os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> bool:
    if not may_use_apt():
        return False
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    return run(["apt-get", "update", "-qq"]) and run(install)


def installed_by_apt() -> Iterator[str]:
    if apt_install("chromium"):
        yield from on_path()


def installed_by_playwright() -> Iterator[str]:
    # --with-deps asks for apt, and for root: without them the browser alone has to do.
    dependencies = ["--with-deps"] if may_use_apt() else []
    if run([sys.executable, "-m", "playwright", "install", *dependencies, "chromium"]):
        yield from from_playwright()


def find() -> str | None:
    """The path of a Chromium that starts, or None.

    What `$STREAMWIDGET_CHROMIUM` names is then the only candidate.
    """
    chosen = os.environ.get("STREAMWIDGET_CHROMIUM")
    if chosen:
        return chosen if starts(chosen) else None
    for candidates in (on_path, from_playwright, installed_by_apt, installed_by_playwright):
        for path in candidates():
            if starts(path):
                return path
    return None


def main() -> int:
    if "--fonts" in sys.argv[1:] and not apt_install(*FONTS):
        say("no CJK and emoji fonts could be installed; screenshots may show boxes")
    path = find()
    if path is None:
        say("no Chromium that starts: install one, or set STREAMWIDGET_CHROMIUM to its path.")
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
