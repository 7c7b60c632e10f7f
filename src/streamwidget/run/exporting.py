"""A run as a file: Markdown, HTML, its events as JSON lines, a table as CSV; also while it is live.

Every view imports this module, so the writers are imported only when a file is requested.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..export.table import Table
from .readable import State

if TYPE_CHECKING:
    from ..export.exchange import RunFacts
    from ..export.tree import Reading


@dataclass(frozen=True, slots=True)
class Export:
    """One file: its name, its MIME type and its content."""

    name: str
    mime: str
    text: str


def reading(run: State, title: str) -> Reading:
    """Return the document of a run, ready for a writer."""
    from ..export.tree import read

    with run.reading():
        document, summary = run.still(), run.summary or f"{run.status} …"
    return read(title, summary, document.snapshot()["parts"])


def to_markdown(run: State, title: str) -> str:
    """Return the document as Markdown."""
    from ..export import as_markdown

    return as_markdown.to_markdown(reading(run, title))


def to_html(run: State, title: str) -> str:
    """Return the document as an HTML page that loads nothing and runs nothing."""
    from ..export import as_html

    return as_html.to_page(reading(run, title))


def to_jsonl(run: State, title: str) -> str:
    """Return the events, a line of JSON each, for `StreamView.replay`."""
    from ..export import jsonl

    with run.reading():
        events = run.events.copy()
    return "".join(f"{line}\n" for line in jsonl.lines(events.timed(), title=title))


def run_facts(run: State, title: str) -> RunFacts:
    """Return a run for the exchange formats."""
    from importlib.metadata import version

    from ..export.exchange import RunFacts

    with run.reading():
        document, error, spent = run.still(), run.error, run.spent()
        elapsed_s = run.stats.elapsed_s
    return RunFacts(
        run_id=run.run_id,
        title=title,
        version=version("streamwidget"),
        started=run.started,
        elapsed_s=elapsed_s,
        status=run.status,
        summary=run.summary,
        error=None if error is None else error.message,
        error_type=None if error is None else type(error).__name__,
        run=document.run,
        cost=spent.cost,
        currency=spent.currency,
        parts=document.snapshot()["parts"],
    )


def export(run: State, title: str, what: str, part_id: str | None = None) -> Export:
    """Return the run as the file that a page requested.

    Raises:
        UsageError: the format or the table does not exist.
    """
    if what == "csv":
        return _csv(run, part_id)
    if what not in _FORMS:
        raise UsageError(f"The form {what!r} does not exist. Use {', '.join([*_FORMS, 'csv'])}.")
    suffix, mime, write = _FORMS[what]
    return Export(f"{file_name(title)}.{suffix}", mime, write(run, title))


def _csv(run: State, part_id: str | None) -> Export:
    with run.reading():
        tables = run.document.tables
        data = tables.get(part_id) if part_id else next(iter(tables.values()), None)
    if data is None:
        raise UsageError("The table to export as CSV does not exist.")
    return Export(f"{file_name(data.name)}.csv", "text/csv", Table(data, run.reading).to_csv())


def file_name(title: str) -> str:
    """Return `title` as the stem of a file name that is valid on any system."""
    return re.sub(r"[^\w-]+", "-", title).strip("-_")[:60] or "stream"


_FORMS: dict[str, tuple[str, str, Callable[[State, str], str]]] = {
    "markdown": ("md", "text/markdown", to_markdown),
    "html": ("html", "text/html", to_html),
    "jsonl": ("jsonl", "application/x-ndjson", to_jsonl),
}
