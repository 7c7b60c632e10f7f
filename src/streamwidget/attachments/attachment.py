"""One attachment of a question, and what a value becomes when it is attached.

Must not know who asks, nor the libraries whose objects are attached (`objects` does).
"""

from __future__ import annotations

import base64
import itertools
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ..characters import clean
from ..errors import UsageError, excerpt
from .objects import csv_of, facts_of, is_picture, is_table, picture_bytes, row_count

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


_ALONE: Final = (str, bytes, bytearray, memoryview, Path, Attachment)
"""Types of one value, although some of them can be iterated over."""
_TAKEN: Final = "a text, a Path, a data frame, or an image"
_MANY: Final = ATTACHED_COUNT + 1


def attached(values: object, names: Mapping[str, object]) -> tuple[Attachment, ...]:
    """Return what the caller attached: one value, several, or a dict with their names.

    `names` are those of the notebook, which name the values.

    Raises:
        UsageError: there are too many, or one is too large, of an unknown type, or cannot be read.
    """
    if isinstance(values, Mapping):
        pairs = [(str(name), value) for name, value in itertools.islice(values.items(), _MANY)]
    else:
        several = itertools.islice(_several(values), _MANY)
        pairs = [(_name_of(value, names), value) for value in several]
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
    if is_table(value):
        return "table"
    return "image" if is_picture(value) else None


def detail_of(value: object) -> str:
    """Return the size of a value that can be attached, in words: of a table, or of a text."""
    if kind_of(value) == "table":
        return facts_of(value)
    return f"{len(value):,} characters" if isinstance(value, str) else ""


def from_bytes(name: str, data: bytes) -> Attachment:
    """Return a file as an image, or as a text.

    Raises:
        UsageError: it is neither, or too large.
    """
    name = clean(name)[:NAME_CHARS] or "file"
    if len(data) > ATTACHED_BYTES:
        raise UsageError(
            f"{name} has more than {ATTACHED_BYTES:,} bytes; at most {ATTACHED_BYTES:,} are taken."
        )
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


def _several(values: object) -> Iterable[object]:
    if values is None:
        return ()
    if isinstance(values, _ALONE) or kind_of(values) is not None:
        return (values,)
    if isinstance(values, Iterable):
        return values
    raise UsageError(
        f"attach= takes a value or a list of values, not {type(values).__name__}: {_TAKEN}."
    )


def _made(name: str, value: object) -> Attachment:
    name = clean(name)[:NAME_CHARS]
    if isinstance(value, Attachment):
        return value
    try:
        return _read(name, value)
    except UsageError:
        raise
    except Exception as error:  # an object of the user's, or a file
        is_of_system = isinstance(error, OSError) and error.strerror
        words = error.strerror if is_of_system else f"{type(error).__name__}: {error}"  # type: ignore[attr-defined]
        raise UsageError(f"{name} could not be read: {excerpt(words)}.") from error


def _read(name: str, value: object) -> Attachment:
    if isinstance(value, str):
        return from_bytes(name, value.encode("utf-8", "replace"))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return from_bytes(name, bytes(value))
    if isinstance(value, Path):
        return from_bytes(name, _content(name, value))
    if is_table(value):
        return _table(name, value)
    if is_picture(value):
        return from_bytes(name, picture_bytes(value))
    raise UsageError(f"{name} is a {type(value).__name__}. Attach {_TAKEN}.")


def _content(name: str, path: Path) -> bytes:
    """Return the bytes of a file, one more than can be attached at most; never waits for them.

    Raises:
        OSError: it cannot be read.
        UsageError: it is not a regular file.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise UsageError(f"{name} is a folder: attach its files.")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{name} is not a file, but a device or a pipe.")
    # nothing that has taken the place of the file since then can block here
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        return file.read(ATTACHED_BYTES + 1)


def _image_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for magic, mime in _MAGIC.items() if data.startswith(magic)), None)


def _name_of(value: object, names: Mapping[str, object]) -> str:
    if isinstance(value, (Path, Attachment)):
        return value.name
    return next((name for name, one in names.items() if one is value), "")


def _table(name: str, frame: object) -> Attachment:
    """Return the first rows of a data frame as CSV, with its size."""
    facts = facts_of(frame)
    if row_count(frame) > TABLE_ROWS_COUNT:
        facts += f", the first {TABLE_ROWS_COUNT}"
    text = clean(f"({facts})\n{csv_of(frame, TABLE_ROWS_COUNT)}")
    if len(text) > ATTACHED_BYTES:
        raise UsageError(f"{name} is too large to attach: select fewer columns.")
    return Attachment(name, "table", "text/csv", text=text)
