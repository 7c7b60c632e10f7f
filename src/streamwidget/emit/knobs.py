"""Knobs of a run: numbers that the job reads and the reader sets while it runs.

Thread-safe. A value is set under the lock of the run, and read without one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from ..errors import UsageError
from ..events import Event, Knob
from . import convert

WIDE_RATIO = 1000
"""With bounds this far apart a slider is logarithmic: on a linear one the small values are one
point."""


class KnobHandle:
    """A number that the reader can change while the job runs: `knob.value`, `float(knob)`."""

    def __init__(self, knobs: Knobs, first: Knob, *, is_integer: bool) -> None:
        self._knobs = knobs
        self._is_integer = is_integer
        self.event = first
        """The event with the current value."""
        self.event = replace(first, value=self.within(first.value))

    @property
    def name(self) -> str:
        """The label of the knob."""
        return self.event.name

    @property
    def value(self) -> float:
        """The current value, within the bounds; an `int` if value and step are whole numbers."""
        return self.event.value

    @value.setter
    def value(self, value: float) -> None:
        self.set(value)

    def set(self, value: float, *, by_reader: bool = False) -> float:
        """Set the value, moved into the bounds, and return it; after the end nothing changes.

        Raises:
            TypeError: `value` is not a number.
            UsageError: it is not finite.
        """
        return self._knobs.set(self, convert.number("knob", value), by_reader=by_reader)

    def within(self, value: float) -> float:
        """Return the nearest value that the knob can have."""
        first = self.event
        if first.step is not None and not first.is_log:
            start = first.minimum if first.minimum is not None else 0.0
            value = start + round((value - start) / first.step) * first.step
            value = float(f"{value:.12g}")  # 0.1 + 2 * 0.1 is 0.30000000000000004
        if first.minimum is not None:
            value = max(first.minimum, value)
        if first.maximum is not None:
            value = min(first.maximum, value)
        return int(value) if self._is_integer else float(value)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __repr__(self) -> str:
        return f"{self.name} = {self.value!r}"


class Knobs:
    """The knobs of one run, by their part."""

    def __init__(
        self,
        *,
        push: Callable[[Sequence[Event]], None],
        lock: AbstractContextManager[object],
        is_over: Callable[[], bool],
    ) -> None:
        self._push = push
        self._lock = lock
        self._is_over = is_over
        self._known: dict[str, KnobHandle] = {}

    def find(self, part_id: str) -> KnobHandle | None:
        """Return the knob of that part; None if there is none."""
        return self._known.get(part_id)

    def part_ids(self) -> list[str]:
        """Return the parts of the knobs that can be set; none after the end."""
        return [] if self._is_over() else list(self._known)

    def add(
        self,
        name: object,
        value: float,
        *,
        minimum: float | None,
        maximum: float | None,
        step: float | None,
        is_log: bool | None,
        step_id: str | None,
        before: Callable[[], Sequence[Event]],
    ) -> KnobHandle:
        """Return the knob `name`; the first call shows it, after the events of `before`.

        Raises:
            TypeError: a number is not one, or is a bool.
            UsageError: the bounds contradict each other, or a logarithmic knob lacks positive ones.
        """
        label = convert.message_text("emit.knob", name)
        part_id = f"knob:{label}"
        if (known := self._known.get(part_id)) is not None:
            return known
        numbers = [_number(given) for given in (minimum, maximum, step)]
        first = _number(value)
        if first is None:
            raise TypeError("emit.knob takes a number, not None")
        least, greatest, pitch = numbers
        is_integer = not is_log and all(
            isinstance(one, int) for one in (first, least, greatest, pitch) if one is not None
        )
        if is_log is None:
            is_log = pitch is None and not is_integer and _is_wide(least, greatest)
        _check(label, least, greatest, pitch, is_log=is_log)
        if is_integer and pitch is None:
            pitch = 1
        closing = before()
        with self._lock:
            if (known := self._known.get(part_id)) is not None:
                self._push(closing)
                return known
            event = Knob(part_id, label, first, least, greatest, pitch, is_log, step_id=step_id)
            knob = KnobHandle(self, event, is_integer=is_integer)
            self._push([*closing, knob.event])
            self._known[part_id] = knob
        return knob

    def set(self, knob: KnobHandle, value: float, *, by_reader: bool) -> float:
        """Set the value of a knob and show it."""
        with self._lock:
            if self._is_over():
                return knob.value
            value = knob.within(value)
            knob.event = replace(knob.event, value=value, by_reader=by_reader)
            self._push([knob.event])
        return value


def _number(value: float | None) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool):
        raise TypeError("emit.knob takes numbers, not bool: ask with emit.ask(schema=bool).")
    return convert.number("emit.knob", value)


def _is_wide(least: float | None, greatest: float | None) -> bool:
    return least is not None and greatest is not None and 0 < least * WIDE_RATIO <= greatest


def _check(
    name: str, least: float | None, greatest: float | None, step: float | None, *, is_log: bool
) -> None:
    if least is not None and greatest is not None and least >= greatest:
        raise UsageError(f"The knob {name!r} needs min < max, got min={least:g}, max={greatest:g}.")
    if step is not None and step <= 0:
        raise UsageError(f"The step of the knob {name!r} must be above 0, not {step:g}.")
    if is_log and (least is None or greatest is None or least <= 0):
        raise UsageError(f"The logarithmic knob {name!r} needs min=... above 0 and max=...")
