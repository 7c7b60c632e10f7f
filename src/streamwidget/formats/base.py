"""The base of all formats: the verbs that a vocabulary uses to turn records into events.

A format derives from `BaseFormat` and turns each record into calls of these verbs:

| verb | event |
|---|---|
| `say`, `think`, `receive`, `snapshot` | text, reasoning of one flow |
| `call`, `arguments`, `end_call`, `result` | a tool call and its result |
| `cite` | a citation, once |
| `start_step`, `end_step` | a step; steps nest |
| `usage` | tokens of one model call |
| `progress`, `unknown` | a bar; a record that the vocabulary does not know |
| `fail` | a failure reported by the peer |
| `end` | the end of the run, once |

Texts and steps are in `flows`, tool calls in `calls`. Must not know vocabularies, framings or
clocks.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar, Final

from ..decode.loose import record_of_text
from ..decode.records import NO_JSON, NewId, Record, parse
from ..errors import excerpt
from ..events import (
    Citation,
    Event,
    Notice,
    Outcome,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    RunEnd,
    TextDelta,
    TextEnd,
    TextStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    Usage,
)
from .calls import ToolCalls
from .citations import cited_in, only_sources, sources_in
from .failures import failure_of, names_failure, reports_failure
from .fields import JsonObject
from .finish import FinishReason, is_cancelled, normalised
from .progress import ProgressBars
from .unknown import UnknownRecords
from .usage import usage_of


class BaseFormat(ToolCalls):
    """A decoder from records of one vocabulary to canonical events.

    `new_id` takes a prefix and returns an id that is unique in the run.
    """

    at_eof: ClassVar[Outcome] = "cut"
    """How the run ends if the input ends without an end marker."""
    error_reason_fails: ClassVar[bool] = True
    """True if an error as finish reason makes the run fail."""
    reads_on: ClassVar[bool] = True
    """True if content after the end marker counts; see `after_end`."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self.ended = False
        """True after the end marker or `flush`; see `after_end`."""
        self.failed = False
        """True once a failure was reported."""
        self.finish_reason: str | None = None
        """The last finish reason in the provider's spelling; None: not reported."""
        self.model: str | None = None
        """Name of the model that answers; None: unknown."""
        self.bars = ProgressBars(new_id)
        self._cited: dict[str, str | None] = {}
        """Titles of the citations by address, or by title if they have no address."""
        self._reported_failures: set[str] = set()
        self._reported: dict[str, Usage] = {}
        self._unknown_records = UnknownRecords(new_id)
        self._late_failure = False
        """True once a failure after the end marker was reported."""

    # --- the end of the input

    def outcome(self, *, half_record: bool = False) -> Outcome:
        """Return how the run would end if the input ended now; changes nothing.

        `half_record` is True if the input ended inside a record.
        """
        return "failed" if self.failed else self._outcome(half_record)

    def _outcome(self, half_record: bool) -> Outcome:
        """Return how the run ends with the input if nothing failed. Formats override it."""
        return "cut" if half_record else self.at_eof

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """Return the events at the end of the input; none if the run has ended before."""
        return [] if self.ended else self.end(self.outcome(half_record=half_record))

    def after_end(self, record: Record, /) -> list[Event]:
        """Return what counts in a record after the end marker: a failure, once, and content.

        Some gateways put several answers into one stream, each with its end marker.
        """
        if record.data.strip() == "[DONE]":
            return []
        if not self._late_failure and (
            failure := self._failure_in(record.type, record.data, record.value)
        ):
            self._late_failure = True
            return failure
        if not self.reads_on:
            return []
        self.ended = False
        events = self.feed(record)
        self.ended = True
        return [event for event in events if isinstance(event, _CONTENT)]

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record. Formats override it."""
        raise NotImplementedError

    # --- citations, usage, progress, unknown records, failures

    def cite(self, url: str | None, title: str | None = None) -> list[Event]:
        """Cite a source once; again if its title arrives later."""
        key = url or title
        if not key or (key in self._cited and (self._cited[key] or not title)):
            return []
        self._cited[key] = title
        return [Citation(url or None, title, self.step_id)]

    def cite_all(self, value: object) -> list[Event]:
        """Cite every source in a list of any vendor's shape; see `citations`."""
        return [event for url, title in sources_in(value) for event in self.cite(url, title)]

    def cite_lists(self, record: JsonObject) -> list[Event]:
        """Cite the sources in the members of a record that list sources."""
        return [event for url, title in cited_in(record) for event in self.cite(url, title)]

    def usage(
        self,
        counts: JsonObject,
        call: str = "",
        *,
        cache_apart: bool = False,
        reasoning_apart: bool = False,
    ) -> list[Event]:
        """Report the tokens of a model call; none if they are unchanged. See `usage.usage_of`."""
        usage = usage_of(
            counts, call, self.model, cache_apart=cache_apart, reasoning_apart=reasoning_apart
        )
        if usage is None or self._reported.get(call) == usage:
            return []
        self._reported[call] = usage
        return [usage]

    def answered_by(self, model: str, call: str = "") -> list[Event]:
        """Report the name of the model that answers, once."""
        if not model or model == self.model:
            return []
        self.model = model
        return [Usage(None, None, call, model=model)]

    def progress(self, key: Hashable, data: object) -> list[Event]:
        """Return the progress in an application's own data; none if it holds no progress."""
        progress = self.bars.read(key, data, self.step_id)
        return [] if progress is None else [progress]

    def unknown(self, name: str, data: str) -> list[Event]:
        """Show a record that the vocabulary does not define, or the failure in it."""
        if not data.strip():
            return []
        value = parse(data)
        if failure := self._failure_in(name, data, value):
            return failure
        if sources := only_sources(value, name):
            return [event for url, title in sources for event in self.cite(url, title)]
        return self._unknown_records.show(name, data, value)

    def _failure_in(self, name: str, data: str, value: object) -> list[Event]:
        """Return the failure that a record of any vocabulary reports; none if it reports none."""
        if reports_failure(value) or names_failure(name):
            return self.fail(data if value is NO_JSON else value)
        if value is NO_JSON and (report := record_of_text(data.strip())).name:
            return self.fail(report.data)
        return []

    def fail(
        self, error: object, *, code: str | None = None, error_type: str | None = None
    ) -> list[Event]:
        """Report a failure of the peer once: an error object or a message. The run continues."""
        failure = failure_of(error, code=code, error_type=error_type)
        self.failed = True
        if failure.message in self._reported_failures:
            return []
        self._reported_failures.add(failure.message)
        return [failure]

    # --- the end

    def end(self, outcome: Outcome = "complete") -> list[Event]:
        """End the run: `failed` after a failure, `cut` if the server cancelled the answer."""
        self.ended = True
        meaning = self.meaning()
        events = self.end_calls() if outcome == "complete" else self._replaced_calls()
        if meaning == "error" and self.error_reason_fails and not self.failed:
            events += self.fail(f"The provider ended the answer with {self.finish_reason!r}.")
        if is_cancelled(self.finish_reason):
            outcome = "cut"
        events += self.close_all()
        outcome = "failed" if self.failed else outcome
        return [*events, RunEnd(outcome, meaning, raw_finish_reason=self.finish_reason)]

    def _replaced_calls(self) -> list[Event]:
        """Return the ends of the calls whose arguments are not shown yet."""
        keys = [key for key, call in self.calls.items() if call.is_replaced]
        return [event for key in keys for event in self.end_call(key)]

    def meaning(self) -> FinishReason | None:
        """Return the normalised finish reason; None if there is none."""
        return normalised(self.finish_reason)


_CONTENT: Final = (
    TextStart,
    TextDelta,
    TextEnd,
    ReasoningStart,
    ReasoningDelta,
    ReasoningEnd,
    ToolCallStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolResult,
    Citation,
)


def notice_of(message: str, level: str = "") -> Notice:
    """Return a notice; `level` is the severity in the peer's spelling."""
    is_warning = level.lower() in _WARNINGS
    return Notice(excerpt(message), "warning" if is_warning else "info")


_WARNINGS: Final = frozenset({"warning", "warn", "error", "critical", "alert", "emergency"})
