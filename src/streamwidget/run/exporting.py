"""A run as files: Markdown, HTML, its events as JSON lines, a table as CSV. Live while it runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import UsageError
from ..export import as_html, as_markdown, events
from ..export.table import Table
from ..export.tree import Reading, read
from .run import Run


@dataclass(frozen=True, slots=True)
class Export:
    """One file: its name, its MIME type, and what is in it."""

    name: str
    mime: str
    text: str


def reading(run: Run, title: str) -> Reading:
    """The document of a run, to be written down."""
    with run.reading():
        parts = run.document.snapshot()["parts"]
        return read(title, run.sentence or f"{run.status} …", parts)


def to_markdown(run: Run, title: str) -> str:
    """The document as Markdown."""
    return as_markdown.to_markdown(reading(run, title))


def to_html(run: Run, title: str) -> str:
    """The document as an HTML page that loads nothing and runs nothing."""
    return as_html.to_page(reading(run, title))


def to_jsonl(run: Run, title: str) -> str:
    """The events, a line of JSON each, for `StreamView.replay`."""
    with run.reading():
        timed = run.events.timed()
    return "".join(f"{line}\n" for line in events.lines(timed, title=title))


def export(run: Run, title: str, what: str, part_id: str | None = None) -> Export:
    """The run as the file that a page asked for.

    Raises:
        UsageError: there is no such form, or no such table.
    """
    if what == "csv":
        return _csv(run, part_id)
    if what not in _FORMS:
        raise UsageError(f"There is no form {what!r}: ask for {', '.join([*_FORMS, 'csv'])}.")
    suffix, mime, write = _FORMS[what]
    return Export(f"{file_name(title)}.{suffix}", mime, write(run, title))


def _csv(run: Run, part_id: str | None) -> Export:
    with run.reading():
        tables = run.document.tables
        data = tables.get(part_id) if part_id else next(iter(tables.values()), None)
    if data is None:
        raise UsageError("There is no such table to write as CSV.")
    return Export(f"{file_name(data.name)}.csv", "text/csv", Table(data, run.reading).to_csv())


def file_name(title: str) -> str:
    """`title` as the stem of a file's name on any system."""
    return re.sub(r"[^\w-]+", "-", title).strip("-_")[:60] or "stream"


_FORMS: dict[str, tuple[str, str, Callable[[Run, str], str]]] = {
    "markdown": ("md", "text/markdown", to_markdown),
    "html": ("html", "text/html", to_html),
    "jsonl": ("jsonl", "application/x-ndjson", to_jsonl),
}
