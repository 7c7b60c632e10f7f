"""What a function or a future gave back: a source to go on with, or a value to show."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from ..events import Event, TextDelta, ValueDelta, ValueEnd, ValueStart
from .plain import plain


def is_stream(value: object) -> bool:
    """Whether `value` is being read piece by piece: an iterator, a generator, an open response."""
    return any(
        hasattr(value, name)
        for name in ("__next__", "__anext__", "iter_bytes", "aiter_bytes", "iter_content")
    )


def value_events(value: object, new_id: Callable[[str], str]) -> Sequence[Event]:
    """Text as text, None as nothing, anything else as the JSON value named `result`."""
    if value is None:
        return []
    if isinstance(value, str):
        return [TextDelta(new_id("t"), value)]
    part_id = new_id("v")
    text = json.dumps(plain(value), ensure_ascii=False)
    return [ValueStart(part_id, "result"), ValueDelta(part_id, text), ValueEnd(part_id)]
