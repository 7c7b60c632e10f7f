"""The names that `dir()` and completion list for a widget: those that are meant for people.

ipywidgets and traitlets add about sixty names, among which ours would be hard to find. All of them
still work; they are only not listed.
"""

from __future__ import annotations

import anywidget


def listed_names(widget: anywidget.AnyWidget, *, hidden: frozenset[str]) -> list[str]:
    """Return the public names that our classes define, without those in `hidden`."""
    mro = type(widget).__mro__
    ours = mro[: mro.index(anywidget.AnyWidget)]
    names = {name for kind in ours for name in vars(kind)}
    return sorted(name for name in names if not name.startswith("_") and name not in hidden)
