"""Notices a stream that was written piece by piece and arrives in clumps: something buffers it.

Pure: takes the times of the bytes and the events in them. Two kinds of evidence, because a model
that thinks and then says a paragraph at once is not buffered:

- the records' own times: what came in one moment was written over a span that the silence before
  it was spent on;
- their sizes: several clumps in a row, each of many deltas as small as single tokens, which are
  written one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ..events import Event, ReasoningDelta, TextDelta

MOMENT_S: Final = 0.05
"""Bytes closer together than this came at once: one write may arrive in several reads."""

SILENCE_S: Final = 0.4
"""A pause that people see. Shorter ones are what networks and 50 tokens a second look like."""

TOKEN_CHARS: Final = 16
"""A longer delta is no single token, so it says nothing of when it was written."""

CLUMP_TOKENS: Final = 8
"""Speculative decoding gives up to about five tokens at once."""

CLUMPS: Final = 3
"""So many clumps by size in a row are a habit."""

WHOLE_TOKENS: Final = 50
WHOLE_SILENCE_S: Final = 2.0
"""So many single tokens at once after so long, and nothing else: nobody streamed that."""

OWN_SPAN_S: Final = 0.5
"""Records whose own times lie closer together may well have been written at once."""

_TIME: Final = re.compile(
    rb'"(?:created_at|createdAt|timestamp|time|ts|t)"\s*:\s*'
    rb'(?:"([0-9T:.+Z -]{19,40})"|(\d{9,16}(?:\.\d+)?))'
    rb"|^id: ?(\d{13})-\d+",
    re.MULTILINE,
)
"""Times that records carry: ISO 8601 (Ollama), seconds or milliseconds since 1970 (AG-UI), the ids
of LangGraph."""

HEADERS: Final = (
    "Content-Type: text/event-stream, Cache-Control: no-cache and X-Accel-Buffering: no"
)


class Clumps:
    """One stream's arrivals. `feed` gives the sentence for the reader, once, when there is one."""

    def __init__(self, began_s: float) -> None:
        """`began_s` is when the stream was asked for, on the clock of `feed`."""
        self.is_reported = False
        """True once the sentence was returned; there is nothing more to look for then."""
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
        """Takes what came at `at_s` (seconds, on any clock) and what it meant."""
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
        """The sentence, if the end shows what was not shown before."""
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
        """What the clump that is over says, together with those before it."""
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
        """Seconds between the first and the last time that the clump's records carry; 0: none."""
        first = _TIME.search(self._head)
        if first is None:
            return 0.0
        *_, last = first, *_TIME.finditer(self._tail)
        began, ended = _seconds(first), _seconds(last)
        return 0.0 if began is None or ended is None else ended - began

    def _tell(self, what: str) -> str:
        self.is_reported = True
        return (
            f"{what}: most likely a proxy on the way holds it back, or the server does not flush. "
            f"Let the server send {HEADERS}."
        )


def _seconds(found: re.Match[bytes]) -> float | None:
    """Seconds since 1970; None if it is no time after all."""
    iso, number, id_ms = found.groups()
    if iso is not None:
        try:
            return datetime.fromisoformat(_six_digits(iso.decode())).timestamp()
        except ValueError:
            return None
    value = float(number if number is not None else id_ms)
    return value / 1000 if value > 1e11 else value


def _six_digits(iso: str) -> str:
    """ISO 8601 as every Python reads it: `Z` written out, at most six digits of a second."""
    iso = re.sub(r"(\.\d{6})\d+", r"\1", iso.strip().replace("Z", "+00:00"))
    return re.sub(r"\.(\d{1,5})(?=[+-]|$)", lambda short: "." + short[1].ljust(6, "0"), iso)
