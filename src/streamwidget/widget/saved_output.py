"""What the notebook keeps of a view: words while the run is live, its record at the end.

There are two writers. A page of JupyterLab or Notebook writes into its own notebook, where the live
view stays on screen; it asks for what to write (`record`). Where no page can, the kernel updates
the cell's display: at the end once a page that cannot write has seen it, or no page came.
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
"""How long after its end a run waits for a page, before the kernel writes the record itself."""

_MOST_CHARS_LIVE = 8_000
"""Of the text so far, in the words of a live run: the newest."""


def persist_option(value: str) -> Persist:
    """Return `value`, checked.

    Raises:
        UsageError: it is none of the three.
    """
    if value not in get_args(Persist):
        raise UsageError(f"persist={value!r}: pass one of {', '.join(get_args(Persist))}.")
    return cast("Persist", value)


def shown_path(path: Path) -> str:
    """Return a path as the notebook shows it: below the working directory relative to that."""
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
    """Displays of this view, each with the id of the run whose record it shows; "": what was live.
    A retry is another run."""
    _ended: tuple[str, float] = ("", 0.0)
    """The run that was seen to have ended, and when, in seconds of the monotonic clock."""

    @property
    def is_static(self) -> bool:
        """True if no widget is needed: there is no page, and the record is all that is kept."""
        return self.is_headless and self.persist != "widget"

    # --- what to write

    def bundle(
        self, port: Port, data: dict[str, object], metadata: dict[str, object]
    ) -> tuple[dict[str, object], dict[str, object]]:
        """Return the output of a cell that shows the view now: the widget's, and words beside it.

        Once the run is over these words are the record, for readers that show no widgets.
        """
        if self.persist == "record" and port.over:
            record = self.record(port)
            return {**data, **record.data}, {**metadata, **record.output_metadata}
        return {**data, **self.live_data(port)}, metadata

    def live_data(self, port: Port) -> dict[str, str]:
        """What stands beside the widget: `text/plain` and `text/markdown`, how far the run is."""
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
        """The record of the run: how it ended, or its last state if the kernel ends now."""
        from ..record import Facts, make  # the writers of HTML are not needed before

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
        """What a page may write into its notebook; None: it must leave the output as it is."""
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
        """Displays `data` in the running cell; while `live`, so that it can be replaced."""
        display_id = uuid.uuid4().hex
        if live and self.persist != "widget":
            self.displays[display_id] = ""
        _publish(data, metadata, display_id, update=False)

    def is_due(self, port: Port) -> bool:
        """True if the run is over, and no page will write its record."""
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
        """Replaces every display of the view by the record; while the run is live, again later."""
        display_ids = self._outdated(port)
        if port.over:
            self.displays.update(dict.fromkeys(display_ids, port.run_id))
        if not display_ids:
            return
        record = self.record(port)
        for display_id in display_ids:
            _publish(dict(record.data), record.output_metadata, display_id, update=True)

    def write_soon(self, port: Port) -> None:
        """The same on a thread of its own, in the context of the caller."""
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
    """`3 of 5 steps, 1,204 tokens`."""
    steps = [part for part in run.document.parts if part.kind == "step"]
    words = [_steps(steps)] if steps else []
    return ", ".join([*words, amount(run.tokens())])


def _steps(steps: list[Part]) -> str:
    ended = sum(step.state != "running" for step in steps)
    return f"{ended:,} of {len(steps):,} step{'' if len(steps) == 1 else 's'}"
