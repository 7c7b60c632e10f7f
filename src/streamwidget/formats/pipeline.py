"""Bytes to events: the framing and the format of one stream, detected unless told.

Pure. Framings are in `stages`, vocabularies in `registry`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from ..errors import UsageError
from ..events import Event, Outcome, RunEnd
from ..limits import DEFAULT_LIMITS, Limits
from .detect import Detected, Vocabulary
from .extending import registered_names, vocabularies, vocabulary
from .records import Format, NewId, record_of_value
from .registry import VOCABULARIES
from .sniff import SNIFF_BYTES, charset, sniff, told
from .stages import (
    EventStream,
    Frames,
    JsonDocument,
    JsonLines,
    PlainText,
    Stage,
    json_array,
    json_sequence,
)

FIRST_BYTES: Final = 64
"""Nearly all streams say what they are in these, so each of them is worth a look."""

LOOKS: Final = 32
"""How often the head may be looked at at a line's end, on average."""

FRAMINGS: Final[dict[str, str]] = {
    "sse": "server-sent events",
    "ndjson": "one JSON value a line",
    "json-array": "one JSON array, read element by element",
    "json-seq": "a JSON text sequence (RFC 7464)",
    "json": "one JSON document, read to its end",
    "aws-event-stream": "AWS event stream frames",
    "data-lines": "lines of the AI SDK's old data stream",
    "text": "plain text",
}
FORMATS: Final[dict[str, str]] = {
    "auto": "told by the content type, the first bytes and the first records",
    **FRAMINGS,
    **{vocabulary.name: "see formats/" for vocabulary in VOCABULARIES},
}
"""What `format=` may be, and what each means."""

StageMaker: TypeAlias = Callable[[Format, Limits], Stage]

_STAGES: Final[dict[str, StageMaker]] = {
    "sse": EventStream,
    "ndjson": JsonLines,
    "data-lines": JsonLines,
    "json-array": json_array,
    "json-seq": json_sequence,
    "json": JsonDocument,
    "aws-event-stream": Frames,
}


class Pipeline:
    """Feed bytes, get events; `flush` gives the `RunEnd` if no end marker did.

    Any partition of the same bytes gives the same events, once neighbouring deltas of a part are
    joined. Invalid bytes become U+FFFD, and the first of them is told in one `Failure` that is not
    fatal, where it happened.

    Raises (from `feed` and `flush`):
        LimitError: a line, an event or a JSON document is longer than `Limits.record_bytes`.
        DecodeError: a frame's checksum is wrong.
    """

    def __init__(
        self,
        new_id: NewId,
        framing: str | None,
        vocabulary: Vocabulary | None,
        content_type: str | None,
        limits: Limits,
        stages: Mapping[str, StageMaker] = _STAGES,
    ) -> None:
        self.byte_count = 0
        """Bytes fed so far."""
        self._new_id = new_id
        self._stages = stages
        self._framing = framing
        self._vocabulary = vocabulary
        self._content_type = content_type
        self._limits = limits
        self._head = bytearray()
        self._last_look = 0
        self._looked_bytes = 0
        self._detected: Detected | None = None
        self._stage = None if framing is None else self._make(framing)

    @property
    def format_name(self) -> str | None:
        """Name of the vocabulary, of the framing where it is generic; None while not known yet."""
        if self._vocabulary is not None:
            return self._vocabulary.name
        found = self._detected.name if self._detected else None
        return found or self._framing

    @property
    def framing(self) -> str | None:
        """Name of the framing; None while it is not known."""
        return self._framing

    @property
    def last_event_id(self) -> str:
        """The last event ID of an SSE stream, "" if there was none: what it could resume from."""
        return getattr(self._stage, "last_event_id", "")

    @property
    def comment_count(self) -> int:
        """Comments of an SSE stream so far: keep-alives, a sign of life without events."""
        return getattr(self._stage, "comment_count", 0)

    def feed(self, piece: bytes, /) -> list[Event]:
        """Events that this piece completed."""
        self.byte_count += len(piece)
        if self._stage is not None:
            return self._stage.feed(piece)
        self._head += piece
        return self._begin(final=False) if self._worth_a_look(piece) else []

    def _worth_a_look(self, piece: bytes) -> bool:
        """Whether the head may say more than at the last look: at its first bytes, when a line of
        it ends, and each time it has doubled; so the looks together cost no more than the bytes."""
        size = len(self._head)
        fresh = size <= FIRST_BYTES or 10 in piece or 13 in piece
        if not (fresh and self._looked_bytes <= LOOKS * size) and size < 2 * self._last_look:
            return False
        self._last_look = size
        self._looked_bytes += size
        return True

    def flush(self) -> list[Event]:
        """Events that were held back, and the end of the run."""
        events = [] if self._stage is not None else self._begin(final=True)
        return events if self._stage is None else [*events, *self._stage.flush()]

    def outcome_now(self) -> Outcome:
        """What it would mean if the bytes were over now, asked of a copy; "cut" if what came is
        nested too deeply to be copied."""
        try:
            other = copy.deepcopy(self, {id(self._new_id): lambda prefix: prefix})
        except RecursionError:
            return "cut"
        ends = [event for event in other.flush() if isinstance(event, RunEnd)]
        return ends[-1].outcome if ends else "cut"

    def restart(self) -> bool:
        """Another body of the same stream begins; False if its framing cannot do that.

        What the last one left unfinished is dropped; the format goes on.
        """
        self._head.clear()
        self._last_look = self._looked_bytes = 0
        if self._stage is None:
            return True
        restart = getattr(self._stage, "restart", None)
        if restart is not None:
            restart()
        return restart is not None

    def _begin(self, *, final: bool) -> list[Event]:
        head = bytes(self._head[:SNIFF_BYTES])
        framing = sniff(head, self._content_type, final=final)
        if framing is None:
            return []
        self._framing = framing
        self._stage = self._make(framing)
        head = bytes(self._head)
        self._head.clear()
        return self._stage.feed(head)

    def _make(self, framing: str) -> Stage:
        if framing == "text":
            return PlainText(self._new_id, charset(self._content_type))
        return self._stages[framing](self._format(lines=framing != "sse"), self._limits)

    def _format(self, *, lines: bool) -> Format:
        if self._vocabulary is not None:
            return self._vocabulary.make(self._new_id)
        self._detected = Detected(self._new_id, vocabularies(), lines=lines)
        return self._detected


