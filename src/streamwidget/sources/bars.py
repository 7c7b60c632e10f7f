"""Progress bars in terminal output: rows of the screen to `Progress` events.

A row counts as a bar only if the program redraws it. A bar is identified by its row and its label,
so that parallel bars stay separate and a bar that moves down stays the same. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..decode.screen_row import Row
from ..decode.screen_rows import Cause, Reading
from ..decode.terminal import Terminal
from ..events import Progress
from ..io.source import Context

BARS_COUNT: Final = 64
"""Most bars of one output that are tracked at the same time; further ones share the last."""

_NUMBER: Final = r"(\d{1,18}(?:\.\d{1,9})?)"  # more digits could be infinity
_SCALED: Final = _NUMBER + r"([kKMGTP]?)"
_IN_BRACKETS: Final = r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]"
_TQDM: Final = re.compile(
    rf"(?<![\d.])\d{{1,3}}(?:\.\d{{1,9}})?%\|[^|]*\|\s*{_SCALED}[^/\d\s]*/{_SCALED}"
    rf"[^\[\]/|]*(?:{_IN_BRACKETS})?(.*)"
)
_TQDM_COUNT: Final = re.compile(rf"(?<![\d.]){_SCALED}[^\[\d\s]* \[(\d+:[^\[\]]*)\](.*)")
_PERCENT: Final = re.compile(r"(?<![\d.,])(\d{1,3}(?:\.\d{1,9})?) ?%(?!\w)")
_UNIT: Final = r"([kKMGT]?i?[bB](?:ytes)?)"
_COUNT: Final = re.compile(rf"(?<![\w./-]){_NUMBER} ?{_UNIT}?/{_NUMBER}(?: ?{_UNIT}\b)?(?![\d./-])")
_NUMBERED: Final = re.compile(r"\s*\[ *(\d{1,9})/(\d{1,9})\] *(.*)")
_GLYPHS: Final = re.compile(
    r"▕[^▏]*▏|[━─█▉▊▋▌▍▎▏▓▒░■□╸╺⣿⣀▰▱#=]{2,}[^\w\s]*|\[[=#>\-. ]{3,}\]|\[[=#>]|[━█╸╺]"
)
_RATE: Final = re.compile(r",\s*[\d.?]+\s*([^\s\d,/?]+)/s|s/([^\s\d,]+)")
_SCALES: Final = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "p": 1e15}
_EDGE: Final = " \t:|[(-.,>"


@dataclass(frozen=True, slots=True)
class _Shown:
    """The state of a bar as a row shows it."""

    label: str
    completed: float
    total: float | None
    unit: str | None = None
    rest: str = ""
    message: str | None = None
    """Details of the current state, which do not identify the bar."""


class _Bar:
    """One bar: its part, the last row it was drawn in, and its state there."""

    def __init__(self, part_id: str, row: Row, shown: _Shown) -> None:
        self.part_id = part_id
        self.row = row
        self.shown = shown
        self.sent: Progress | None = None

    def is_like(self, other: _Shown) -> bool:
        """True if a row shows the same bar, whatever its progress."""
        return (self.shown.label, self.shown.total) == (other.label, other.total)

    def show(self, shown: _Shown) -> list[Progress]:
        """Return the progress event if it differs from the last one."""
        progress = Progress(
            self.part_id,
            shown.completed,
            shown.total,
            unit=shown.unit,
            message=shown.message or shown.label or None,
        )
        if progress == self.sent:
            return []
        self.sent = progress
        return [progress]

    @property
    def is_full(self) -> bool:
        return self.shown.completed == self.shown.total


class Bars:
    """Reads rows of the screen and remembers the bars of one output."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._bars: dict[str, _Bar] = {}
        """Bars by label; the last one that was drawn with it."""
        self._ended: dict[str, _Bar] = {}
        """Bars by label that were full when their line ended."""

    def read(self, row: Row, text: str, cause: Cause, /) -> Reading[Progress]:
        """Return the progress that a redrawn row shows."""
        shown = _shown(text)
        before = row.mark if isinstance(row.mark, _Bar) else None
        if cause == "unfinished":
            # the row may continue: only a bar that the row showed before is certain
            same = before is not None and shown is not None and before.is_like(shown)
            return Reading(before.show(shown) if before and shown and same else [])
        if shown is None:
            return Reading([] if before is None else before.show(before.shown))
        bar = self._bar_of(before, row, shown, cause)
        results = [] if before in (None, bar) else before.show(before.shown)
        self._bars[shown.label] = row.mark = bar
        bar.row, bar.shown = row, shown
        if cause == "ended" and bar.is_full:
            self._end(bar)
        return Reading([*results, *bar.show(shown)], shown.rest)

    def _end(self, bar: _Bar) -> None:
        """Forget a full bar: the next one with its label is a new bar."""
        self._bars = {label: other for label, other in self._bars.items() if other is not bar}
        self._ended.pop(bar.shown.label, None)
        self._ended[bar.shown.label] = bar
        if len(self._ended) > BARS_COUNT:
            del self._ended[next(iter(self._ended))]

    def is_likely(self, text: str, /) -> bool:
        """True if `text` would be a bar if it were redrawn next."""
        shown = _shown(text)
        return shown is not None and not shown.rest and len(text) < 200

    def _bar_of(self, here: _Bar | None, row: Row, shown: _Shown, cause: Cause) -> _Bar:
        """Return the bar with this row and label, or a new one."""
        if here is not None and here.shown.label == shown.label:
            return here
        named = self._bars.get(shown.label)
        if named is not None and _continues(named, row, shown, cause):
            return named
        ended = self._ended.get(shown.label)
        is_full = bool(shown.label) and shown.completed == shown.total
        if named is None and is_full and ended is not None and ended.is_like(shown):
            return ended  # drawn again in another row
        # "epoch 1" and "epoch 2, loss 0.3" are one bar that continues
        if here is not None and _key(here.shown.label) == _key(shown.label):
            self._bars.pop(here.shown.label, None)
            return here
        for label, bar in self._bars.items():
            is_alike = named is None and _key(label) == _key(shown.label)
            if is_alike and not _is_shown(bar, row) and shown.total == bar.shown.total:
                return self._bars.pop(label)
        if len(self._bars) >= BARS_COUNT:
            return next(reversed(self._bars.values()))
        return _Bar(self._new_id("p"), row, shown)


