"""The position that a resumed stream continues from.

Pure. Counts whole records only: a record that the connection cut is not part of a position.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How much of a stream was read: the argument of a function passed as `resume=`.

    The document contains everything up to here, and nothing after it.
    """

    last_event_id: str = ""
    """The last event ID of server-sent events; `""` if none was ever set."""
    records_count: int = 0
    """Events or lines so far, repeated ones not counted."""
    bytes: int = 0
    """Bytes of all bodies together, after their content coding was undone, repeats included."""
    chars: int = 0
    """The same in characters (code points); UTF-8 only, 0 for other encodings."""
    utf16_units: int = 0
    """The same as JavaScript counts characters, in UTF-16 units."""
    cursor: str | None = None
    """The format's own position (`sequence_number`, `seq`, `event_id`, an offset), or None."""
    resource: str | None = None
    """ID of the response that the server made, or path of its run, where a request names it;
    else None."""

    def facts(self) -> dict[str, str | int | None]:
        """Return the position as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, facts: Mapping[str, object]) -> Position:
        """Return the position that JSON values describe; a value of another type is left out."""
        empty = cls()
        types = {name: type(getattr(empty, name)) for name in cls.__slots__}
        types |= {"cursor": str, "resource": str}
        known = {name: value for name, value in facts.items() if type(value) is types.get(name)}
        return cls(**known)  # type: ignore[arg-type]
