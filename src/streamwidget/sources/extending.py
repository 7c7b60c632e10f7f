"""Sources of other people: what they recognise, they turn into something that can be streamed.

Registered by a decorator; a package names the modules that do so under the entry point group
`streamwidget.sources`, and they are loaded when the first source is resolved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..formats.extending import load_plugins

Opener = TypeVar("Opener", bound=Callable[..., object])

_openers: list[tuple[Callable[[object], bool], Callable[..., object]]] = []


def register_source(recognises: Callable[[object], bool]) -> Callable[[Opener], Opener]:
    """Registers how values that `recognises` says yes to are streamed; as a decorator.

    The decorated function takes such a value and gives anything that `StreamView` takes: a
    generator, a function of an emitter, a request. The last one that was registered is asked first.
    """

    def register(opener: Opener) -> Opener:
        _openers.insert(0, (recognises, opener))
        return opener

    return register


def unregister_source(opener: Callable[..., object]) -> None:
    """Forgets what was registered with this function; one that was not is ignored."""
    _openers[:] = [pair for pair in _openers if pair[1] is not opener]


def opened(value: object) -> object | None:
    """What a registered function makes of `value`; None if none of them recognises it."""
    load_plugins("streamwidget.sources")
    for recognises, opener in _openers:
        if recognises(value):
            return opener(value)
    return None
