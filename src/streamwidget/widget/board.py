"""`StreamBoard`: many views side by side, one line each.

A board has no run and no messages: the page draws it from the state of the views.
"""

from __future__ import annotations

import importlib
import time
import uuid
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import ipywidgets
import traitlets

from ..errors import UsageError
from ..run import TERMINAL, Result
from ..threads import check_can_block
from . import headless, notebook_cells
from .answers import give_record
from .hosts import is_headless
from .live import Boarded, OnRerun, check_on_rerun, live, own
from .marimo_export import Exported, is_exporting
from .page_widget import PageWidget
from .saved_board import BoardRuns, SavedBoard
from .saved_output import Persist, persist_option
from .texts import shown_text
from .view import StreamView

if TYPE_CHECKING:
    import pandas

_TITLE = "Streams"


class StreamBoard(Boarded, PageWidget):
    """Shows many views as one line each, to compare models or to watch parallel work.

    The lines can be sorted by status, progress, cost, time, tokens or the last value of a metric.
    One run can be opened in full, or up to four side by side. All runs can be stopped, and failed
    ones retried. The views do not have to be shown themselves.

    Args:
        views: the views, in display order.
        title: the heading.
        persist: what the saved notebook keeps. `"record"`: a static record, a table with a row for
            each run and each run in full below it, folded; `"widget"`: the widget, for notebooks
            saved with their widget state; `"none"`: one line.
        max_time: as in `StreamView`, for all runs together.
        on_rerun: what happens to live runs of the views when the cell that made the board runs
            again: `"stop"` stops them, `"keep"` lets all of them continue; None: each view's own
            `on_rerun` decides, for the cell that made the view.

    Raises:
        UsageError: an item of `views` is not a `StreamView`, or `persist` or `on_rerun` is unknown.
    """

    _views: traitlets.List[StreamView] = traitlets.List().tag(
        sync=True, **ipywidgets.widget_serialization
    )
    _id = traitlets.Unicode("").tag(sync=True)
    """Its own model id, by which the page finds its outputs in the notebook."""
    title = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        views: Iterable[StreamView],
        *,
        title: str = _TITLE,
        persist: Persist = "record",
        max_time: float | None = None,
        on_rerun: OnRerun | None = None,
    ) -> None:
        listed = list(views)
        for view in listed:
            if not isinstance(view, StreamView):
                raise UsageError(
                    f"A board shows StreamViews, not {type(view).__name__}: "
                    "StreamBoard([StreamView(source), ...])."
                )
        if on_rerun is not None:
            check_on_rerun(on_rerun)
            for view in listed:
                own(view, on_rerun)
        self._listed = tuple(listed)
        self._saved = SavedBoard(persist_option(persist), is_headless=is_headless())
        self._max_time = max_time
        if self._saved.is_static and is_exporting():
            self._display_ = self._record_for_marimo
        model_id, title = uuid.uuid4().hex, shown_text("title", title)
        self._runs = BoardRuns(title, listed, model_id)
        shown = {} if self._saved.is_static else {"_id": model_id, "_views": listed}
        super().__init__(model_id=model_id, title=title, **shown)
        self.on_msg(self._on_message)

    @property
    def views(self) -> tuple[StreamView, ...]:
        """The views, in display order."""
        return self._listed

    @classmethod
    def live(cls, *, title: str = "Live streams") -> StreamBoard:
        """Return a board of the views whose runs are live in this kernel, oldest first.

        It shows the cost of each run so far, and `board.stop()` or its button stops all of them.
        A closed view whose source has not ended yet has nothing to show, so it is left out.
        """
        return cls([view for view in live(StreamView) if view.comm is not None], title=title)

    def stop(self) -> None:
        """Ask every live run to stop; everything received is kept."""
        for view in self.views:
            view.stop()

    def wait(self, timeout: float | None = None) -> list[Result]:
        """Block until every run has ended; return their results in the order of the views.

        Raises:
            TimeoutError: not all have ended within `timeout` seconds (None: no limit).
            KeyboardInterrupt: the kernel was interrupted; all runs have been stopped first.
            UsageError: Python runs in a browser, where nothing can block.
        """
        if not all(view.over for view in self.views):
            check_can_block("`[await view for view in board.views]`")
        end = None if timeout is None else time.monotonic() + timeout
        try:
            results = [
                view.wait(None if end is None else max(0.0, end - time.monotonic()))
                for view in self.views
            ]
        except KeyboardInterrupt:
            self.stop()
            raise
        if self._saved.is_headless:
            self._saved.write(self._runs)
        return results

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

    def _about(self) -> BoardRuns:
        return self._runs

    def _on_message(self, _: object, content: object, __: object) -> None:
        """Handle a page's request for the code, or for the record."""
        if isinstance(content, dict) and content.get("cmd") == "record":
            make = partial(self._saved.answer, self._runs)
            request_id = str(content.get("request_id", ""))[:64]
            give_record(make, self.send, request_id, f"board {self.title!r}")
        name = self._note_code(content)
        if name is not None:
            self._send_code({name})

    # --- how it is shown

    def _ipython_display_(self) -> None:
        """Display the board in a way that lets the kernel replace the saved output."""
        for view in self.views:
            if (self._saved, self._runs) not in view._boards:
                view._boards.append((self._saved, self._runs))
        super()._ipython_display_()

    def _record_for_marimo(self) -> Exported:
        """Wait for the end of the runs, and return their record: the `_display_` in an export."""
        self._last(None, headless.max_time_s(self._max_time))
        return self._exported()

    def _end_of_cell(self, error: BaseException | None) -> None:
        """Wait for the end of the runs in the cell that shows the board, if a program executes
        it."""
        self._last(error, headless.max_time_s(self._max_time))

    def _end_of_later_cell(self, error: BaseException | None) -> None:
        self._last(error, 0)

    def _last(self, error: BaseException | None, limit_s: float) -> None:
        end = time.monotonic() + limit_s
        for view in self.views:
            view._stop_at_error(error)
        for view in self.views:
            view._last(error, end - time.monotonic())
            view._settle_here()
        self._saved.write(self._runs)
        if not self._runs.over:
            notebook_cells.at_end_of_cell(self._end_of_later_cell)

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
