"""Custom sources: registered functions that turn their own types into sources.

A decorator registers them. A package lists the modules that do so under the entry point group
`streamwidget.sources`; they are loaded when the first source is resolved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..formats.custom_formats import load_plugins

Opener = TypeVar("Opener", bound=Callable[..., object])

_openers: list[tuple[Callable[[object], bool], Callable[..., object]]] = []


def register_source(recognises: Callable[[object], bool]) -> Callable[[Opener], Opener]:
    """Return a decorator that registers how values accepted by `recognises` are streamed.

    The decorated function takes such a value and returns anything that `StreamView` takes: a
    generator, a function with an emitter, a request. The last registered function has priority.
    """

    def register(opener: Opener) -> Opener:
        _openers.insert(0, (recognises, opener))
        return opener

    return register


def unregister_source(opener: Callable[..., object]) -> None:
    """Remove a registered function; do nothing if it is not registered."""
    _openers[:] = [pair for pair in _openers if pair[1] is not opener]


def opened(value: object) -> object | None:
    """Return what a registered function makes of `value`; None if none recognises it."""
    load_plugins("streamwidget.sources")
    for recognises, opener in _openers:
        if recognises(value):
            return opener(value)
    return None
