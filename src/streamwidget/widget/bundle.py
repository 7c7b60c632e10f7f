"""The front end's code, and the one widget per kernel that carries it to the page.

Every view's `_esm` is a loader of about a kilobyte; it finds the carrier by its model id, unpacks
the gzipped bundle and keeps it on the page under its hash. So twenty views cost one bundle.
"""

from __future__ import annotations

import json
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
    """Holds the bundle; is never shown."""

    # passed in, not defaults: `get_manager_state(drop_defaults=True)` drops defaults, and the saved
    # notebook would lose them
    _esm = traitlets.Unicode("").tag(sync=True)
    src = traitlets.Bytes(b"").tag(sync=True)

    def __init__(self) -> None:
        super().__init__(_esm="export default {}", src=bundle())

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignores the front end: the state of a model must never become code."""


_carrier: Carrier | None = None


def carrier() -> Carrier:
    """The carrier of this kernel; a new one if `close_all` has closed the last."""
    global _carrier
    if _carrier is None or _carrier.comm is None:
        _carrier = Carrier()
    return _carrier
