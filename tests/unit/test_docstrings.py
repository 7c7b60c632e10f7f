"""Every public name of the package has a docstring, whose first line says what it is or returns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "streamwidget"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "static" not in path.parts)

OPENINGS = ("What ", "Whether ", "Says ", "Tells ")
"""First words that neither return nor name anything."""
OPENINGS_TO_DO = frozenset({"io", "journal", "resume", "run", "terminal", "widget"})
"""Rooms where some docstrings still begin with these words."""

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def public(node: ast.Module | ast.ClassDef) -> Iterator[tuple[ast.ClassDef | None, Definition]]:
    """Yield the public definitions in `node`, each with its class; overloads share a docstring."""
    for child in node.body:
        if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        decorators = [ast.unparse(decorator) for decorator in child.decorator_list]
        repeats = "overload" in decorators or any(name.endswith(".setter") for name in decorators)
        if child.name.startswith("_") or repeats:
            continue
        yield (node if isinstance(node, ast.ClassDef) else None), child
        if isinstance(child, ast.ClassDef):
            yield from public(child)


def base_names(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases}


@cache
def documented() -> dict[str, set[str]]:
    """Return the documented members of every class of the package, private classes included."""
    members: dict[str, set[str]] = {}
    for path in MODULES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                names = {child.name for _, child in public(node) if ast.get_docstring(child)}
                members.setdefault(node.name, set()).update(names)
                if "Protocol" in base_names(node):
                    members.setdefault("Protocol", set()).update(names)
    return members


@cache
def bases() -> dict[str, set[str]]:
    """Return the names of the bases of every class of the package."""
    nodes = (node for path in MODULES for node in ast.walk(parsed(path)))
    classes = (node for node in nodes if isinstance(node, ast.ClassDef))
    return {node.name: base_names(node) for node in classes}


def is_inherited(owner: str, name: str) -> bool:
    """True if a base class, or any protocol of the package, documents a member of that name."""
    if name in documented().get("Protocol", ()):
        return True
    return any(
        name in documented().get(base, ()) or (base != owner and is_inherited(base, name))
        for base in bases().get(owner, ())
    )


def undocumented(path: Path) -> Iterator[str]:
    if not ast.get_docstring(parsed(path)):
        yield "the module"
    for owner, node in public(parsed(path)):
        if ast.get_docstring(node) or (owner is not None and is_inherited(owner.name, node.name)):
            continue
        yield node.name if owner is None else f"{owner.name}.{node.name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_public_name_has_a_docstring_here_or_in_a_base(path: Path) -> None:
    assert not list(undocumented(path))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_first_line_says_what_it_is_or_returns(path: Path) -> None:
    if path.relative_to(PACKAGE).parts[0] in OPENINGS_TO_DO:
        return
    nodes = [parsed(path), *(node for _, node in public(parsed(path)))]
    texts = [ast.get_docstring(node) or "" for node in nodes]
    assert not [text.partition("\n")[0] for text in texts if text.startswith(OPENINGS)]
