"""Detection of the framing of a stream, from its content type and its first bytes.

Pure. The result depends on the bytes only, never on how they are cut: `sniff` returns a framing as
soon as no continuation could change it.
"""

from __future__ import annotations

import json
import re
from typing import Final, Literal

from .aws import PRELUDE_BYTES, is_prelude
from .json_scan import ValueScanner
from .json_sequence import RS
from .utf8 import BOM

Framing = Literal[
    "sse",
    "ndjson",
    "json-array",
    "json-seq",
    "json",
    "aws-event-stream",
    "data-lines",
    "text",
]

SNIFF_BYTES: Final = 64 * 1024
"""Most bytes that are held back for detection: a first line of JSON has to end within them."""

_LINE_TYPES: Final = frozenset(
    {
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonl",
        "application/jsonlines",
        "application/x-jsonlines",
        "application/json-lines",
        "application/stream+json",
        "text/x-ndjson",
    }
)

_DECLARED: Final[dict[str, Framing]] = {
    "application/vnd.amazon.eventstream": "aws-event-stream",
    "application/json-seq": "json-seq",
}

_FIELDS: Final = (b"data", b"event", b"id", b"retry")
_FIELD_LINE: Final = re.compile(rb"(?:data|event|id|retry)?:|(?:data|event|id|retry)\Z")
_CODE_LINE: Final = re.compile(rb'[0-9a-k](?::["\[{]|:?\Z)')
_END: Final = re.compile(rb"\r\n|\n|\r")


def media_type(content_type: str | None) -> str:
    """Return the media type without parameters, in lower case; "" if there is none."""
    return (content_type or "").partition(";")[0].strip().lower()


def charset(content_type: str | None) -> str:
    """Return the charset parameter; `utf-8` if there is none."""
    for parameter in (content_type or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'") or "utf-8"
    return "utf-8"


def declared(content_type: str | None) -> Framing | None:
    """Return the framing that the content type alone determines; None: check the bytes."""
    return _DECLARED.get(media_type(content_type))


def sniff(head: bytes, content_type: str | None, *, final: bool = False) -> Framing | None:
    """Return the framing of a stream that begins with `head`; None: more bytes are needed.

    `final` is True if there are no more bytes. Servers send errors as JSON under any type, and
    server-sent events as `text/plain`, so the content type decides only what the bytes leave open.
    """
    final = final or len(head) >= SNIFF_BYTES
    head = head[:SNIFF_BYTES]
    if head.startswith(BOM):
        head = head[len(BOM) :]
    elif BOM.startswith(head) and not final:
        return None
    if head.startswith(b"\0") and (len(head) >= PRELUDE_BYTES or not final):
        if len(head) < PRELUDE_BYTES:
            return None
        if is_prelude(head[:PRELUDE_BYTES]):
            return "aws-event-stream"
    body = head.lstrip(b" \t\r\n")
    is_sse = media_type(content_type) == "text/event-stream"
    if not body:
        lines = media_type(content_type) in _LINE_TYPES
        return None if not final else "sse" if is_sse else "ndjson" if lines else "text"
    if body.startswith(RS):
        return "json-seq"
    if media_type(content_type) in _LINE_TYPES:
        if body.startswith(b"{"):
            is_begun = b"\n" not in body and not final
            return _sniff_values(body) or (None if is_begun else "ndjson")
        is_json = body[:1] not in b":deir"  # JSON values never begin like a field
        return "ndjson" if is_json else _sniff_fields(head.lstrip(b"\r\n"), final, "ndjson")
    if body.startswith(b"{"):
        return _sniff_json(body, media_type(content_type), final)
    if _CODE_LINE.match(body):
        line, end, _ = body.partition(b"\n")
        if not end and not final:
            return None
        if _is_code_line(line):
            return "data-lines"
    if is_sse:
        return "sse"
    if body.startswith(b"[") and media_type(content_type) in {"application/json", ""}:
        return _sniff_array(body, media_type(content_type), final)
    if media_type(content_type) == "application/json" and body.startswith(b'"'):
        return "json"
    return _sniff_fields(head.lstrip(b"\r\n"), final)


def _sniff_array(body: bytes, type_: str, final: bool) -> Framing | None:
    """Return `json-array` if the type says so or an object begins in the array."""
    if type_:
        return "json-array"
    rest = body[1:].lstrip(b" \t\r\n")
    if not rest and not final:
        return None
    return "json-array" if rest.startswith(b"{") else "text"


def _is_code_line(line: bytes) -> bool:
    """True if the line is a code of the AI SDK's data stream with a JSON value."""
    try:
        value = json.loads(line[2:])
    except (ValueError, RecursionError):
        return False
    return isinstance(value, str if line[:1] in b"0g3i" else (list, dict))


def _sniff_values(body: bytes) -> Framing | None:
    """Return `json-array` if the first object does not end with its line; None if it does.

    Its decoder separates values by their brackets, also without an array around them.
    """
    line, has_end, _ = body.partition(b"\n")
    end = ValueScanner().end(line, 0)
    if end is None:
        return "json-array" if has_end else None
    return "json-array" if line[end:].lstrip()[:1] == b"{" else None


def _sniff_json(body: bytes, type_: str, final: bool) -> Framing | None:
    """Return `ndjson` if the first line is a complete JSON value, else `json` or `text`."""
    line, end, _ = body.partition(b"\n")
    if ValueScanner().end(line, 0) is not None and _sniff_values(body) is not None:
        return "json-array"
    if not end and not final:
        return None
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return "json" if type_ in {"application/json", "text/event-stream"} else "text"
    return "ndjson"


def _sniff_fields(head: bytes, final: bool, other: Framing = "text") -> Framing | None:
    """Return `sse` if the first line is a field and the second one is a field or blank."""
    lines = _END.split(head, maxsplit=2)
    for i, line in enumerate(lines[:2]):
        ended = i + 1 < len(lines)
        if _FIELD_LINE.match(line):
            if not ended and i == 0:
                is_word = line in _FIELDS  # the whole body is one word, such as `data`
                return None if not final else other if is_word else "sse"
            if not ended and line in _FIELDS and not final:
                return None
        elif not ended and not final and any(name.startswith(line) for name in _FIELDS):
            return None
        elif line or i == 0:
            return other
    return "sse"
