"""The static export and the page read Markdown alike; where they do not, it is listed here."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from streamwidget.export.markdown import to_html
from unit.waiting import WAIT_S

ROOT = Path(__file__).resolve().parents[2]
JS = ROOT / "js"
ENTRY = "test/markdown/export.ts"
BUILD = """
import { build } from "esbuild";
await build({ entryPoints: [process.argv[1]], outfile: process.argv[2], bundle: true, format: "esm",
  platform: "node", target: "node20", packages: "external", logLevel: "error" });
"""

DIFFERENT = {
    "nasty: " + ">" * 20: "beyond 100 levels the page shows the marks, markdown-it drops the text",
    "nasty: > <details><summary>": "the page ends details with the quote, the export at the tag",
    "nasty: " + "[" * 20: "beyond 100 levels the page goes on with inline marks, markdown-it stops",
}
"""Name of the example, and why the two differ on it."""


def node(*arguments: str, text: str = "") -> str:
    found = shutil.which("node")
    if found is None or not (JS / "node_modules").is_dir():
        pytest.skip("needs Node and js/node_modules")
    done = subprocess.run(
        [found, *arguments], input=text, cwd=JS, capture_output=True, text=True, timeout=WAIT_S
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def different() -> dict[str, Any]:
    """The examples that differ, by their names."""
    out = JS / "dist" / "export.mjs"
    node("--input-type=module", "-e", BUILD, ENTRY, str(out))
    examples = json.loads(node(str(out)))
    assert len(examples) > 690
    rows = [example | {"html": to_html(example["markdown"])} for example in examples]
    return {row["name"]: row for row in json.loads(node(str(out), text=json.dumps(rows)))}


def test_the_two_differ_where_it_is_known_and_nowhere_else(different: dict[str, Any]) -> None:
    new = {name: row for name, row in different.items() if name not in DIFFERENT}
    assert new == {}


def test_what_is_listed_as_different_still_is(different: dict[str, Any]) -> None:
    assert DIFFERENT.keys() <= different.keys()


def test_the_comparison_can_fail(different: dict[str, Any]) -> None:
    row = {"name": "x", "markdown": "*a*", "html": "<p><strong>a</strong></p>"}
    out = JS / "dist" / "export.mjs"
    assert json.loads(node(str(out), text=json.dumps([row])))[0]["name"] == "x"
