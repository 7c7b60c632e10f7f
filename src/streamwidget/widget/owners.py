"""Who owns a new view: the running cell, and the output of `interact` that is being drawn.

An output of ipywidgets' `interact` is drawn again at each move of a control, in a message that
belongs to no cell. Its views belong to the output, and to the cell that made it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from . import notebook_cells

_INTERACTION = "ipywidgets.widgets.interaction"

_cell_of: WeakKeyDictionary[Any, str | None] = WeakKeyDictionary()
"""The cell that made each output of `interact`; None: a call outside of a cell did."""


def owners(redrawn: Callable[[Hashable], None]) -> frozenset[Hashable]:
    """Return what owns a view that is made now; none outside of cells.

    `redrawn` is called with the owner when an output of `interact` is about to be drawn again.
    """
    cell = notebook_cells.cell_id()
    output = _output_being_drawn()
    if output is None:
        return frozenset() if cell is None else frozenset((cell,))
    if output not in _cell_of:
        _cell_of[output] = cell
        owner: Hashable = output.model_id
        output.observe(lambda change: _entered(change, owner, redrawn), names="msg_id")
    made_in = _cell_of[output]
    return frozenset(key for key in (output.model_id, made_in) if key is not None)


def _entered(change: Any, owner: Hashable, redrawn: Callable[[Hashable], None]) -> None:
    if change["new"]:  # empty when the output is left
        redrawn(owner)


def _output_being_drawn() -> Any:
    """Return the output widget that `interact` draws into on this thread; None: it does not.

    A frame of ipywidgets has it: `interactive.update`, or the observer of
    `interactive_output`.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == _INTERACTION:
            names = frame.f_locals
            output = getattr(names.get("self"), "out", None) or names.get("out")
            if getattr(output, "msg_id", ""):
                return output
        frame = frame.f_back
    return None
