"""Writes `docs/api.md`: every public name, with its signature and its docstring.

    python tools/api_reference.py [--check]

With `--check` nothing is written: the exit code tells whether the file is up to date. A name is
public if and only if it is in this file.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import inspect
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import streamwidget

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "api.md"
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Views", ("StreamView", "StreamBoard")),
    ("Without a widget", ("collect", "acollect", "Result")),
    ("Sources", ("http", "websocket", "process", "follow")),
    ("What a job calls", ("Emitter", "logging_handler")),
    ("Bounds and prices", ("Budget", "Limits", "Prices", "Price")),
    ("Recorded runs", ("journals",)),
    ("Extending", ("register_format", "register_source", "register_part")),
)
"""The other names follow in sections of their own: what a caller receives, and errors."""
MODULES = ("streamwidget.events", "streamwidget.decode.sse")
"""Public modules beside the package itself."""
NOT_PUBLIC = frozenset(
    {"flush", "flush_failed", "get_state", "open", "over", "set_state", "unseen"}
)
"""What ipywidgets and the publisher call."""
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
    for title, names in (*SECTIONS, ("What a caller receives", others), ("Errors", errors)):
        lines.append(f"## {title}\n")
        for name in names:
            lines += entry(name, getattr(streamwidget, name))
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


def entry(name: str, value: object) -> list[str]:
    """The lines about one public object, members included."""
    lines = [f"### `{name}{signature(value)}`\n", f"{inspect.getdoc(value)}\n"]
    members = list(members_of(value)) if inspect.isclass(value) else []
    return [*lines, *members, ""] if members else lines


def members_of(class_: type) -> Iterator[str]:
    """A list item for each public method and property of a class, inherited ones included."""
    fields: set[str] = set()
    if dataclasses.is_dataclass(class_):
        fields = {field.name for field in dataclasses.fields(class_)}
    seen = fields | NOT_PUBLIC
    for base in class_.__mro__:
        if not base.__module__.startswith("streamwidget"):
            continue
        for name, member in vars(base).items():
            if name.startswith("_") or name in seen:
                continue
            seen.add(name)
            if isinstance(member, property):
                yield f"- `.{name}`: {first_paragraph(member)}"
            elif isinstance(member, (classmethod, types.FunctionType)):
                function = getattr(member, "__func__", member)
                yield f"- `.{name}{signature(function, skip=1)}`: {first_paragraph(function)}"


def first_paragraph(value: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())


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
