"""Streaming Markdown in headless Chromium: its cost beside plain text and beside other renderers.

    python benchmarks/markdown.py [--quick] [--no-others] [--runs 3]

Every document is fed 256 characters per animation frame into a scroller that is stuck to its end.
CPU is that of the page's main thread (CDP `TaskDuration`, in thread time), from the first frame to
the last, and is given as a ratio to plain text appended in chunks in the same run. A frame's time
is that of the update with the layout that it forces. Where a document would take minutes (marked;
streamdown but for the small report), 26 frames stand for all. Prints Markdown. Other renderers are
installed into `build/markdown-bench`, once.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
BUILD = ROOT / "build" / "markdown-bench"
ESBUILD = ROOT / "js" / "node_modules" / ".bin" / "esbuild"
OTHERS = {
    "marked": "18.2.1",
    "markdown-it": "15.0.3",
    "streaming-markdown": "0.2.15",
    "streamdown": "2.7.1",
    "react": "19",
    "react-dom": "19",
}
ARGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-frame-rate-limit",
    "--disable-gpu-vsync", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
PLAIN, OURS = "plain text", "streamwidget"
REPORT = "report, 200 kB"
BIG = "report, 1 MB"
NAIVE = "marked, all of it each time"
STREAMDOWN = "streamdown"
SAMPLES = 26
HEAD = """
| document | renderer | CPU ms | ÷ plain text | frame p50 ms | p99 | last tenth ÷ first |
|---|---|---:|---:|---:|---:|---:|
""".strip()


@dataclass(frozen=True, slots=True)
class Run:
    """One document through one renderer. Milliseconds; `frames_ms` has one for each timed frame."""

    cpu_ms: float
    frames_ms: list[float]
    frames: int

    def percentile(self, share: float) -> float:
        return sorted(self.frames_ms)[
            min(len(self.frames_ms) - 1, int(share * len(self.frames_ms)))
        ]

    @property
    def growth(self) -> float:
        """Mean of the last tenth of the frames over the first, the slowest of each left out."""
        tenth = max(1, len(self.frames_ms) // 10)
        first, last = sorted(self.frames_ms[:tenth]), sorted(self.frames_ms[-tenth:])
        keep = max(1, int(tenth * 0.95))
        return statistics.mean(last[:keep]) / statistics.mean(first[:keep])


def bundle(entry: Path, out: Path, *, node_path: Path | None = None) -> str:
    command = [
        str(ESBUILD),
        str(entry),
        "--bundle",
        "--minify",
        "--format=iife",
        "--loader:.css=text",
    ]
    command += [
        '--define:process.env.NODE_ENV="production"',
        f"--outfile={out}",
        "--log-level=error",
    ]
    environment = {**os.environ, **({"NODE_PATH": str(node_path)} if node_path else {})}
    subprocess.run(command, check=True, env=environment)
    return out.read_text()


def install_others() -> Path:
    """The folder of the other renderers' packages."""
    wanted = json.dumps({"private": True, "dependencies": OTHERS})
    manifest = BUILD / "package.json"
    modules = BUILD / "node_modules"
    if not modules.exists() or not manifest.exists() or manifest.read_text() != wanted:
        BUILD.mkdir(parents=True, exist_ok=True)
        manifest.write_text(wanted)
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=BUILD, check=True
        )
    return modules


def styles() -> str:
    """The style sheets that the front end puts into the page."""
    found = ""
    for name in ("style/index.css", "highlight/code.css"):
        command = [str(ESBUILD), str(ROOT / "js/src" / name), "--bundle", "--minify"]
        found += subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return found


def measure(page: Page, session: CDPSession, strategy: str, name: str) -> Run:
    slow = strategy == NAIVE or (strategy == STREAMDOWN and name != REPORT)
    sampled = SAMPLES if slow else None
    session.send("HeapProfiler.collectGarbage")
    before = cpu_ms(session)
    found = page.evaluate("([s, n, k]) => bench.run(s, n, k)", [strategy, name, sampled])
    spent = cpu_ms(session) - before
    page.evaluate("() => { engine.dispose?.(); document.body.replaceChildren(); }")
    if sampled:  # the cost of all frames, from those that were timed
        spent = sum(found["frames_ms"]) * found["frames"] / len(found["frames_ms"])
    return Run(spent, found["frames_ms"], found["frames"])


def cpu_ms(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(1000 * metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def compare(
    page: Page, session: CDPSession, name: str, strategies: list[str], runs: int
) -> dict[str, Run]:
    """The run of median CPU for each strategy; they take turns, so that noise meets all alike."""
    all_runs: dict[str, list[Run]] = {strategy: [] for strategy in strategies}
    for turn in range(runs):
        for strategy in strategies:
            if turn == 0 or strategy in (PLAIN, OURS):
                all_runs[strategy].append(measure(page, session, strategy, name))
    return {
        strategy: sorted(several, key=lambda run: run.cpu_ms)[len(several) // 2]
        for strategy, several in all_runs.items()
    }


def show(name: str, found: dict[str, Run]) -> None:
    limit = found[PLAIN].cpu_ms
    for strategy, run in found.items():
        p50, p99 = run.percentile(0.5), run.percentile(0.99)
        ratio = f"**{run.cpu_ms / limit:.2f}**"
        cells = [name, strategy, f"{run.cpu_ms:,.0f}", ratio, f"{p50:.1f}", f"{p99:.1f}"]
        print(f"| {' | '.join(cells)} | {run.growth:.2f} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--quick", action="store_true", help="the small report and the huge blocks, once"
    )
    parser.add_argument("--no-others", action="store_true", help="only plain text and streamwidget")
    parser.add_argument(
        "--runs", type=int, default=3, help="of plain text and streamwidget; the median counts"
    )
    parser.add_argument("--only", help="only documents whose name contains this")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    ours = bundle(HERE / "markdown_page.ts", BUILD / "page.js")
    others = (
        ""
        if options.no_others
        else bundle(HERE / "markdown_others.js", BUILD / "others.js", node_path=install_others())
    )
    chromium = os.environ.get("STREAMWIDGET_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        page = browser.new_page(viewport={"width": 900, "height": 800})
        page.route("**/*", lambda route: route.abort())
        page.set_content(f"<!doctype html><meta charset=utf-8><style>{styles()}</style><body>")
        page.on("pageerror", lambda error: print("page error:", error, file=sys.stderr))
        for script in filter(None, (others, ours)):
            page.evaluate(script)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        print(HEAD)
        for name in page.evaluate("() => bench.names"):
            if (options.quick and name == BIG) or (options.only and options.only not in name):
                continue
            strategies = [PLAIN, OURS]
            if not options.no_others:
                names = page.evaluate("() => Object.keys(others)")
                strategies += [s for s in names if name != BIG or s not in (NAIVE, STREAMDOWN)]
            show(
                name, compare(page, session, name, strategies, 1 if options.quick else options.runs)
            )
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
