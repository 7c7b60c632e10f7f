"""The code of the front end, and the widgets that carry it to the page, one of each per session.

The `_esm` of every view is a loader of about two kilobytes. It finds the carrier by its model ID,
unpacks the gzipped app and caches it on the page under its hash, so that twenty views cost one app.
The code for formulas (`math`) and for highlighting (`grammars`) has a carrier each, created when a
page requests it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import anywidget
import traitlets

from ..errors import UsageError
from .hosts import PerSession, models_need_code


@cache
def _static(name: str) -> bytes:
    try:
        return (files("streamwidget") / "static" / name).read_bytes()
    except FileNotFoundError:
        raise UsageError(
            f"The front end is not built (static/{name} is missing): "
            "run `npm ci && npm run build` in js/, or install a wheel."
        ) from None


ON_REQUEST = frozenset({"math", "grammars"})
"""The artefacts that are sent when a page requests them."""


def loader() -> str:
    """Return the source of the module that is the `_esm` of every view."""
    return _static("loader.js").decode()


def app() -> bytes:
    """Return the gzipped app: everything except formulas and highlighting."""
    return _static("app.js.gz")


def app_hash() -> str:
    """Return the SHA-256 of the gzipped app, in hexadecimal."""
    return str(json.loads(_static("artefacts.json"))["app"]["hash"])


def no_module() -> str:
    """Return the `_esm` of a widget that is never shown."""
    return "export default {}" if models_need_code() else ""


class Carrier(anywidget.AnyWidget):
    """Holds one artefact of the front end; is never shown."""

    # Passed in, because `get_manager_state(drop_defaults=True)` drops defaults, and a saved
    # notebook would lose them.
    _esm = traitlets.Unicode("").tag(sync=True)
    src = traitlets.Bytes(b"").tag(sync=True)

    def __init__(self, name: str) -> None:
        super().__init__(_esm=no_module(), src=_static(f"{name}.js.gz"))

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore the front end: the state of a model must never become code."""


_carriers: PerSession[dict[str, Carrier]] = PerSession(dict)


def carrier(name: str = "app") -> Carrier:
    """Return the carrier of this session; a new one if the last was closed.

    Call it on a thread of the session, where its widgets are created.
    """
    carriers = _carriers.here()
    known = carriers.get(name)
    if known is None or not is_open(known):
        known = carriers[name] = Carrier(name)
    return known


def is_open(widget: anywidget.AnyWidget) -> bool:
    """True if pages still know the widget.

    `close_all` removes the comm. marimo closes it when the cell that created it runs again.
    """
    return widget.comm is not None and not getattr(widget.comm, "_closed", False)
