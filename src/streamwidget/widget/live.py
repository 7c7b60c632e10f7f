"""The live views of this kernel, and the cells that they belong to.

A cell that runs again stops the streams that its earlier run left live: otherwise each run of the
cell would leave behind one more producer that nobody can see.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Literal, Protocol, TypeVar
from weakref import WeakValueDictionary

from ..run import TERMINAL, Run, StopCause
from . import notebook_cells

OnRerun = Literal["stop", "keep"]


class Owned(Protocol):
    """A view that may belong to a cell."""

    @property
    def _run(self) -> Run: ...

    _owner: str | None
    """The ID of the cell that stops it by running again; None: no cell does."""


V = TypeVar("V", bound=Owned)

_views: WeakValueDictionary[int, Owned] = WeakValueDictionary()
_numbers = itertools.count()


def register(view: Owned, on_rerun: OnRerun) -> None:
    """Register a new view, which belongs to the running cell if that stops it by running again."""
    own(view, notebook_cells.cell_id() if on_rerun == "stop" else None)


def own(view: Owned, cell: str | None) -> None:
    """Register a new view, or the turn of a chat, and the cell that it belongs to."""
    _views[next(_numbers)] = view
    view._owner = cell
    if cell is not None:
        notebook_cells.before_each_cell(stop_views_of)


def live(kind: type[V]) -> list[V]:
    """Return the views whose runs are live, oldest first."""
    return [view for view in _live() if isinstance(view, kind)]


def stop_views_of(cell: str) -> None:
    """Stop the runs that the earlier run of a cell left live."""
    for view in _live():
        if view._owner == cell:
            view._run.request_stop(by=StopCause("rerun"))


def _live() -> Iterator[Owned]:
    for _, view in sorted(_views.items()):
        if view._run.status not in TERMINAL:
            yield view
