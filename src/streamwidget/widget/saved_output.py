"""The saved output of a view or a board: a sentence while live, its record at the end.

There are two writers. A page of JupyterLab or Notebook writes into its own notebook, where the live
view stays on screen; it requests the data to write (`record`). Where no page can do this, the
kernel updates the cell's display: at the end, once a page that cannot write has seen it, or if no
page has attached.
"""

from __future__ import annotations

import contextvars
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Set
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar, cast, get_args

from ..errors import UsageError
from .answers import FILES
from .notebook_cells import shell

if TYPE_CHECKING:
    from ..record import Record

Persist = Literal["record", "widget", "none"]
NO_PAGE_S = 5.0
"""How long after its end a run waits for a page before the kernel writes the record."""


def persist_option(value: str) -> Persist:
    """Return `value` if it is a valid `persist=`.

    Raises:
        UsageError: it is not.
    """
    if value not in get_args(Persist):
        raise UsageError(f"persist={value!r}: pass one of {', '.join(get_args(Persist))}.")
    return cast("Persist", value)


def shown_path(path: Path) -> str:
    """Return a path for the notebook: relative to the working directory if it is below that."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)


class Kept(Protocol):
    """The view or board that an output shows, and the reports of its pages."""

    @property
    def run_id(self) -> str:
        """Identifies the model and its attempt, `<model id>.<n>`: each attempt has its own
        record."""

    @property
    def over(self) -> bool:
        """True if no run is live."""

    @property
    def attached(self) -> bool:
        """True once a page has sent a message."""

    @property
    def final_seen(self) -> bool:
        """True if a page has acknowledged the end."""

    @property
    def savers(self) -> Set[str]:
        """Who can write the record into the notebook, as reported by the pages: `page`,
        `kernel`."""


K = TypeVar("K", bound=Kept)


class SavedOutput(ABC, Generic[K]):
    """The saved output of one view or board."""

    def __init__(self, persist: Persist, *, is_headless: bool = False) -> None:
        """`is_headless`: a program executes the notebook, so no page will come."""
        self.persist = persist
        self.is_headless = is_headless
        self.started = datetime.now()
        self.displays: dict[str, str] = {}
        """Displays in cells, each with the id of the run whose record it shows; "": what was live.
        A retry is another run."""
        self._ended = ("", 0.0)
        """The run that has ended, and the time when that was noticed, in monotonic seconds."""

    @property
    def is_static(self) -> bool:
        """True if no widget is needed: there is no page, and only the record is kept."""
        return self.is_headless and self.persist != "widget"

    # --- what to write

    @abstractmethod
    def record(self, kept: K) -> Record:
        """Return how it ended, or the last state if the kernel ends now."""

    @abstractmethod
    def live_data(self, kept: K) -> dict[str, str]:
        """Return what stands beside the widget: `text/plain` and `text/markdown`."""

    def bundle(
        self, kept: K, data: dict[str, object], metadata: dict[str, object]
    ) -> tuple[dict[str, object], dict[str, object]]:
        """Return the output of a cell that shows the widget now: its data, and words beside it.

        Once all is over these words are the record, for readers that show no widgets.
        """
        if self.persist == "record" and kept.over:
            record = self.record(kept)
            return {**data, **record.data}, {**metadata, **record.output_metadata}
        return {**data, **self.live_data(kept)}, metadata

    def answer(self, kept: K) -> dict[str, object] | None:
        """Return what a page may write into its notebook; None: it must change nothing."""
        if self.persist == "widget":
            return None
        over = kept.over
        record = self.record(kept)
        answer: dict[str, object] = {
            "over": over,
            "data": record.data,
            "metadata": record.output_metadata,
        }
        return answer if over else {**answer, "live": self.live_data(kept)}

    # --- the kernel as the writer

    def show(self, data: dict[str, object], metadata: dict[str, object], *, live: bool) -> None:
        """Display `data` in the running cell; with `live`, so that it can be replaced later."""
        display_id = uuid.uuid4().hex
        if live and self.persist != "widget":
            self.displays[display_id] = ""
        _publish(data, metadata, display_id, update=False)

    def is_due(self, kept: K) -> bool:
        """True if all is over, and no page will write the record."""
        if not kept.over or not self._outdated(kept):
            return False
        if all(self.displays.values()):
            return True  # a record stands there already, so no page shows the widget in its place
        if self._ended[0] != kept.run_id:
            self._ended = (kept.run_id, time.monotonic())
        if kept.attached:
            return kept.final_seen and "kernel" in kept.savers and "page" not in kept.savers
        return time.monotonic() - self._ended[1] >= NO_PAGE_S

    def _outdated(self, kept: K) -> list[str]:
        """Return the displays without the final record of this run."""
        run_id = kept.run_id
        return [name for name, shown in list(self.displays.items()) if shown != run_id]

    def write(self, kept: K) -> None:
        """Replaces every display by the record; while something is live, again later."""
        display_ids = self._outdated(kept)
        if kept.over:
            self.displays.update(dict.fromkeys(display_ids, kept.run_id))
        if not display_ids:
            return
        record = self.record(kept)
        for display_id in display_ids:
            _publish(dict(record.data), record.output_metadata, display_id, update=True)

    def write_soon(self, kept: K) -> None:
        """Do the same on another thread, in the context of the caller."""
        context = contextvars.copy_context()
        FILES.put(lambda: context.run(self.write, kept))

    def _last_known(self, so_far: str) -> str:
        """Return the sentence of a record that is made while something is live."""
        since = f"Running since {self.started:%H:%M}"
        return f"{since}. The last state known, at {datetime.now():%H:%M}: {so_far}."


def _publish(
    data: dict[str, object], metadata: dict[str, object], display_id: str, *, update: bool
) -> None:
    if shell() is None:
        return
    from IPython.display import publish_display_data

    transient = {"display_id": display_id}
    publish_display_data(data=data, metadata=metadata, transient=transient, update=update)  # type: ignore[no-untyped-call]
