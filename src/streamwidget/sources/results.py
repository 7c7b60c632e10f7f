"""Results of functions and futures: a source to continue with, or a value to show."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from ..events import Event, TextDelta, ValueDelta, ValueEnd, ValueStart
from .plain_values import plain


def is_stream(value: object) -> bool:
    """True if `value` is a stream: an iterator, a generator, an open response."""
    return any(
        hasattr(value, name)
        for name in ("__next__", "__anext__", "iter_bytes", "aiter_bytes", "iter_content")
    )


def value_events(value: object, new_id: Callable[[str], str]) -> Sequence[Event]:
    """Return the events of a result: text, nothing for None, else a JSON value named `result`."""
    if value is None:
        return []
    if isinstance(value, str):
        return [TextDelta(new_id("t"), value)]
    part_id = new_id("v")
    text = json.dumps(plain(value), ensure_ascii=False)
    return [ValueStart(part_id, "result"), ValueDelta(part_id, text), ValueEnd(part_id)]