def open_pipeline(
    new_id: NewId,
    *,
    format: str = "auto",
    content_type: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    stages: Mapping[str, StageMaker] | None = None,
) -> Pipeline:
    """A fresh pipeline for one stream.

    `format` is a name of `FORMATS`, of a framing or of a vocabulary, and wins over `content_type`
    (the header's value; None: unknown), which wins over the first bytes except where those cannot
    be what it says. `stages` are those of framings that are to be read in another way.

    Raises:
        UsageError: `format` is no name of `FORMATS`.
    """
    _check(format)
    framing = format if format in FRAMINGS else told(content_type)
    told_stages = {**_STAGES, **(stages or {})}
    return Pipeline(new_id, framing, vocabulary(format), content_type, limits, told_stages)


class RecordPipeline:
    """Feed values that are no bytes (dicts, SDK objects made plain), get events."""

    def __init__(self, new_id: NewId, vocabulary: Vocabulary | None) -> None:
        self.used = False
        """Whether anything was fed."""
        self._vocabulary = vocabulary
        self._detected = Detected(new_id, vocabularies(), lines=True)
        self._format: Format = vocabulary.make(new_id) if vocabulary else self._detected

    @property
    def name(self) -> str | None:
        """Name of the vocabulary; None for the generic one, or while it is not known."""
        return self._vocabulary.name if self._vocabulary else self._detected.name

    def feed(self, value: object, name: str = "") -> list[Event]:
        """Events that this value completed; `name` is what an event of it would be called."""
        self.used = True
        return [] if self._format.ended else self._format.feed(record_of_value(value, name))

    def flush(self) -> list[Event]:
        """Events that were held back, and the end of the run."""
        return [] if self._format.ended else self._format.flush()


def records_pipeline(new_id: NewId, *, format: str = "auto") -> RecordPipeline:
    """A fresh pipeline for values that were parsed already; `format` as in `open_pipeline`.

    Raises:
        UsageError: `format` is no name of `FORMATS`.
    """
    _check(format)
    return RecordPipeline(new_id, vocabulary(format))


def _check(format: str) -> None:
    names = [*FORMATS, *registered_names()]
    if format not in names:
        known = ", ".join(map(repr, names))
        raise UsageError(f"format={format!r} is not known: it is one of {known}.")
