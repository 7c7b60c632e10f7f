"""Which vocabulary a stream speaks: told by the first record that only one of them has.

A record that shows nothing by itself (a lifecycle event, an empty one) is held back, a few at most;
anything else that nobody recognises is generic at once. So a wrong guess is never made, and no text
waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..events import Event
from .generic import GenericFormat, is_quiet, shows
from .records import Format, NewId, Record

HELD_RECORDS: Final = 4
"""Lifecycle events come before the first telling one: `metadata`, `start`, a priming event."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One entry of the registry."""

    name: str
    make: Callable[[NewId], Format]
    recognises: Callable[[Record], bool]
    """Whether one record is certain evidence."""


class Detected:
    """A format that becomes one of `vocabularies`, or the generic one."""

    def __init__(
        self, new_id: NewId, vocabularies: tuple[Vocabulary, ...], *, lines: bool = False
    ) -> None:
        self.name: str | None = None
        """Name of the vocabulary; None while it is not known, and for the generic one."""
        self._new_id = new_id
        self._vocabularies = vocabularies
        self._lines = lines
        self._held: list[Record] = []
        self._format: Format | None = None

    @property
    def ended(self) -> bool:
        return self._format is not None and self._format.ended

    def feed(self, record: Record, /) -> list[Event]:
        if self._format is not None:
            return self._format.feed(record)
        for vocabulary in self._vocabularies:
            if vocabulary.recognises(record):
                self.name = vocabulary.name
                self._held.append(record)
                return self._become(vocabulary.make(self._new_id))
        if is_quiet(record):  # pings may come for minutes before the first word
            return []
        self._held.append(record)
        if len(self._held) <= HELD_RECORDS and not shows(record, lines=self._lines):
            return []
        return self._become(GenericFormat(self._new_id, lines=self._lines))

    def flush(self, *, half_record: bool = False) -> list[Event]:
        events = []
        if self._format is None:
            events = self._become(GenericFormat(self._new_id, lines=self._lines))
        assert self._format is not None
        return [*events, *self._format.flush(half_record=half_record)]

    def _become(self, chosen: Format) -> list[Event]:
        self._format = chosen
        held, self._held = self._held, []
        return [event for record in held for event in chosen.feed(record)]
