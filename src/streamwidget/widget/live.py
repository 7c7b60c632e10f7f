"""The live views of this kernel, and what they belong to.

What runs again stops the streams that its earlier run left live: a cell, a call of `interact`, and
a name that is bound to a new view. Otherwise each time would leave behind one more producer that
nobody can see.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, Final, Literal, Protocol, TypeVar
from weakref import WeakValueDictionary

from ..errors import UsageError
from ..run import TERMINAL, Status, StopCause
from . import notebook_cells
from .owners import owners

OnRerun = Literal["stop", "keep"]
SEARCHED_COUNT: Final = 1_000
"""Items of a list that are searched for views after each cell; longer lists are not searched."""


class Stoppable(Protocol):
    """The run of a view, or the answers of a chat."""

    @property
    def status(self) -> Status:
        """A status of `TERMINAL` if nothing is live."""

    def request_stop(self, *, by: StopCause) -> object:
        """Ask the producer to stop."""


class Owned(Protocol):
    """A view or a chat that may belong to a cell."""

    @property
    def _run(self) -> Stoppable: ...

    _owners: frozenset[Hashable]
    """The cells and outputs of `interact` that stop it by running again; empty: nothing does."""


class Boarded:
    """Base class of what shows several views."""

    views: Any


class Conversing:
    """Base class of what has several runs, one after the other: a chat."""

    def _unfinished(self) -> Sequence[Any]:
        """Return the turns that are live or wait, oldest first."""
        raise NotImplementedError


V = TypeVar("V", bound=Owned)

_views: WeakValueDictionary[int, Owned] = WeakValueDictionary()
_numbers = itertools.count()
_names: dict[str, WeakValueDictionary[int, Owned]] = {}
"""The views that each name of the notebook held after the last cell, by `id`."""


def check_on_rerun(on_rerun: str) -> None:
    """Raise unless `on_rerun` is one of the two words.

    Raises:
        UsageError: it is neither.
    """
    if on_rerun not in ("stop", "keep"):
        raise UsageError(f"on_rerun must be 'stop' or 'keep', got {on_rerun!r}.")


def register(view: Owned, on_rerun: OnRerun) -> None:
    """Register a new view and what it belongs to."""
    _views[next(_numbers)] = view
    view._owners = frozenset()
    own(view, on_rerun)


def own(view: Owned, on_rerun: OnRerun) -> None:
    """Let the running cell own `view` too; with `"keep"`, nothing owns it any longer."""
    if on_rerun == "keep":
        view._owners = frozenset()
        return
    view._owners |= owners(stop_views_of)
    if view._owners:
        notebook_cells.before_each_cell(stop_views_of)
        notebook_cells.after_each_cell(_stop_unbound)


def live(kind: type[V]) -> list[V]:
    """Return the views whose runs are live, oldest first."""
    return [view for view in _live() if isinstance(view, kind)]


def live_turns() -> list[Any]:
    """Return the turns of all chats whose answers are live or wait, oldest first in each chat."""
    return [turn for chat in _live() if isinstance(chat, Conversing) for turn in chat._unfinished()]


def stop_views_of(owner: Hashable) -> None:
    """Stop the runs that the earlier run of a cell, or call of `interact`, left live."""
    _stop((view for view in _live() if owner in view._owners), StopCause("rerun"))


def _stop(views: Iterable[Owned], cause: StopCause) -> None:
    for view in views:
        view._run.request_stop(by=cause)


def _stop_unbound() -> None:
    """Stop the live runs of names that the last cell bound to a new view.

    A view that the notebook still holds elsewhere continues: under another name, in a list, in a
    board. So does the view of a name that is bound to anything else, or deleted.
    """
    views = {id(view): view for view in _views.values()}
    held = {
        name: WeakValueDictionary({id(view): view for view in _views_in(value, views)})
        for name, value in notebook_cells.names().items()
    }
    known = {key for before in _names.values() for key in before}
    kept = {key for now in held.values() for key in now}
    for name, before in _names.items():
        if any(key not in known for key in held.get(name, ())):
            lost = [view for key, view in before.items() if key not in kept and view._owners]
            _stop(lost, StopCause("rebound"))
    _names.clear()
    _names.update({name: now for name, now in held.items() if now})


def _views_in(value: Any, views: dict[int, Owned]) -> Iterator[Owned]:
    """Yield the view that a value is, or those of `views` that a list, a dict or a board holds."""
    items: Iterable[object] = (value,)
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        if len(value) <= SEARCHED_COUNT:
            items = value.values() if isinstance(value, dict) else value
    elif isinstance(value, Boarded):
        items = value.views
    return (views[id(item)] for item in items if id(item) in views)


def _live() -> Iterator[Owned]:
    for _, view in sorted(_views.items()):
        if view._run.status not in TERMINAL:
            yield view
