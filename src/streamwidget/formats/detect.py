"""Detection of the vocabulary of a stream, by the first record that only one of them has.

A few records without content (lifecycle events, empty ones) are held back; any other record that no
vocabulary recognises makes the stream generic at once. Therefore detection never guesses wrong and
never delays text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..decode.records import Format, NewId, Record
from ..events import Event, Outcome
from .generic import GenericFormat, is_quiet, shows

HELD_RECORDS: Final = 4
"""Most lifecycle events before the first conclusive record: `metadata`, `start`, a priming
event."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One entry of the registry."""

    name: str
    """Name of the format, for `format=`."""
    make: Callable[[NewId], Format]
    """Returns a new format; takes the function for new ids."""
    recognises: Callable[[Record], bool]
    """True if one record is certain evidence."""


class Detected:
    """A format that becomes one of `vocabularies` or the generic one."""

    def __init__(
        self, new_id: NewId, vocabularies: tuple[Vocabulary, ...], *, lines: bool = False
    ) -> None:
        self.name: str | None = None
        """Name of the vocabulary; None while it is unknown, and for the generic one."""
        self._new_id = new_id
        self._vocabularies = vocabularies
        self._lines = lines
        self._held: list[Record] = []
        self._format: Format | None = None

    @property
    def chosen(self) -> Format | None:
        """The format, to which records can be fed directly; None while it is unknown."""
        return self._format

    @property
    def ended(self) -> bool:
        """True once the end marker has arrived."""
        return self._format is not None and self._format.ended

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of a record, and of those held back before it."""
        if self._format is not None:
            return self._format.feed(record)
        for vocabulary in self._vocabularies:
            if vocabulary.recognises(record):
                self.name = vocabulary.name
                self._held.append(record)
                return self._become(vocabulary.make(self._new_id))
        if is_quiet(record):  # pings may arrive for minutes before the first word
            return []
        self._held.append(record)
        if len(self._held) <= HELD_RECORDS and not shows(record, lines=self._lines):
            return []
        return self._become(GenericFormat(self._new_id, lines=self._lines))

    def after_end(self, record: Record, /) -> list[Event]:
        """Return the failure in a record after the end marker; see `BaseFormat.after_end`."""
        after_end = getattr(self._format, "after_end", None)
        return [] if after_end is None else after_end(record)

    def rest(self) -> list[Event]:
        """Return what is held back, for a run that ends before its stream."""
        events = []
        if self._format is None:
            events = self._become(GenericFormat(self._new_id, lines=self._lines))
        rest = getattr(self._format, "rest", None)
        return events if rest is None else [*events, *rest()]

    def outcome(self, *, half_record: bool = False) -> Outcome:
        """Return how the run would end if the input ended now; changes nothing."""
        format_ = self._format
        if format_ is None:
            format_ = GenericFormat(lambda prefix: prefix, lines=self._lines)
            for record in self._held:
                format_.feed(record)
        return format_.outcome(half_record=half_record)

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """Return the events still held back, and the end of the run."""
        events = []
        if self._format is None:
            events = self._become(GenericFormat(self._new_id, lines=self._lines))
        assert self._format is not None
        return [*events, *self._format.flush(half_record=half_record)]

    def _become(self, chosen: Format) -> list[Event]:
        self._format = chosen
        held, self._held = self._held, []
        return [event for record in held for event in chosen.feed(record)]
