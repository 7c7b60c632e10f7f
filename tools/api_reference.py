"""Writes `docs/api.md`: every public name, with its signature, docstring and documented members.

    python tools/api_reference.py [--check]

With `--check` nothing is written: the exit code is 1 if the file is out of date. A name is public
if and only if it is in this file.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import importlib
import inspect
import itertools
import re
import sys
import textwrap
import types
from collections.abc import Iterator
from pathlib import Path

import streamwidget

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "api.md"
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Views", ("StreamView", "StreamBoard", "Chat")),
    ("Without a widget", ("collect", "acollect", "Result")),
    ("Sources", ("http", "websocket", "process", "follow", "langgraph")),
    ("What a job calls", ("Emitter", "logging_handler")),
    ("Bounds and prices", ("Budget", "Limits", "Prices", "Price")),
    ("Recorded runs", ("journals",)),
    ("Extending", ("register_format", "register_source", "register_part")),
)
"""The other names follow in two more sections: what a caller receives, and errors."""
MODULES = ("streamwidget.events", "streamwidget.decode.sse")
"""Public modules besides the package itself."""
NOT_PUBLIC = frozenset(
    {"flush", "flush_failed", "get_state", "needed_from", "on_command", "open", "over"}
    | {"request_stop", "set_state", "unseen"}
)
"""Members that ipywidgets, the publisher and the run call."""
DOCUMENT_READS = frozenset(
    {"char_count", "format", "part", "part_count", "parts", "reasoning", "run", "snapshot"}
) | {"sources", "steps", "text", "tool_calls", "usage"}
PART_READS = frozenset({"fields", "id", "kind", "state", "text", "to_wire"})
READS = {"Document": DOCUMENT_READS, "Part": PART_READS}
"""Classes of which a caller only reads: their other members build the document."""
RECEIVED = "What a caller receives"
LONG_CHARS = 40
HEAD = """# API reference

Made from the docstrings by `tools/api_reference.py`. Write `from streamwidget import name`, unless
its section names another module.
"""


def page() -> str:
    """The whole page."""
    listed = {name for _, names in SECTIONS for name in names}
    errors = [name for name in streamwidget.__all__ if name.endswith("Error")]
    errors.append("StopRequested")
    others = sorted(set(streamwidget.__all__) - listed - set(errors))
    lines = [HEAD]
    for title, names in (*SECTIONS, (RECEIVED, others), ("Errors", errors)):
        lines.append(f"## {title}\n")
        for name in names:
            value = getattr(streamwidget, name)
            lines += entry(name, value, is_received=title == RECEIVED)
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        lines.append(f"## `{module_name}`\n\n{inspect.getdoc(module)}\n")
        for name, value in public_members(module):
            lines += entry(name, value)
    return "\n".join(lines).rstrip() + "\n"


def public_members(module: types.ModuleType) -> Iterator[tuple[str, object]]:
    """The classes and functions that a module defines, in its own order."""
    for name, value in vars(module).items():
        is_code = inspect.isclass(value) or inspect.isfunction(value)
        if is_code and not name.startswith("_") and value.__module__ == module.__name__:
            yield name, value


def entry(name: str, value: object, *, is_received: bool = False) -> list[str]:
    """The lines about one public object, members included.

    An object that a caller only receives has no signature: the package creates it.
    """
    parameters = "" if is_received else signature(value)
    lines = [f"### `{name}{parameters}`\n", f"{inspect.getdoc(value)}\n"]
    members = list(members_of(value)) if inspect.isclass(value) else []
    return [*lines, *members, ""] if members else lines


def members_of(class_: type) -> Iterator[str]:
    """A list item for each public attribute, method and property, inherited ones included."""
    fields: set[str] = set()
    if dataclasses.is_dataclass(class_):
        fields = {field.name for field in dataclasses.fields(class_)}
    reads = READS.get(class_.__name__)
    seen: set[str] = set(NOT_PUBLIC)
    bases = [base for base in class_.__mro__ if base.__module__.startswith("streamwidget")]
    for base in bases:
        for name, doc in attributes_of(base):
            if name not in seen and (reads is None or name in reads):
                seen.add(name)
                yield f"- `.{name}`: {doc}"
    seen |= fields
    for base in bases:
        for name, member in vars(base).items():
            if name.startswith("_") or name in seen or (reads is not None and name not in reads):
                continue
            seen.add(name)
            if isinstance(member, property):
                yield f"- `.{name}`: {first_paragraph(member)}"
            elif isinstance(member, (classmethod, types.FunctionType)):
                function = getattr(member, "__func__", member)
                yield f"- `.{name}{signature(function, skip=1)}`: {first_paragraph(function)}"


def attributes_of(class_: type) -> Iterator[tuple[str, str]]:
    """The public attributes of a class with the docstring that follows them in the source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(class_))).body[0]
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    bodies = [body]
    bodies += [node.body for node in body if getattr(node, "name", "") == "__init__"]  # type: ignore[attr-defined]
    for statements in bodies:
        for statement, following in itertools.pairwise(statements):
            if not isinstance(following, ast.Expr) or not isinstance(following.value, ast.Constant):
                continue
            name = _assigned(statement)
            doc = following.value.value
            if name and not name.startswith("_") and isinstance(doc, str):
                yield name, first_paragraph(doc)


def _assigned(statement: ast.stmt) -> str:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    target = statement.target if isinstance(statement, ast.AnnAssign) else (targets or [None])[0]
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else ""


def first_paragraph(value: object) -> str:
    """The first paragraph of a docstring, or of a text, on one line."""
    text = value if isinstance(value, str) else inspect.getdoc(value) or ""
    return " ".join(text.split("\n\n")[0].split())


def signature(value: object, *, skip: int = 0) -> str:
    """The parameters without annotations and long defaults; "" for what cannot be called."""
    if not callable(value):
        return ""
    try:
        parameters = list(inspect.signature(value).parameters.values())[skip:]
    except (TypeError, ValueError):
        return ""
    plain = [_plain(parameter) for parameter in parameters]
    return str(inspect.Signature(plain))


class _Default:
    """A default that is shown by a short name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


def _plain(parameter: inspect.Parameter) -> inspect.Parameter:
    default = parameter.default
    is_shown = default is not parameter.empty
    is_long = len(repr(default)) > LONG_CHARS or re.search(r" at 0x|<factory>", repr(default))
    if is_shown and is_long:
        name = "..." if type(default).__module__ == "builtins" else f"{type(default).__name__}()"
        default = _Default("..." if "object" in name or "_" in name else name)
    return parameter.replace(annotation=parameter.empty, default=default)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare; fail if outdated")
    text = page()
    if parser.parse_args().check:
        return int(not PAGE.is_file() or PAGE.read_text("utf-8") != text)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
