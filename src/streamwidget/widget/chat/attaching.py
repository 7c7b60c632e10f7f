"""Attachments of a question that a page asks: names of the notebook, and files of the reader."""

from __future__ import annotations

import base64
import binascii

from ...attachments import ATTACHED_COUNT, Attachment, attached, detail_of, from_bytes, kind_of
from ...errors import UsageError
from .. import notebook_cells

LISTED_COUNT = 100
"""Names that a page offers, the newest first."""
_ORDER = ("table", "image", "text")
_TEXT_CHARS = 10
"""Shorter texts are settings, not something to ask about."""


def attachable() -> list[dict[str, str]]:
    """Return the names of the notebook that can be attached: tables, images, then texts, the
    newest first."""
    items: list[dict[str, str]] = []
    for name, value in reversed(notebook_cells.names().items()):
        try:
            kind = kind_of(value)
            if kind is not None and not (kind == "text" and len(str(value)) < _TEXT_CHARS):
                items.append({"name": name, "kind": kind, "detail": detail_of(value)})
        except Exception:  # an object of the user's that cannot be asked
            continue
        if len(items) == LISTED_COUNT:
            break
    return sorted(items, key=lambda item: _ORDER.index(item["kind"]))


def attached_by_page(values: object) -> tuple[Attachment, ...]:
    """Return what a page attached: `{"name"}` for a name of the notebook, or `{"name", "base64"}`
    for a file.

    Raises:
        UsageError: a name is gone, or a file cannot be taken.
    """
    if not isinstance(values, list):
        return ()
    if len(values) > ATTACHED_COUNT:
        raise UsageError(f"A question takes at most {ATTACHED_COUNT} attachments.")
    return tuple(_one(value) for value in values if isinstance(value, dict))


def _one(value: dict[str, object]) -> Attachment:
    name, encoded = str(value.get("name", "")), value.get("base64")
    if isinstance(encoded, str):
        try:
            return from_bytes(name, base64.b64decode(encoded, validate=True))
        except binascii.Error as error:
            raise UsageError(f"{name} arrived damaged. Attach it again.") from error
    names = notebook_cells.names()
    if name not in names:
        raise UsageError(f"The notebook has no {name!r} any longer.")
    return attached({name: names[name]}, names)[0]
