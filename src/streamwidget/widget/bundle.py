"""The front end's code, and the widgets that carry it to the page, one of each per kernel.

Every view's `_esm` is a loader of about a kilobyte; it finds the carrier by its model id, unpacks
the gzipped bundle and keeps it on the page under its hash. So twenty views cost one bundle. What
only some views need (`PARTS`) has carriers of its own, which are made when a page asks for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import anywidget
import traitlets

from ..errors import UsageError


@cache
def _static(name: str) -> bytes:
    try:
        return (files("streamwidget") / "static" / name).read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"The front end is not built (static/{name} is missing): "
            "run `npm ci && npm run build` in js/, or install a wheel."
        ) from None


PARTS = frozenset({"extras", "highlight", "math", "rest"})
"""The parts of the front end that are sent when they are first needed."""

_BASIC_KINDS = frozenset({"text"})
"""The kinds of parts that the bundle itself draws; the extras draw the others."""

_FENCE = re.compile(r"^[ >\d.*+-]{0,12}(?:```|~~~)", re.MULTILINE)
_LINES = re.compile(r"\n\s*\S|!\[")
_FORMULA = re.compile(r"\$\$|\\\(|\\\[|(?<![\\$\w])\$(?=\S)[^$\n]{0,200}(?<=[^\s\\])\$(?![\w$])")


def parts_needed(text: str) -> set[str]:
    """The parts that a page needs to show `text` at its best: a guess, for where no page can ask.

    Linear in the length of the text.
    """
    found = {"highlight": _FENCE, "math": _FORMULA, "rest": _LINES}
    return {name for name, pattern in found.items() if pattern.search(text)}


def needs_extras(kinds: Iterable[str]) -> bool:
    """Whether a page needs the extras to draw parts of these `kinds`."""
    return any(kind not in _BASIC_KINDS for kind in kinds)


def loader() -> str:
    """The source of the module that every view gives as its `_esm`."""
    return _static("loader.js").decode()


def bundle() -> bytes:
    """The gzipped bundle."""
    return _static("bundle.js.gz")


def bundle_hash() -> str:
    """SHA-256 of the gzipped bundle, in hexadecimal."""
    return str(json.loads(_static("bundle.json"))["hash"])


class Carrier(anywidget.AnyWidget):
    """Holds the bundle or a part of the front end; is never shown."""

    # passed in, not defaults: `get_manager_state(drop_defaults=True)` drops defaults, and the saved
    # notebook would lose them
    _esm = traitlets.Unicode("").tag(sync=True)
    src = traitlets.Bytes(b"").tag(sync=True)

    def __init__(self, name: str) -> None:
        super().__init__(_esm="export default {}", src=_static(f"{name}.js.gz"))

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignores the front end: the state of a model must never become code."""


_carriers: dict[str, Carrier] = {}


def carrier(name: str = "bundle") -> Carrier:
    """The carrier of this kernel; a new one if `close_all` has closed the last."""
    found = _carriers.get(name)
    if found is None or found.comm is None:
        found = _carriers[name] = Carrier(name)
    return found
