"""A list of events that takes little memory for many small deltas.

As an object, the delta of a token takes 130 bytes, most of them for the object and its string. Here
a thousand events are packed into a block: the text of their deltas is joined, and each delta takes
6 bytes beside its text. Reading makes the events again. Pure.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from ..events import Event, ReasoningDelta, TextDelta, ToolCallDelta, ValueDelta

BLOCK_COUNT = 1024
"""Events in a block."""
LONG_CHARS = 256
"""A longer delta stays an object, whose text may be shared with the document."""
_NOT_PACKED = 0xFFFF
_TEXTS = frozenset({TextDelta, ReasoningDelta, ValueDelta})
_Key = tuple[type, str]
"""Class and part of a delta."""


@dataclass(frozen=True, slots=True)
class _Block:
    keys: list[_Key]
    key_of: array[int]
    """By event, the place of its key; `_NOT_PACKED`: it is one of `others`."""
    text: str
    """The text of all packed deltas."""
    ends: array[int]
    """By event, where its text ends."""
    others: list[Event]

    def __len__(self) -> int:
        return len(self.ends)

    def events(self) -> list[Event]:
        """Return equal events to those that were packed."""
        events: list[Event] = []
        keys, text, others, start = self.keys, self.text, iter(self.others), 0
        for place, end in zip(self.key_of, self.ends, strict=True):
            if place == _NOT_PACKED:
                events.append(next(others))
            else:
                kind, part_id = keys[place]
                events.append(kind(part_id, text[start:end]))
                start = end
        return events


class PackedEvents:
    """Events that are added in batches of up to `BLOCK_COUNT`, and dropped from the beginning."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._ends: list[int] = []
        """By block, the number of its last event and all before it, counted from the first ever."""
        self._dropped = 0

    def copy(self) -> PackedEvents:
        """Return an independent list of the same events."""
        packed = copy(self)
        packed._blocks, packed._ends = self._blocks[:], self._ends[:]
        return packed

    def __len__(self) -> int:
        return self._ends[-1] - self._dropped if self._ends else 0

    def __iter__(self) -> Iterator[Event]:
        for block in self._blocks:
            yield from block.events()

    def extend(self, events: Sequence[Event]) -> None:
        """Add events as one block."""
        self._ends.append(self._dropped + len(self) + len(events))
        self._blocks.append(_packed(events))

    def read(self, start: int, count: int) -> list[Event]:
        """Return `count` events from the one at `start` on, fewer at the end of the list."""
        events: list[Event] = []
        at = bisect_right(self._ends, self._dropped + start)
        while count > 0 and at < len(self._blocks):
            block = self._blocks[at]
            skip = start - (self._ends[at] - len(block) - self._dropped)
            read = block.events()[skip : skip + count]
            events += read
            start, count, at = start + len(read), count - len(read), at + 1
        return events

    def drop(self, count: int) -> None:
        """Drop the first `count` events."""
        dropped = self._dropped + count
        whole = bisect_right(self._ends, dropped)
        before = self._ends[whole - 1] if whole else self._dropped
        del self._blocks[:whole], self._ends[:whole]
        if dropped > before and self._blocks:
            self._blocks[0] = _packed(self._blocks[0].events()[dropped - before :])
        self._dropped = dropped


def _packed(events: Sequence[Event]) -> _Block:
    places: dict[_Key, int] = {}
    key_of, ends = array("H"), array("I")
    texts: list[str] = []
    others: list[Event] = []
    end = 0
    event: Any  # narrowed by its class
    for event in events:
        kind = type(event)
        if kind in _TEXTS:
            text = event.text
        elif kind is ToolCallDelta and event.tool_name is None:
            text = event.arguments_text
        else:
            text = None
        if text is None or len(text) > LONG_CHARS:
            others.append(event)
            key_of.append(_NOT_PACKED)
        else:
            key_of.append(places.setdefault((kind, event.part_id), len(places)))
            texts.append(text)
            end += len(text)
        ends.append(end)
    return _Block(list(places), key_of, "".join(texts), ends, others)
