"""Custom kinds of parts: the user's ES module, in a widget that carries it to the page.

The module is the user's own code and as trusted as the notebook; the data from the stream that it
draws is not trusted.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..errors import UsageError
from .bundle import is_open, no_module
from .hosts import PerSession


class PartModule(anywidget.AnyWidget):
    """Holds the module of one kind; is never shown."""

    _esm = traitlets.Unicode("").tag(sync=True)
    src = traitlets.Unicode("").tag(sync=True)

    def __init__(self, src: str) -> None:
        super().__init__(_esm=no_module(), src=src)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore the front end: the state of a model must never become code."""


_sources: dict[str, str] = {}
_carriers: PerSession[dict[str, PartModule]] = PerSession(dict)
"""The carriers of a session by their kind."""


def register_part(kind: str, module: str | Path) -> None:
    """Register the renderer of `emit.custom(kind, data)`; a second call for a kind replaces it.

    `module` is the text of an ES module, or the path of one. The module exports
    `mount({ part, el, signal })`, which draws `part.data` into the element `el` and may return a
    function that is called with the part after each change; `signal` aborts when the part is
    removed.

    Raises:
        UsageError: `module` is empty, or the file cannot be read.
    """
    try:
        text = module.read_text("utf-8") if isinstance(module, Path) else module
    except OSError as error:
        raise UsageError(f"The module {module} cannot be read: {error.strerror}.") from None
    if "export" not in text:
        raise UsageError(
            "The renderer of a part is an ES module that exports mount({ part, el, signal }): pass "
            "its text, or the pathlib.Path of its file."
        )
    _sources[kind] = text
    _carriers.here()[kind] = PartModule(text)


def renderers() -> Callable[[str], str | None]:
    """Return the function that finds the renderer of a kind: the page's reference to the model
    with its module, or None.

    Creates the carriers that this session does not have yet or that were closed: call it on a
    thread of the session, where its widgets are created.
    """
    carriers = _carriers.here()
    for kind, source in _sources.items():
        known = carriers.get(kind)
        if known is None or not is_open(known):
            carriers[kind] = PartModule(source)

    def renderer_of(kind: str) -> str | None:
        carrier = carriers.get(kind)
        return None if carrier is None else f"IPY_MODEL_{carrier.model_id}"

    return renderer_of
