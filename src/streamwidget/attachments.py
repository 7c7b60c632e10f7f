"""Attachments of a question in a chat: texts, images, and tables as text.

Must not know who asks, and never imports pandas, polars or Pillow: it asks their objects.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from .characters import clean
from .errors import UsageError

ATTACHED_COUNT: Final = 8
"""Most attachments of one question."""
ATTACHED_BYTES: Final = 5_000_000
"""Largest attachment; providers refuse larger images."""
TABLE_ROWS_COUNT: Final = 200
"""Rows of a table that are passed on; the text says how many there are."""
NAME_CHARS: Final = 80
_MAGIC: Final = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
"""The first bytes of an image, which say what it is; a file's name can be wrong."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One thing that is attached to a question.

    `kind` is `"text"`, `"table"` or `"image"`. `text` is the text, or the table as CSV; "" for an
    image, whose bytes are `data`.
    """

    name: str
    kind: Literal["text", "table", "image"]
    mime: str
    text: str = ""
    data: bytes = b""

    @property
    def size_bytes(self) -> int:
        """Size of the text or the image in bytes."""
        return len(self.data) or len(self.text.encode("utf-8", "replace"))

    @property
    def url(self) -> str:
        """The image as a `data:` URL."""
        return f"data:{self.mime};base64,{self.base64}"

    @property
    def base64(self) -> str:
        """The bytes of the image in base64."""
        return base64.b64encode(self.data).decode()

    @property
    def as_text(self) -> str:
        """The text or the table below its name, for a model."""
        return f"{self.name}:\n{self.text}"

    def __repr__(self) -> str:
        return f"Attachment({self.name!r}, {self.kind}, {self.size_bytes} bytes)"


def attached(
    values: Iterable[object] | Mapping[str, object], names: Mapping[str, object]
) -> tuple[Attachment, ...]:
    """Return what the caller attached; `names` are those of the notebook, which name the values.

    Raises:
        UsageError: there are too many, or one is too large, or of an unknown type.
    """
    if isinstance(values, (str, bytes)):
        raise UsageError("attach= takes a list or a dict: attach=[text].")
    if isinstance(values, Mapping):
        pairs = [(str(name), value) for name, value in values.items()]
    else:
        pairs = [(_name_of(value, names), value) for value in values]
    if len(pairs) > ATTACHED_COUNT:
        raise UsageError(f"A question takes at most {ATTACHED_COUNT} attachments.")
    return tuple(
        _made(name or f"attachment {at}", value) for at, (name, value) in enumerate(pairs, 1)
    )


def kind_of(value: object) -> str | None:
    """Return whether a value can be attached: `text`, `table`, `image` or None.

    Reads nothing of it.
    """
    if isinstance(value, str):
        return "text"
    if isinstance(value, bytes):
        return "image" if _image_type(value) else None
    if isinstance(value, type):
        return None
    if _is_table(value):
        return "table"
    return "image" if _is_picture(value) else None


def from_bytes(name: str, data: bytes) -> Attachment:
    """Return a file as an image, or as a text.

    Raises:
        UsageError: it is neither, or too large.
    """
    name = clean(name)[:NAME_CHARS] or "file"
    if len(data) > ATTACHED_BYTES:
        raise UsageError(f"{name} has {len(data):,} bytes; at most {ATTACHED_BYTES:,} are taken.")
    mime = _image_type(data)
    if mime is not None:
        return Attachment(name, "image", mime, data=data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"{name} is neither a text nor an image (PNG, JPEG, GIF, WebP).")
    return Attachment(name, "text", "text/plain", text=clean(text))


def _made(name: str, value: object) -> Attachment:
    name = clean(name)[:NAME_CHARS]
    if isinstance(value, Attachment):
        return value
    if isinstance(value, str):
        return from_bytes(name, value.encode("utf-8", "replace"))
    if isinstance(value, bytes):
        return from_bytes(name, value)
    if isinstance(value, Path):
        return from_bytes(name or value.name, value.read_bytes())
    if _is_table(value):
        return _table(name, value)
    if _is_picture(value):
        return from_bytes(name, _picture_bytes(value))
    raise UsageError(
        f"{name} is a {type(value).__name__}. Attach a text, a Path, a data frame, or an image."
    )


def _image_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for magic, mime in _MAGIC.items() if data.startswith(magic)), None)


def _name_of(value: object, names: Mapping[str, object]) -> str:
    if isinstance(value, Path):
        return value.name
    if isinstance(value, Attachment):
        return value.name
    return next((name for name, one in names.items() if one is value), "")


def _is_table(value: Any) -> bool:
    has_shape = hasattr(value, "shape") and hasattr(value, "columns")
    return has_shape and (hasattr(value, "to_csv") or hasattr(value, "write_csv"))


def _is_picture(value: Any) -> bool:
    is_pillow = hasattr(value, "save") and hasattr(value, "mode") and hasattr(value, "size")
    return is_pillow or (hasattr(value, "savefig") and hasattr(value, "axes"))


def _picture_bytes(value: Any) -> bytes:
    """Return an image of Pillow, or a figure of matplotlib, as PNG."""
    buffer = io.BytesIO()
    if hasattr(value, "savefig"):
        value.savefig(buffer, format="png")
    else:
        value.save(buffer, format="PNG")
    return buffer.getvalue()


def _table(name: str, frame: Any) -> Attachment:
    """Return the first rows of a data frame of pandas or polars as CSV, with its size."""
    row_count, column_count = int(frame.shape[0]), int(frame.shape[1])
    head = frame.head(TABLE_ROWS_COUNT)
    rows = head.write_csv() if hasattr(head, "write_csv") else head.to_csv(index=False)
    facts = f"{row_count:,} rows × {column_count:,} columns"
    if row_count > TABLE_ROWS_COUNT:
        facts += f", the first {TABLE_ROWS_COUNT}"
    text = clean(f"({facts})\n{rows}")
    if len(text) > ATTACHED_BYTES:
        raise UsageError(f"{name} is too large to attach: select fewer columns.")
    return Attachment(name, "table", "text/csv", text=text)
