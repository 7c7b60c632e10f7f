"""Formats of other people: registered by a decorator, or found by their entry points.

A package names its formats under the entry point group `streamwidget.formats`; they are loaded when
the first stream is opened, and one that cannot be loaded is told in the log and left out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import entry_points
from typing import Any, TypeVar, cast

from ..errors import UsageError
from ..events import Event, RunEnd
from .detect import Vocabulary
from .records import Format, NewId, Record
from .registry import BY_NAME, VOCABULARIES

_log = logging.getLogger("streamwidget")
_registered: dict[str, Vocabulary] = {}

Made = TypeVar("Made", bound=Callable[..., Any])


def register_format(
    name: str, *, recognises: Callable[[Record], bool] | None = None
) -> Callable[[Made], Made]:
    """Registers a format under `name`, for `format=name`; as a decorator.

    It decorates a class whose instances are made with a function for ids and have `feed(record)`,
    `flush()` and `ended`; or a plain function that takes a record and the function for ids, and
    gives the record's events. A record has `.value` (its JSON), `.data` (its text) and `.name` (the
    SSE event's). `recognises` tells whether one record is certain evidence of the format; with it,
    `format="auto"` finds it, before the formats that are built in.

    Raises:
        UsageError: the name is taken.
    """
    if name in BY_NAME or name in ("auto", "text"):
        raise UsageError(f"The format {name!r} is built in: choose another name.")

    def register(made: Made) -> Made:
        make = made if isinstance(made, type) else _of_function(made)
        _registered[name] = Vocabulary(
            name, cast("Callable[[NewId], Format]", make), recognises or (lambda _: False)
        )
        return made

    return register


def unregister_format(name: str) -> None:
    """Forgets a format that was registered; one that was not is ignored."""
    _registered.pop(name, None)


def vocabularies() -> tuple[Vocabulary, ...]:
    """All formats in the order in which they are asked: those of other people first."""
    load_plugins()
    return (*_registered.values(), *VOCABULARIES) if _registered else VOCABULARIES


def vocabulary(name: str) -> Vocabulary | None:
    """The format of that name; None if there is none."""
    load_plugins()
    return _registered.get(name) or BY_NAME.get(name)


def registered_names() -> list[str]:
    """The names of other people's formats."""
    load_plugins()
    return list(_registered)


@cache
def load_plugins(group: str = "streamwidget.formats") -> None:
    """Loads what installed packages offer under `group`, once per process."""
    for point in entry_points(group=group):
        try:
            loaded = point.load()
            if group == "streamwidget.formats" and point.name not in _registered:
                register_format(point.name)(loaded)
        except Exception:
            _log.warning("the %s %r could not be loaded", group, point.name, exc_info=True)


class _FunctionFormat:
    """A format that is a function: each record by itself. It ends with the bytes."""

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

    def flush(self, *, half_record: bool = False) -> list[Event]:
        self.ended = True
        return [RunEnd("cut" if half_record else "complete")]


def _of_function(function: Callable[..., Any]) -> Callable[[NewId], Format]:
    return lambda new_id: _FunctionFormat(function, new_id)
