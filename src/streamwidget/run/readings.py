"""The properties by which a run is read: live in a view, fixed in a `Result`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ..document import Document, SourceReference, Step, TokenUsage, ToolCall
from ..errors import StreamWidgetError
from ..events import Event, LogLine
from ..export.table import Table
from ..ops import Json
from . import data, exporting
from .data import Series, Values, text_of
from .readable import State

if TYPE_CHECKING:
    # Jedi 0.20 fails on a property whose annotation it can resolve to a `Literal`, and then
    # completes no name of a view.
    from .states import Status

if TYPE_CHECKING:
    from ..export.exchange import RunFacts


class Readings:
    """The properties of a run and its exports."""

    __slots__ = ()

    @property
    def _state(self) -> State:
        raise NotImplementedError

    @property
    def title(self) -> str:
        """The title that the view shows: the given one, or the source's name."""
        raise NotImplementedError

    @property
    def status(self) -> Status:
        """`connecting`, `streaming`, `paused`, `reconnecting` or `stopping` while the run is live,
        then one of `finished`, `incomplete`, `stopped` and `failed`."""
        return self._state.status

    @property
    def summary(self) -> str | None:
        """How the run ended, in one sentence; None while it is live."""
        return self._state.summary

    @property
    def error(self) -> StreamWidgetError | None:
        """Why the run failed or is incomplete, or the last error that did not end it; None: no
        error. It has `message`, `fault` and `retryable`."""
        return self._state.error

    @property
    def finish_reason(self) -> str | None:
        """`stop`, `length`, `content-filter`, `tool-calls`, `error` or `other`; None: unknown."""
        return cast("str | None", self._state.document.run.get("finish_reason"))

    @property
    def raw_finish_reason(self) -> str | None:
        """The finish reason in the provider's spelling; None if it reported none."""
        return cast("str | None", self._state.document.run.get("raw_finish_reason"))

    @property
    def text(self) -> str:
        """All text of the answer, with nothing between its parts."""
        return text_of(self._state, "text")

    @property
    def reasoning(self) -> str:
        """All reasoning, with nothing between its parts."""
        return text_of(self._state, "reasoning")

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tool calls that the caller should run, in order."""
        with self._state.reading():
            return self._state.document.tool_calls

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables by name, each with all its rows."""
        return data.tables(self._state)

    @property
    def values(self) -> Values:
        """The JSON values by name, complete or not; `values.open_path(name)` returns where a value
        may still grow."""
        return Values(self._state)

    @property
    def metrics(self) -> Mapping[str, Series]:
        """All points of each series, by its name."""
        return data.metrics(self._state)

    @property
    def logs(self) -> list[LogLine]:
        """The newest lines of the log, up to `Limits.kept_log_lines_count`."""
        with self._state.reading():
            return list(self._state.document.log_lines)

    @property
    def steps(self) -> list[Step]:
        """The steps, in the order in which they started."""
        with self._state.reading():
            return self._state.document.steps

    @property
    def sources(self) -> list[SourceReference]:
        """The citations, by number."""
        with self._state.reading():
            return self._state.document.sources

    @property
    def usage(self) -> TokenUsage | None:
        """Tokens that the provider reported; None if it reported none."""
        return self._state.document.usage

    @property
    def cost(self) -> float | None:
        """The cost of the run in the currency of its `budget`; None if a price is unknown.

        An estimate until the provider reports its tokens.
        """
        return self._state.spent().cost

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start; after the end, the duration of the run."""
        return self._state.stats.elapsed_s

    @property
    def first_token_s(self) -> float | None:
        """Seconds from the start to the first text; None before it."""
        return self._state.stats.first_token_s

    @property
    def token_count(self) -> int:
        """Number of text deltas; a long one counts as its bytes / 4, which is an estimate."""
        return self._state.stats.token_count

    @property
    def document(self) -> Document:
        """The parts in order; grows while the run is live."""
        return self._state.document

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that are kept."""
        with self._state.reading():
            return self._state.events.to_tuple()

    def to_markdown(self) -> str:
        """Return the whole document as Markdown."""
        return exporting.to_markdown(self._state, self.title)

    def to_html(self) -> str:
        """Return the whole document as an HTML page without scripts or external resources."""
        return exporting.to_html(self._state, self.title)

    def _facts(self) -> RunFacts:
        return exporting.run_facts(self._state, self.title)

    def to_atif(self) -> dict[str, Json]:
        """Return the run as a trajectory (ATIF v1.8), as JSON values.

        It contains text, reasoning, tool calls with their results, and tokens. ATIF has no place
        for tables, charts and progress, which are left out.
        """
        from ..export.as_atif import to_atif

        return to_atif(self._facts())

    def to_otlp(self) -> dict[str, Json]:
        """Return the run as OpenTelemetry GenAI spans: an OTLP/JSON request, as JSON values.

        There is one trace per run, with a span for each step and tool call. The same run always
        gives the same IDs.
        """
        from ..export.as_otlp import to_otlp

        return to_otlp(self._facts())

    def to_ag_ui(self, path: str | Path | None = None) -> str:
        """Return the run as lines of AG-UI events; also write them to `path` if one is given.

        A part without an AG-UI event becomes a `CUSTOM` event with the part as its value.
        """
        from ..export.as_ag_ui import ag_ui_lines

        text = "".join(f"{line}\n" for line in ag_ui_lines(self._facts()))
        if path is not None:
            Path(path).write_text(text, "utf-8", newline="\n")
        return text

    def to_jsonl(self, path: str | Path | None = None) -> str:
        """Return the events as lines of JSON, for `StreamView.replay`; also write them to `path`
        if one is given."""
        text = exporting.to_jsonl(self._state, self.title)
        if path is not None:
            Path(path).write_text(text, "utf-8", newline="\n")
        return text
