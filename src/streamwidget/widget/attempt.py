"""One run of a view, with its source and its journal; a retry replaces it as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..budget import Budget
from ..io.source import Source
from ..journal.writer import Journal, Redact
from ..limits import Limits
from ..run import Run, begin
from ..run.journaling import JournalOption, expect_journal, start_journal
from .end_hook import OnEnd, calling
from .port import Port
from .publisher import Waker
from .saved_output import shown_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the runs of a view are made: the arguments that are the same for each of them."""

    format: str
    limits: Limits
    budget: Budget | None
    images: str | list[str]
    markdown: bool | None
    height: int | None
    capture: bool
    journal: JournalOption
    redact: Redact | None
    on_end: OnEnd | None
    renderer_of: Callable[[str], str | None]
    """Finds the renderer of a custom part, as `Document.renderer_of`."""

    def new_run(self) -> Run:
        """Return a run that has not started."""
        run = Run(limits=self.limits, budget=self.budget)
        document = run.document
        document.images, document.markdown, document.height = (
            self.images,
            self.markdown,
            self.height,
        )
        document.renderer_of = self.renderer_of
        return run


class Attempt:
    """One run of a view."""

    def __init__(self, recipe: Recipe, port: Port, channel: Waker) -> None:
        self.port = port
        """The run, as its front ends see it."""
        self.source: Source | None = None
        """The source; None if the view is fed by hand, or nothing could be opened."""
        self.journal: Journal | None = None
        """The journal that this process writes; None if it writes none."""
        self._recipe = recipe
        run = port.run
        run.on_change = channel.wake
        run.on_end = calling(recipe.on_end, run, channel.hurry)

    @property
    def run(self) -> Run:
        """The run."""
        return self.port.run

    def begin(self, opened: object) -> None:
        """Start to read what the user passed."""
        expect_journal(self.run, self._recipe.journal)
        recipe = self._recipe
        self.source = begin(self.run, opened, format=recipe.format, captures=recipe.capture)

    def record(self, parent: str | None = None) -> None:
        """Start the journal of a run that has started; `parent` is the run that it retries."""
        recipe, port = self._recipe, self.port
        self.journal = start_journal(
            port.run, recipe.journal, title=port.title, redact=recipe.redact, parent=parent
        )
        port.journal = None if self.journal is None else shown_path(self.journal.path)
