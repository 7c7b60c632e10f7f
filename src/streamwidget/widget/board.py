"""`StreamBoard`: many views side by side, one line each.

A board has no run and no messages of its own: the page draws it from what it has of the views.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import anywidget
import ipywidgets
import traitlets

from ..characters import clean
from ..errors import UsageError
from ..run import TERMINAL
from .bundle import PARTS, bundle, bundle_hash, carrier, loader
from .view import StreamView

_TITLE = "Streams"


class StreamBoard(anywidget.AnyWidget):
    """Shows many views as one line each, to compare models or to watch what fans out.

    The lines can be sorted by state or progress; each run, or all of them, can be stopped; one at a
    time can be opened in full. The views need not be shown themselves.

    Args:
        views: the views, in the order in which they stand.
        title: shown above them.

    Raises:
        UsageError: something among `views` is no `StreamView`.
    """

    _esm = traitlets.Unicode("").tag(sync=True)
    _code = traitlets.Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    _parts = traitlets.Dict().tag(sync=True, **ipywidgets.widget_serialization)
    _views: traitlets.List[StreamView] = traitlets.List().tag(
        sync=True, **ipywidgets.widget_serialization
    )
    title = traitlets.Unicode("").tag(sync=True)

    def __init__(self, views: Iterable[StreamView], *, title: str = _TITLE) -> None:
        listed = list(views)
        for view in listed:
            if not isinstance(view, StreamView):
                raise UsageError(
                    f"A board shows StreamViews; it was given {type(view).__name__}: "
                    "StreamBoard([StreamView(source), ...])."
                )
        super().__init__(
            _esm=loader(),
            _code=carrier(),
            _parts={"extras": carrier("extras")},
            _views=listed,
            title=clean(title),
        )
        self.on_msg(self._on_message)

    @property
    def views(self) -> tuple[StreamView, ...]:
        """The views, in the order in which they were given."""
        return tuple(self._views)

    def stop(self) -> None:
        """Asks every run that goes on to stop; what has arrived stays."""
        for view in self.views:
            view.stop()

    def wait(self, timeout_s: float | None = None) -> None:
        """Blocks until every run is over, or for `timeout_s` seconds at each.

        Raises:
            KeyboardInterrupt: the kernel was interrupted; all runs have been stopped first.
        """
        try:
            for view in self.views:
                view.wait(timeout_s)
        except KeyboardInterrupt:
            self.stop()
            raise

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignores the front end: no trait of a board is its to write."""

    def _on_message(self, _: object, content: object, __: object) -> None:
        """A page that did not find the code asks for it."""
        if not isinstance(content, dict) or content.get("cmd") != "code":
            return
        what = str(content.get("what", ""))
        if what == "":
            self.send({"code": bundle_hash()}, buffers=[bundle()])
        elif what in PARTS:
            self._parts = {**self._parts, what: carrier(what)}

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        shown = super()._repr_mimebundle_()
        if shown is None:
            return None
        data, metadata = shown
        lines = [f"{view!r}: {view.sentence or '…'}" for view in self.views]
        data["text/plain"] = "\n".join([self.title, *lines])
        return data, metadata

    def __repr__(self) -> str:
        over = sum(view.status in TERMINAL for view in self.views)
        return f"StreamBoard({self.title!r}, {over} of {len(self.views)} over)"
