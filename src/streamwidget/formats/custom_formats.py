"""Custom formats, registered by a decorator or found by entry points.

A package lists its formats under the entry point group `streamwidget.formats`. They are loaded with
the first stream; one that fails to load is logged and left out. The built-in formats are imported
then too, so that this module is cheap to import.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..decode.records import Format, NewId, Record
from ..errors import UsageError
from ..events import Event, Outcome, RunEnd

if TYPE_CHECKING:
    from .detect import Vocabulary

_log = logging.getLogger("streamwidget")
_registered: dict[str, Vocabulary] = {}

Registered = TypeVar("Registered", bound=Callable[..., Any])


def register_format(
    name: str, *, recognises: Callable[[Record], bool] | None = None
) -> Callable[[Registered], Registered]:
    """Return a decorator that registers a format as `format=name`.

    It decorates a class that takes a function for new ids and whose instances have `feed(record)`,
    `flush()` and `ended`; or a function that takes a record and the function for new ids, and
    returns events. A record has `.value` (its JSON), `.data` (its text) and `.name` (the SSE event
    type). `recognises` returns True if one record is certain evidence of the format; then
    `format="auto"` detects it, before the built-in formats.

    Raises:
        UsageError: `name` is a built-in format.
    """
    from .detect import Vocabulary
    from .registry import BY_NAME

    if name in BY_NAME or name in ("auto", "text"):
        raise UsageError(f"The format {name!r} is built in. Choose another name.")

    def register(target: Registered) -> Registered:
        make = target if isinstance(target, type) else _of_function(target)
        _registered[name] = Vocabulary(
            name, cast("Callable[[NewId], Format]", make), recognises or (lambda _: False)
        )
        return target

    return register


def unregister_format(name: str) -> None:
    """Remove a registered format; do nothing if it is not registered."""
    _registered.pop(name, None)


def vocabularies() -> tuple[Vocabulary, ...]:
    """Return all formats in the order of detection: custom formats first."""
    from .registry import VOCABULARIES

    load_plugins()
    return (*_registered.values(), *VOCABULARIES) if _registered else VOCABULARIES


def vocabulary(name: str) -> Vocabulary | None:
    """Return the format with that name; None if there is none."""
    from .registry import BY_NAME

    load_plugins()
    return _registered.get(name) or BY_NAME.get(name)


def registered_names() -> list[str]:
    """Return the names of custom formats."""
    load_plugins()
    return list(_registered)


@cache
def load_plugins(group: str = "streamwidget.formats") -> None:
    """Load the entry points of installed packages under `group`, once per process."""
    for point in entry_points(group=group):
        try:
            loaded = point.load()
            if group == "streamwidget.formats" and point.name not in _registered:
                register_format(point.name)(loaded)
        except Exception:
            _log.warning("could not load the %s %r", group, point.name, exc_info=True)


class _FunctionFormat:
    """A format from a function that reads each record separately. It ends with the input."""

    def __init__(
        self, function: Callable[[Record, NewId], Iterable[Event] | None], new_id: NewId
    ) -> None:
        self.ended = False
        self._function = function
        self._new_id = new_id

    def feed(self, record: Record, /) -> list[Event]:
        events = list(self._function(record, self._new_id) or ())
        self.ended = any(isinstance(event, RunEnd) for event in events)
        return events

    def outcome(self, *, half_record: bool = False) -> Outcome:
        return "cut" if half_record else "complete"

    def flush(self, *, half_record: bool = False) -> list[Event]:
        self.ended = True
        return [RunEnd(self.outcome(half_record=half_record))]


def _of_function(function: Callable[..., Any]) -> Callable[[NewId], Format]:
    return lambda new_id: _FunctionFormat(function, new_id)
