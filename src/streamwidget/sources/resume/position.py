"""How far a stream has come: the position that a resume starts from.

Pure. Counts whole records only: what the connection cut in the middle is not part of a position.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What of a stream has been taken in; what a function passed as `resume=` is called with.

    Everything up to here stands in the document, and nothing after it does.
    """

    last_event_id: str = ""
    """The last event ID of server-sent events; `""` if none was ever set."""
    records_count: int = 0
    """Events or lines so far, repeated ones not counted."""
    bytes: int = 0
    """Bytes of all bodies together, after their content coding was undone, repeats included."""
    chars: int = 0
    """The same in characters (code points); UTF-8 only, 0 for other encodings."""
    cursor: str | None = None
    """The format's own: `sequence_number`, `seq`, `event_id`, an offset; None if it told none."""