def terminal_for(context: Context) -> Terminal[Progress] | None:
    """Return the terminal for output of this format.

    None for formats that are not meant for people: they have no bars, and a carriage return may be
    data.
    """
    return Terminal(Bars(context.new_id)) if context.format in ("auto", "text") else None


def _is_shown(bar: _Bar, row: Row) -> bool:
    """True if a row other than `row` shows the bar."""
    return bar.row is not row and bar.row.mark is bar and bar.row.rest is not None


def _continues(bar: _Bar, row: Row, shown: _Shown, cause: Cause) -> bool:
    """True if `row` now shows a bar from another row, and not a second, similar one."""
    if not _is_shown(bar, row):
        return True
    if shown.total != bar.shown.total or shown.completed < bar.shown.completed:
        return False
    # a program with parallel bars moves up from each of them, and a new one begins at 0
    return cause != "left" or (bool(shown.label) and shown.completed > 0)


def _key(label: str) -> str:
    return re.sub(r"\d+", "", label).partition(",")[0].strip()


def _shown(text: str) -> _Shown | None:
    if not any(character.isdigit() for character in text):
        return None
    for read in (_read_tqdm, _read_tqdm_count, _read_drawn_count, _read_percent, _read_numbered):
        if (shown := read(text)) is not None:
            return shown
    return None


def _read_tqdm(text: str) -> _Shown | None:
    """Read `train:  45%|████▌     | 45/100 [00:01<00:02, 30.1it/s]`."""
    match = _TQDM.search(text)
    if match is None:
        return None
    completed, scale, total, total_scale, rate, rest = match.groups()
    return _Shown(
        _label(text[: match.start()]),
        _value(completed, scale),
        _value(total, total_scale),
        _rate_unit(rate),
        rest.strip(),
    )


def _read_tqdm_count(text: str) -> _Shown | None:
    """Read `45it [00:01, 30.1it/s]`, a tqdm bar without a total."""
    match = _TQDM_COUNT.search(text)
    if match is None:
        return None
    completed, scale, rate, rest = match.groups()
    label = _label(text[: match.start()])
    return _Shown(label, _value(completed, scale), None, _rate_unit(rate), rest.strip())


def _read_drawn_count(text: str) -> _Shown | None:
    """Read `10/10 ━━━━ 5ms/step` (Keras), `━━━ 1.2/3.4 MB` (pip), `[==>  ] 12/345: a` (cargo).

    Without a drawing, both numbers need a unit: `Completed 1.2 MiB/3.4 MiB` (AWS).
    """
    match, glyphs = _COUNT.search(text), _GLYPHS.search(text)
    if match is None:
        return None
    completed, unit, total, total_unit = match.groups()
    if glyphs is None and not (unit and total_unit):
        return None
    unit = unit or total_unit
    values = [_sized(completed, unit), _sized(total, total_unit)]
    if not values[1] > 0 or values[0] > values[1]:
        return None
    drawn = [found.start() for found in (match, glyphs, _PERCENT.search(text)) if found is not None]
    label = _label(text[: min(drawn)])
    return _Shown(label, values[0], values[1], "B" if unit else None)


def _read_percent(text: str) -> _Shown | None:
    """Read a number from 0 to 100 with a percent sign: git, curl, wget, rsync, apt, rich."""
    match = _PERCENT.search(text)
    if match is None or float(match[1]) > 100:
        return None
    before = text[: match.start()]
    glyphs = _GLYPHS.search(before)
    return _Shown(
        _label(before if glyphs is None else before[: glyphs.start()]), float(match[1]), 100.0, "%"
    )


def _read_numbered(text: str) -> _Shown | None:
    """Read `[12/345] Building CXX object` (ninja)."""
    match = _NUMBERED.fullmatch(text)
    if match is None:
        return None
    completed, total, message = match.groups()
    if not 0 <= int(completed) <= int(total) or not int(total):
        return None
    return _Shown("", float(completed), float(total), None, "", message.strip() or None)


def _label(text: str) -> str:
    """Return the words before a bar; "" if there are only numbers and signs."""
    label = " ".join(text.partition("|")[0].split()).strip(_EDGE)
    return label if any(character.isalpha() for character in label) else ""


def _rate_unit(rate: str | None) -> str | None:
    match = _RATE.search(rate) if rate else None
    return (match[1] or match[2]) if match else None


def _value(number: str, scale: str) -> float:
    return float(number) * _SCALES[scale.lower()]


def _sized(number: str, unit: str | None) -> float:
    """Return a size in bytes; the number itself if there is no unit."""
    if not unit or unit[0] in "bB":
        return float(number)
    step = 1024.0 if "i" in unit else 1000.0
    return float(number) * float(step ** ("kmgt".index(unit[0].lower()) + 1))
