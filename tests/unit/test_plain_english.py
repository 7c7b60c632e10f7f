"""The prose of the project uses the terms of the field (CONTRIBUTING.md, "Plain English")."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "streamwidget"

SOURCES = [
    *sorted(PACKAGE.rglob("*.py")),
    *sorted((ROOT / "tools").glob("*.py")),
    *sorted((ROOT / "benchmarks").glob("*.py")),
]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "notebooks").glob("*.ipynb")),
]

SCRIPTS = sorted(f for kind in ("ts", "css") for f in (ROOT / "js" / "src").rglob(f"*.{kind}"))

AVOIDED = {
    "told": "reported, passed",
    "whoever": "the caller, the reader",
    "anew": "again",
    "as it were": "(leave it out)",
    "of its own": "separate, new",
    "goes on": "continues",
    "let go": "close",
    "lets go": "closes",
    "by itself": "automatically",
    "from the first day": "(leave it out)",
    "for ever": "forever",
    "go on": "continue",
    "gone on": "continued",
    "went on": "continued",
    "the one before": "the previous one",
    "in good order": "cleanly",
    "in vain": "without success",
    "hears": "receives",
    "became of": "happened to",
    "becomes of": "happens to",
    "what came": "the data received",
    "what has arrived": "everything received",
    "what arrived": "everything received",
    "what is known": "the facts",
    "knows nothing": "must not know",
    "knows no": "must not know",
    "knows neither": "must not know",
    "dear": "expensive",
}
"""What is avoided, and what says it better."""
PHRASE = re.compile(rf"\b({'|'.join(AVOIDED)})\b", re.IGNORECASE)
IS_NONE = re.compile(r"(?<!there )\bis none\b(?! of)")
"""`X is none`, for which English has `X is not one`; written `None`, it is the value of Python."""
FIRST = re.compile(r'[rf]*"""(?:What|Whether|Says|Tells)\b')
"""A docstring begins with an imperative or a noun phrase."""
NEGATED = re.compile(
    r"(?<!there )(?<!which )(?<!None )\bis no (?!longer\b|end\b|more\b|such\b|need\b)[a-z]+",
    re.IGNORECASE,
)
"""`X is no Y`, for which English has `X is not a Y`; `there is no Y` is fine."""

NAMES = frozenset({"told", "said"})
"""Verbs of saying, which name neither the role nor the type of a variable."""


def prose(path: Path) -> Iterator[str]:
    """Yield comments (and strings of Python), or the text of a notebook or a document."""
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        yield from ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    elif path.suffix == ".md":
        yield text
    elif path.suffix in {".ts", ".css"}:
        yield from re.findall(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", text, re.DOTALL)
    else:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                yield token.string


def names(path: Path) -> Iterator[str]:
    """Yield the variables and parameters of a module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


@pytest.mark.parametrize(
    "path", [*SOURCES, *DOCUMENTS, *SCRIPTS], ids=lambda p: str(p.relative_to(ROOT))
)
def test_prose_uses_the_terms_of_the_field(path: Path) -> None:
    texts = [re.sub(r"\s+(?:\* )?", " ", text) for text in prose(path)]
    patterns = (PHRASE, NEGATED, IS_NONE, FIRST)
    matches = [match for text in texts for rule in patterns for match in rule.finditer(text)]
    assert not [match.string[max(0, match.start() - 40) : match.end() + 40] for match in matches]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_variables_are_named_by_their_role(path: Path) -> None:
    assert not NAMES.intersection(names(path))
