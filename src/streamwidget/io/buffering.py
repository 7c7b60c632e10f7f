"""Detects a stream that is written piece by piece but arrives in clumps: something buffers it.

Pure: takes the times of the bytes and the events in them. A model that thinks and then sends a
paragraph at once is not buffered, so there are two kinds of evidence:

- timestamps in the records: data that arrived in one moment was written over about the time of the
  silence before it;
- sizes: several clumps in a row consist of many deltas the size of single tokens, which servers
  write one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ..events import Event, ReasoningDelta, TextDelta

MOMENT_S: Final = 0.05
"""Bytes closer together than this count as one arrival: one write may take several reads."""

SILENCE_S: Final = 0.4
"""A pause that people notice. Shorter ones are normal for networks and 50 tokens a second."""

TOKEN_CHARS: Final = 16
"""A longer delta is not a single token, so it does not show when it was written."""

CLUMP_TOKENS: Final = 8
"""Speculative decoding produces up to about five tokens at once."""

CLUMPS: Final = 3
"""So many clumps by size in a row are not a coincidence."""

WHOLE_TOKENS: Final = 50
WHOLE_SILENCE_S: Final = 2.0
"""If the whole stream is so many single tokens at once after so long a wait, it was buffered."""

OWN_SPAN_S: Final = 0.5
"""Records with timestamps closer together may have been written at once."""

_TIME: Final = re.compile(
    rb'"(?:created_at|createdAt|timestamp|time|ts|t)"\s*:\s*'
    rb'(?:"([0-9T:.+Z -]{19,40})"|(\d{9,16}(?:\.\d+)?))'
    rb"|^id: ?(\d{13})-\d+",
    re.MULTILINE,
)
"""Timestamps in records: ISO 8601 (Ollama), seconds or milliseconds since 1970 (AG-UI), the IDs
of LangGraph."""

HEADERS: Final = (
    "Content-Type: text/event-stream, Cache-Control: no-cache and X-Accel-Buffering: no"
)


class Clumps:
    """The arrivals of one stream. `feed` returns the warning once, when there is evidence."""

    def __init__(self, began_s: float) -> None:
        """`began_s` is when the stream was requested, on the clock of `feed`."""
        self.is_reported = False
        """True once the warning was returned; further calls are unnecessary."""
        self._began_s = began_s
        self._first = True
        self._last_s: float | None = None
        self._silence_s = 0.0
        self._tokens = 0
        self._others = 0
        self._head = b""
        self._tail = b""
        self._in_a_row: list[tuple[int, float]] = []

    def feed(self, at_s: float, chunk: bytes, events: Sequence[Event]) -> str | None:
        """Take a chunk that arrived at `at_s` (seconds, on any clock), and its events."""
        if self.is_reported:
            return None
        last_s, self._last_s = self._last_s, at_s
        sentence = None
        if last_s is None:
            self._silence_s = at_s - self._began_s
        elif at_s - last_s >= MOMENT_S:
            sentence = self._ended()
            self._begin(at_s - last_s)
        self._head = self._head or chunk[:4096]
        self._tail = chunk[-4096:]
        for event in events:
            if isinstance(event, (TextDelta, ReasoningDelta)):
                self._tokens += len(event.text) <= TOKEN_CHARS
                self._others += len(event.text) > TOKEN_CHARS
        return sentence

    def flush(self) -> str | None:
        """Return the warning if the end of the stream is the evidence; else None."""
        if self.is_reported:
            return None
        whole = self._first and self._tokens >= WHOLE_TOKENS and not self._others
        if whole and self._silence_s >= WHOLE_SILENCE_S:
            waited = f"after {self._silence_s:.1f} s of waiting"
            return self._tell(f"All {self._tokens:,} tokens arrived in one moment, {waited}")
        return self._ended()

    def _begin(self, silence_s: float) -> None:
        self._first = False
        self._silence_s = silence_s
        self._tokens = self._others = 0
        self._head = self._tail = b""

    def _ended(self) -> str | None:
        """Return the warning if the last clump, with those before it, is evidence; else None."""
        span_s = self._own_span_s()
        if span_s >= OWN_SPAN_S and self._silence_s >= SILENCE_S and span_s <= 2 * self._silence_s:
            return self._tell(
                f"What was written over {span_s:.1f} s arrived in one moment, "
                f"after {self._silence_s:.1f} s of silence"
            )
        if self._tokens >= CLUMP_TOKENS and not self._others and self._silence_s >= SILENCE_S:
            self._in_a_row.append((self._tokens, self._silence_s))
        elif self._tokens or self._others:
            self._in_a_row.clear()
        if len(self._in_a_row) < CLUMPS:
            return None
        tokens, silences = zip(*self._in_a_row, strict=True)
        return self._tell(
            f"The text arrives in clumps, about {round(sum(tokens) / len(tokens))} tokens every "
            f"{sum(silences) / len(silences):.1f} s, although it is written token by token"
        )

    def _own_span_s(self) -> float:
        """Seconds between the first and the last timestamp in the clump; 0 without timestamps."""
        first = _TIME.search(self._head)
        if first is None:
            return 0.0
        *_, last = first, *_TIME.finditer(self._tail)
        began, ended = _seconds(first), _seconds(last)
        return 0.0 if began is None or ended is None else ended - began

    def _tell(self, what: str) -> str:
        self.is_reported = True
        return (
            f"{what}. A proxy probably buffers the stream, or the server does not flush. "
            f"Make the server send {HEADERS}."
        )


def _seconds(found: re.Match[bytes]) -> float | None:
    """Return the seconds since 1970; None if the match is not a time."""
    iso, number, id_ms = found.groups()
    if iso is not None:
        try:
            return datetime.fromisoformat(_six_digits(iso.decode())).timestamp()
        except ValueError:
            return None
    value = float(number if number is not None else id_ms)
    return value / 1000 if value > 1e11 else value


def _six_digits(iso: str) -> str:
    """Return ISO 8601 that every Python can parse: `Z` as an offset, at most six decimals."""
    iso = re.sub(r"(\.\d{6})\d+", r"\1", iso.strip().replace("Z", "+00:00"))
    return re.sub(r"\.(\d{1,5})(?=[+-]|$)", lambda short: "." + short[1].ljust(6, "0"), iso)
