"""The saved output of a view: how far its run is, and the record of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..document.part import Part
from ..phrases import counted
from ..run import Run
from ..run.data import text_of
from ..run.words import amount
from .port import Port
from .saved_output import SavedOutput

if TYPE_CHECKING:
    from ..record import Record

_MOST_CHARS_LIVE = 8_000
"""Of the text so far, in the words of a live run: the newest."""


class SavedView(SavedOutput[Port]):
    """The saved output of one view."""

    def live_data(self, kept: Port) -> dict[str, str]:
        """Return how far the run is, and as plain text the newest of its text too."""
        if self.persist == "none":
            words = f"{kept.title}: not kept in the notebook."
            return {"text/plain": words, "text/markdown": words}
        if kept.over:
            record = self.record(kept)
            return {"text/plain": record.text, "text/markdown": record.text}
        run = kept.run
        text = text_of(run, "text")
        with run.reading():
            words = f"{kept.title}\n\nRunning since {self.started:%H:%M}: {so_far(run)}."
        if len(text) > _MOST_CHARS_LIVE:
            text = f"… {len(text) - _MOST_CHARS_LIVE:,} characters\n\n{text[-_MOST_CHARS_LIVE:]}"
        plain = f"{words}\n\n{text}".rstrip()
        return {"text/plain": plain, "text/markdown": words}

    def record(self, kept: Port) -> Record:
        """Return the record of the run: how it ended, or its last state if the kernel ends now."""
        from ..record import Facts, make  # the writers of HTML are not needed before

        run = kept.run
        with run.reading():
            document = run.still()
            sentence = run.summary or self._last_known(so_far(run))
            status = str(run.status)
        parts = [] if self.persist == "none" else document.snapshot()["parts"]
        facts = Facts(
            title=kept.title,
            sentence=sentence,
            status=status,
            run_id=kept.run_id,
            journal=kept.journal,
        )
        return make(facts, cast("list[dict[str, object]]", parts))


def so_far(run: Run) -> str:
    """Return how far a run is: `3 of 5 steps, 1,204 tokens`. Call it under `run.reading()`."""
    steps = [part for part in run.document.parts if part.kind == "step"]
    words = [_steps(steps)] if steps else []
    return ", ".join([*words, amount(run.tokens())])


def _steps(steps: list[Part]) -> str:
    ended = sum(step.state != "running" for step in steps)
    return f"{ended:,} of {counted(len(steps), 'step')}"
