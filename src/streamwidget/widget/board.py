"""`StreamBoard`: many views side by side, one line each.

A board has no run and no messages: the page draws it from the state of the views.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import traitlets

from ..characters import clean
from ..errors import UsageError
from ..run import TERMINAL, Result
from .bundle import ON_REQUEST, app, app_hash, carrier, loader
from .hosts import is_headless
from .listing import listed_names
from .view import StreamView

if TYPE_CHECKING:
    import pandas

_TITLE = "Streams"


class StreamBoard(anywidget.AnyWidget):
    """Shows many views as one line each, to compare models or to watch parallel work.

    The lines can be sorted by status, progress, cost, time, tokens or the last value of a metric.
    One run can be opened in full, or up to four side by side. All runs can be stopped, and failed
    ones retried. The views do not have to be shown themselves.

    Args:
        views: the views, in display order.
        title: the heading.

    Raises:
        UsageError: an item of `views` is not a `StreamView`.
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
                    f"A board shows StreamViews, not {type(view).__name__}: "
                    "StreamBoard([StreamView(source), ...])."
                )
        self._listed = tuple(listed)
        self._is_headless = is_headless()
        if self._is_headless:
            super().__init__(title=clean(title))
        else:
            super().__init__(_esm=loader(), _code=carrier(), _views=listed, title=clean(title))
        self.on_msg(self._on_message)

    @property
    def views(self) -> tuple[StreamView, ...]:
        """The views, in display order."""
        return self._listed

    def stop(self) -> None:
        """Ask every live run to stop; everything received is kept."""
        for view in self.views:
            view.stop()

    def wait(self, timeout: float | None = None) -> list[Result]:
        """Block until every run has ended; return their results in the order of the views.

        Raises:
            TimeoutError: not all have ended within `timeout` seconds (None: no limit).
            KeyboardInterrupt: the kernel was interrupted; all runs have been stopped first.
        """
        end = None if timeout is None else time.monotonic() + timeout
        try:
            return [
                view.wait(None if end is None else max(0.0, end - time.monotonic()))
                for view in self.views
            ]
        except KeyboardInterrupt:
            self.stop()
            raise

    def rows(self) -> list[dict[str, object]]:
        """Return a dict for each run, in the order of the views.

        The keys are `title`, `status`, `duration_s`, `first_token_s`, `input_tokens`,
        `output_tokens`, `token_count`, `cost`, `error` and `text`, and the last value of each
        series by its name. None: not known, or the run has no such series.
        """
        return [_row(view) for view in self.views]

    def to_pandas(self) -> pandas.DataFrame:
        """Return a data frame with a row for each run and the columns of `rows`.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            library = importlib.import_module("pandas")
        except ImportError as error:
            raise UsageError("to_pandas() needs pandas: pip install pandas.") from error
        frame: pandas.DataFrame = library.DataFrame(self.rows())
        return frame

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore the front end, which must not write any trait."""

    def _on_message(self, _: object, content: object, __: object) -> None:
        """Send the code to a page that did not find it."""
        if not isinstance(content, dict) or content.get("cmd") != "code":
            return
        what = str(content.get("what", ""))
        if what == "":
            self.send({"code": app_hash()}, buffers=[app()])
        elif what in ON_REQUEST:
            self._parts = {**self._parts, what: carrier(what)}

    def open(self) -> None:
        """Open the comm, if there is a page."""
        if not self._is_headless:
            super().open()

    def _ipython_display_(self) -> None:
        """Display the board; without a page, its views one after the other."""
        from IPython.display import display

        if self._is_headless:
            display(*self.views)  # type: ignore[no-untyped-call]
            return
        bundle = self._repr_mimebundle_()
        if bundle is not None:
            display(bundle[0], metadata=bundle[1], raw=True)  # type: ignore[no-untyped-call]

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        shown = super()._repr_mimebundle_()
        if shown is None:
            return None
        data, metadata = shown
        lines = [f"{view!r}: {view.summary or '…'}" for view in self.views]
        data["text/plain"] = "\n".join([self.title, *lines])
        return data, metadata

    def __dir__(self) -> list[str]:
        return listed_names(self, hidden=frozenset({"set_state"}))

    def __repr__(self) -> str:
        over = sum(view.status in TERMINAL for view in self.views)
        return f"StreamBoard({self.title!r}, {over} of {len(self.views)} over)"


def _row(view: StreamView) -> dict[str, object]:
    usage, error = view.usage, view.error
    facts: dict[str, object] = {
        "title": view.title,
        "status": view.status,
        "duration_s": view.elapsed_s,
        "first_token_s": view.first_token_s,
        "input_tokens": None if usage is None else usage.input_tokens,
        "output_tokens": None if usage is None else usage.output_tokens,
        "token_count": view.token_count,
        "cost": view.cost,
        "error": None if error is None else error.message,
        "text": view.text,
    }
    metrics = {name: series.last for name, series in view.metrics.items()}
    return facts | {name: last for name, last in metrics.items() if name not in facts}
