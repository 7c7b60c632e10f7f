"""What a view gives beside its text: data by name, and the whole run as files. Live."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..document import SourceReference, Step
from ..events import LogLine
from ..export.table import Table
from ..run import Run, data, exporting
from ..run.data import Series, Values
from .port import Port


class RunData:
    """The part of a view that reads its run."""

    _run: Run
    _port: Port

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name, each with all its rows so far; live while the run goes on."""
        return data.tables(self._run)

    @property
    def values(self) -> Values:
        """The JSON values by name, as far as they have arrived; `values.open_path(name)` tells
        which string or number of one may still grow."""
        return Values(self._run)

    @property
    def metrics(self) -> Mapping[str, Series]:
        """All points of each series so far, by its name."""
        return data.metrics(self._run)

    @property
    def logs(self) -> list[LogLine]:
        """The newest lines of the log, up to `Limits.kept_log_lines_count`."""
        with self._run.lock:
            return list(self._run.document.log_lines)

    @property
    def steps(self) -> list[Step]:
        """The steps so far, in the order of their starts."""
        with self._run.lock:
            return self._run.document.steps

    @property
    def sources(self) -> list[SourceReference]:
        """What the text refers to, by number."""
        with self._run.lock:
            return self._run.document.sources

    def to_markdown(self) -> str:
        """The whole document as Markdown, as far as it has come."""
        return exporting.to_markdown(self._run, self._port.title)

    def to_html(self) -> str:
        """The whole document as an HTML page that loads nothing and runs nothing."""
        return exporting.to_html(self._run, self._port.title)

    def to_jsonl(self, path: str | Path | None = None) -> str:
        """The events as lines of JSON, for `StreamView.replay`; written to `path`, too, if one is
        given."""
        text = exporting.to_jsonl(self._run, self._port.title)
        if path is not None:
            Path(path).write_text(text, "utf-8", newline="\n")
        return text
