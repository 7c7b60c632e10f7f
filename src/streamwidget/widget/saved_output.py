"""The saved output of a view: a sentence while the run is live, its record at the end.

There are two writers. A page of JupyterLab or Notebook writes into its own notebook, where the live
view stays on screen; it requests the data to write (`record`). Where no page can do this, the
kernel updates the cell's display: at the end, once a page that cannot write has seen it, or if no
page has attached.
"""

from __future__ import annotations

import contextvars
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

from ..document.model import Part
from ..errors import UsageError
from ..run import TERMINAL, Run
from ..run.words import amount
from .notebook_cells import shell
from .port import Port

if TYPE_CHECKING:
    from ..record import Record

Persist = Literal["record", "widget", "none"]
NO_PAGE_S = 5.0
"""How long after its end a run waits for a page before the kernel writes the record."""

_MOST_CHARS_LIVE = 8_000
"""Most characters of a live run's newest text that are saved beside the widget."""


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


@dataclass(slots=True)
class SavedOutput:
    """The saved output of one view."""

    persist: Persist
    is_headless: bool = False
    """True if a program executes the notebook: no page will come."""
    started: datetime = field(default_factory=datetime.now)
    displays: dict[str, str] = field(default_factory=dict)
    """Displays of this view, each with the ID of the run whose record it shows ("" while live). A
    retry is another run."""
    _ended: tuple[str, float] = ("", 0.0)
    """The run that has ended, and the time when that was noticed, in monotonic seconds."""

    @property
    def is_static(self) -> bool:
        """True if no widget is needed: there is no page, and only the record is kept."""
        return self.is_headless and self.persist != "widget"

    # --- what to write

    def bundle(
        self, port: Port, data: dict[str, object], metadata: dict[str, object]
    ) -> tuple[dict[str, object], dict[str, object]]:
        """Return the current output of a cell that shows the view: the widget, and text beside it.

        After the end of the run this text is the record, for readers that show no widgets.
        """
        if self.persist == "record" and port.over:
            record = self.record(port)
            return {**data, **record.data}, {**metadata, **record.output_metadata}
        return {**data, **self.live_data(port)}, metadata

    def live_data(self, port: Port) -> dict[str, str]:
        """Return the text beside the widget, as `text/plain` and `text/markdown`: the progress."""
        if self.persist == "none":
            words = f"{port.title}: not kept in the notebook."
            return {"text/plain": words, "text/markdown": words}
        run = port.run
        if run.status in TERMINAL:
            record = self.record(port)
            return {"text/plain": record.text, "text/markdown": record.markdown}
        with run.reading():
            text = run.document.text
            words = f"{port.title}\n\nRunning since {self.started:%H:%M}: {_so_far(run)}."
        if len(text) > _MOST_CHARS_LIVE:
            text = f"… {len(text) - _MOST_CHARS_LIVE:,} characters\n\n{text[-_MOST_CHARS_LIVE:]}"
        plain = f"{words}\n\n{text}".rstrip()
        return {"text/plain": plain, "text/markdown": words}

    def record(self, port: Port) -> Record:
        """Return the record of the run: its end, or its last known state while it is live."""
        from ..record import Facts, make  # imported here, because it loads the HTML writers

        run = port.run
        with run.reading():
            parts = [] if self.persist == "none" else run.document.snapshot()["parts"]
            sentence = run.summary or self._lost_sentence(run)
            status = str(run.status)
        facts = Facts(
            title=port.title,
            sentence=sentence,
            status=status,
            run_id=port.run_id,
            journal=port.journal,
        )
        return make(facts, cast("list[dict[str, object]]", parts))

    def _lost_sentence(self, run: Run) -> str:
        since = f"Running since {self.started:%H:%M}"
        return f"{since}. The last state known, at {datetime.now():%H:%M}: {_so_far(run)}."

    def answer(self, port: Port) -> dict[str, object] | None:
        """Return the data for a page to write into its notebook; None: it must not write."""
        if self.persist == "widget":
            return None
        over = port.over
        record = self.record(port)
        answer: dict[str, object] = {
            "over": over,
            "data": record.data,
            "metadata": record.output_metadata,
        }
        return answer if over else {**answer, "live": self.live_data(port)}

    # --- the kernel as the writer

    def show(self, data: dict[str, object], metadata: dict[str, object], *, live: bool) -> None:
        """Display `data` in the running cell; with `live`, so that it can be replaced later."""
        display_id = uuid.uuid4().hex
        if live and self.persist != "widget":
            self.displays[display_id] = ""
        _publish(data, metadata, display_id, update=False)

    def is_due(self, port: Port) -> bool:
        """True if the run has ended and no page will write its record."""
        if not port.over or not self._outdated(port):
            return False
        if self._ended[0] != port.run_id:
            self._ended = (port.run_id, time.monotonic())
        if port.attached:
            return port.final_seen and "kernel" in port.savers and "page" not in port.savers
        return time.monotonic() - self._ended[1] >= NO_PAGE_S

    def _outdated(self, port: Port) -> list[str]:
        """Return the displays without the final record of this run."""
        return [name for name, run_id in list(self.displays.items()) if run_id != port.run_id]

    def write(self, port: Port) -> None:
        """Replace every display of the view by the record; while the run is live, again later."""
        display_ids = self._outdated(port)
        if port.over:
            self.displays.update(dict.fromkeys(display_ids, port.run_id))
        if not display_ids:
            return
        record = self.record(port)
        for display_id in display_ids:
            _publish(dict(record.data), record.output_metadata, display_id, update=True)

    def write_soon(self, port: Port) -> None:
        """Do the same on another thread, in the context of the caller."""
        work = contextvars.copy_context()
        threading.Thread(
            target=work.run, args=(self.write, port), name="streamwidget-record", daemon=True
        ).start()


def _publish(
    data: dict[str, object], metadata: dict[str, object], display_id: str, *, update: bool
) -> None:
    if shell() is None:
        return
    from IPython.display import publish_display_data

    transient = {"display_id": display_id}
    publish_display_data(data=data, metadata=metadata, transient=transient, update=update)  # type: ignore[no-untyped-call]


def _so_far(run: Run) -> str:
    """Return the progress as `3 of 5 steps, 1,204 tokens`."""
    steps = [part for part in run.document.parts if part.kind == "step"]
    words = [_steps(steps)] if steps else []
    return ", ".join([*words, amount(run.tokens())])


def _steps(steps: list[Part]) -> str:
    ended = sum(step.state != "running" for step in steps)
    return f"{ended:,} of {len(steps):,} step{'' if len(steps) == 1 else 's'}"
