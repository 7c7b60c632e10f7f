"""Imports run one way: no module imports from a higher level (the table of ARCHITECTURE.md)."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "streamwidget"
MODULES = sorted(PACKAGE.rglob("*.py"))

# what each room must not import from outside, beside higher rooms
FORBIDDEN = {
    "decode": {"asyncio", "httpx", "httpx2", "traitlets", "ipywidgets", "anywidget", "time"},
    "resume": {"httpx", "httpx2", "websockets", "traitlets", "ipywidgets", "anywidget"},
    "io": {"traitlets", "ipywidgets", "anywidget", "IPython"},
    "document": {"asyncio", "httpx", "httpx2", "traitlets", "ipywidgets", "anywidget", "time"},
    "record": {"asyncio", "httpx", "httpx2", "traitlets", "ipywidgets", "anywidget", "time"},
    "patch_log": {"asyncio", "httpx", "httpx2", "traitlets", "ipywidgets", "anywidget", "time"},
    "formats": {"httpx", "httpx2", "websockets", "ipywidgets", "anywidget", "time", "datetime"},
    "sources": {"traitlets", "ipywidgets", "anywidget", "IPython"},
    "run": {"traitlets", "ipywidgets", "anywidget", "IPython"},
}
FORBIDDEN_INSIDE = {"widget": {"decode", "formats"}}


def levels() -> dict[str, int]:
    """Room to level, read from the table in ARCHITECTURE.md."""
    found: dict[str, int] = {}
    for line in (ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 3 and cells[1].isdigit():
            for name in cells[2].replace("`", "").split(","):
                found[name.strip().rstrip("/")] = int(cells[1])
    return found


def room(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imports(path: Path) -> tuple[set[str], set[str]]:
    """The rooms of this package, and the top names of others, that a module imports."""
    inside, outside = set(), set()
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            outside |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            outside.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.ImportFrom) and node.level == depth:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            inside |= {name.partition(".")[0] for name in names}
    return inside, outside


def test_the_table_names_every_room() -> None:
    assert {room(path) for path in MODULES} == set(levels())


def test_no_two_modules_have_the_same_file_name() -> None:
    names = Counter(path.name for path in MODULES if not path.stem.startswith("__"))
    assert not [name for name, count in names.items() if count > 1], "a name leads to one file"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_from_its_own_room_and_lower_levels_only(path: Path) -> None:
    table, here = levels(), room(path)
    inside, outside = imports(path)
    too_high = {name for name in inside - {here} if table[name] >= table[here]}
    assert not too_high, f"{here} (level {table[here]}) imports {too_high}"
    assert not inside & FORBIDDEN_INSIDE.get(here, set())
    assert not outside & FORBIDDEN.get(here, set())
    assert "streamwidget" not in outside or here in {"demo"}, "imports inside are relative"
