"""Progress bars that a program draws for a terminal, taken out of its output.

A bar is rewritten in place with carriage returns: tqdm's, and any line with a percentage. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ..events import Progress

BAR_BYTES: Final = 1_000
"""Longest progress bar; a terminal's line is shorter."""
BARS_COUNT: Final = 16
"""Bars of one output told apart; further ones share the last."""

ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LINE_END: Final = re.compile(rb"\r\n|\n|\r(?!\Z)")
_NUMBER: Final = r"(\d{1,18}(?:\.\d+)?)([kKMGTP]?)"  # more digits could be infinity
_TQDM: Final = re.compile(
    rf"(?P<message>.*?)\s*\d+(?:\.\d+)?%\|[^|]*\|\s*{_NUMBER}[^/\d\s]*/{_NUMBER}"
    r"[^\[]*(?:\[(?P<rate>.*)\])?\s*"
)
_TQDM_COUNT: Final = re.compile(
    rf"(?P<message>.*?:)?\s*{_NUMBER}[^\[\d\s]* \[(?P<rate>\d+:.*)\]\s*"
)
_PERCENT: Final = re.compile(r"(?P<message>.*?)\s*(?<![\d.])(\d{1,3}(?:\.\d+)?) ?%(?P<more>.*)")
_RATE: Final = re.compile(r",\s*[\d.?]+\s*([^\s\d,/?]+)/s|s/([^\s\d,]+)")
_SCALES: Final = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}


class Bars:
    """Takes progress bars out of an output; every other byte passes as it came, and in order.

    A bar is text between carriage returns, or between one and the line's end, that shows how far
    something is. The newest one is told before its end came: tqdm writes the return first.
    """

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._held = b""
        self._return = b""
        """The carriage return before the present text, until it is known to be no bar's."""
        self._after_return = False
        self._after_bar = False
        self._text_begun = False
        """Whether a part of the present text has passed already: then it is no bar."""
        self._line_begun = False
        """Whether anything of the present line has passed: then its end passes, too."""
        self._ids: dict[str, str] = {}
        self._last: Progress | None = None

    def feed(self, piece: bytes, /) -> list[bytes | Progress]:
        if not (self._held or self._after_return or b"\r" in piece or b"%" in piece):
            self._text_begun = self._line_begun = not piece.endswith(b"\n")
            self._after_bar = False
            return [piece]  # the usual case, at no cost
        piece = self._held + piece
        results: list[bytes | Progress] = []
        at = 0
        for end in _LINE_END.finditer(piece):
            results += self._text(piece[at : end.start()], end[0])
            at = end.end()
        results += self._rest(piece[at:])
        return results

    def flush(self) -> list[bytes | Progress]:
        """What was held back."""
        held, self._held = self._held, b""
        is_bar = self._after_return or held.endswith(b"\r")
        bar = self._bar(held.rstrip(b"\r")) if is_bar else None
        return self._told(bar) if bar else [piece for piece in (self._return + held,) if piece]

    def _text(self, text: bytes, end: bytes) -> list[bytes | Progress]:
        """One text with its end, a line's or a carriage return."""
        is_return = end == b"\r"
        bar = self._bar(text) if is_return or self._after_return else None
        cleared = self._after_bar and not text.strip()
        results: list[bytes | Progress] = []
        if bar is not None:
            results = self._told(bar)
            if not is_return and bar.completed == bar.total:
                self._forget(bar)
        elif not cleared:
            results = self._passed(text, b"" if is_return else end)
        if (bar is not None or cleared) and not is_return and self._line_begun:
            results.append(end)
        self._after_return = is_return
        self._return = end if is_return and bar is None and not cleared else b""
        self._after_bar = is_return and (bar is not None or cleared)
        self._text_begun = False
        self._line_begun = self._line_begun and is_return
        return results

    def _passed(self, text: bytes, end: bytes) -> list[bytes | Progress]:
        passed = self._return + text + end
        self._line_begun = self._line_begun or bool(text)
        return [passed] if passed else []

    def _rest(self, text: bytes) -> list[bytes | Progress]:
        """The text after the last end: held while it may be a bar's, else passed."""
        self._held = b""
        bar = self._bar(text.rstrip(b"\r"), whole=False)
        if len(text) <= BAR_BYTES and (bar or self._after_return or text.endswith(b"\r")):
            self._held = text
            return self._told(bar) if bar and self._after_return else []
        if text:
            self._text_begun = True
            text, self._return = self._return + text, b""
            self._line_begun = True
        return [text] if text else []

    def _told(self, bar: Progress) -> list[bytes | Progress]:
        if bar == self._last:
            return []
        self._last = bar
        return [bar]

    def _bar(self, text: bytes, *, whole: bool = True) -> Progress | None:
        """The bar that `text` shows; None: it is none. Not `whole`: more of it may come."""
        if self._text_begun or len(text) > BAR_BYTES:
            return None
        shown = ANSI.sub("", text.decode("utf-8", "replace")).strip()
        is_sure = whole or self._after_return
        return _bar_of(shown, self._id_of if is_sure else str, whole=whole)

    def _id_of(self, message: str) -> str:
        # without digits, because "epoch 1" and "epoch 2, loss 0.3" are one bar that goes on
        key = re.sub(r"\d+", "", message)
        if key not in self._ids and len(self._ids) >= BARS_COUNT:
            return next(reversed(self._ids.values()))
        if key not in self._ids:
            self._ids[key] = self._new_id("p")
        return self._ids[key]

    def _forget(self, bar: Progress) -> None:
        """A full bar whose line has ended: the next one of that name is another bar."""
        self._ids = {key: id_ for key, id_ in self._ids.items() if id_ != bar.part_id}


def _bar_of(shown: str, id_of: Callable[[str], str], *, whole: bool) -> Progress | None:
    """What a bar tells: `45/100 [...]` of tqdm, `45it [...]` without a total, or any `45%`."""
    if found := _TQDM.fullmatch(shown):
        if not whole and found["rate"] is None:
            return None
        _, done, done_scale, total, total_scale, rate = found.groups()
        return _progress(
            id_of, found["message"], _value(done, done_scale), _value(total, total_scale), rate
        )
    if found := _TQDM_COUNT.fullmatch(shown):
        _, done, scale, rate = found.groups()
        return _progress(id_of, found["message"] or "", _value(done, scale), None, rate)
    if (found := _PERCENT.fullmatch(shown)) and (whole or not found["more"]):
        completed = float(found[2])
        if completed <= 100:
            message = found["message"].strip(" :|") and found["message"]
            return _progress(id_of, message, completed, 100.0, None, unit="%")
    return None


def _progress(
    id_of: Callable[[str], str],
    message: str,
    completed: float,
    total: float | None,
    rate: str | None,
    unit: str | None = None,
) -> Progress:
    message = message.strip().rstrip(":").rstrip()
    if rate is not None and (found := _RATE.search(rate)):
        unit = found[1] or found[2]
    return Progress(id_of(message), completed, total, unit=unit, message=message or None)


def _value(number: str, scale: str) -> float:
    return float(number) * _SCALES[scale]
