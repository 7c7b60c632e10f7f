"""What the formats of agent runs share: parts, steps, calls, progress and how a run ends.

Knows no vocabulary. A format of this kind derives from `AgentRun` and says what its records mean.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar, Final

from ..characters import WholeCharacters
from ..errors import excerpt
from ..events import (
    Event,
    Failure,
    Notice,
    NoticeLevel,
    Outcome,
    Progress,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolResult,
    Unknown,
    Usage,
)
from .fields import (
    integer,
    is_retryable,
    number,
    text_or_none,
)
from .finish import run_end
from .parts import Kind, OpenParts
from .records import NewId

STEP: Final = "step"


class ProgressParts:
    """Reads progress out of an application's own data: one part for each key."""

    _COUNTED = ("completed", "current", "done", "progress", "step", "loaded", "value")
    _BARE = ("progress", "percent", "percentage")
    _SAID = ("message", "label", "status", "text", "title", "description")

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id
        self._ids: dict[Hashable, str] = {}
        self._fractions: set[Hashable] = set()

    def read(self, key: Hashable, data: object, step_id: str | None = None) -> Progress | None:
        """The progress that `data` tells; None if it does not look like any."""
        told = self._numbers(key, data)
        if told is None:
            return None
        unit, message = text_or_none(data, "unit"), text_or_none(data, *self._SAID)
        return Progress(self.part_id(key), *told, unit, message, step_id)

    def part_id(self, key: Hashable) -> str:
        """The id of the part that shows the progress of `key`."""
        if key not in self._ids:
            self._ids[key] = self._new_id("p")
        return self._ids[key]

    def _numbers(self, key: Hashable, data: object) -> tuple[float, float | None] | None:
        """Completed and total; a bare number counts percent, or is a fraction if below one."""
        total = number(data, "total")
        counted = number(data, *self._COUNTED)
        if total is not None:
            return None if counted is None else (counted, total)
        bare = number(data, *self._BARE)
        if bare is None:
            counted = number(data, "completed")
            return None if counted is None else (counted, None)
        if 0 < bare < 1:
            self._fractions.add(key)
        return bare, 1 if key in self._fractions and bare <= 1 else 100


class AgentRun:
    """What formats of agents share: the open part, tool calls, progress, and how a run ends."""

    at_eof: ClassVar[Outcome] = "cut"
    """What the end of the bytes means where no end marker came."""

    def __init__(self, new_id: NewId) -> None:
        self.new_id = new_id
        self.parts = OpenParts(new_id)
        self.progress = ProgressParts(new_id)
        self.calls: dict[Hashable, str] = {}
        """From the wire's name of a tool call to our id of its part."""
        self.raw: str | None = None
        """The finish reason that was told last."""
        self.failed = False
        self.ended = False
        """Whether the end marker came, or `flush`: later records are ignored."""
        self._speaker: Hashable = None
        self._characters: dict[str, WholeCharacters] = {}

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """What the end of the bytes means: see `at_eof`. `half_record`: they end inside a value."""
        return [] if self.ended else self.end("cut" if half_record else self.at_eof)

    @property
    def step_id(self) -> str | None:
        """Our id of the innermost step; None outside steps."""
        return self.parts.step_id(self.parts.innermost)

    def say(self, kind: Kind, said: str, speaker: Hashable = None) -> list[Event]:
        """A delta of text or reasoning; what another `speaker` says is another part."""
        if not said:
            return []
        events = self.parts.close() if speaker != self._speaker else []
        self._speaker = speaker
        return [*events, *self.parts.grow(kind, said, self.step_id)]

    def start_call(
        self, key: Hashable, name: str, call_id: str | None = None, *, by_provider: bool = False
    ) -> list[Event]:
        """The start of the call `key`; of a known one only what is told late."""
        if key in self.calls:
            return [ToolCallStart(self.calls[key], name, call_id)] if name or call_id else []
        self.calls[key] = self.new_id("c")
        start = ToolCallStart(self.calls[key], name, call_id, by_provider, self.step_id)
        return [*self.parts.close(), start]

    def grow_call(self, key: Hashable, arguments_text: str) -> list[Event]:
        """More arguments of the call; starts it if its start did not come."""
        events = [] if key in self.calls else self.start_call(key, "", _call_id(key))
        part_id = self.calls[key]
        whole = self._characters.setdefault(part_id, WholeCharacters()).feed(arguments_text)
        return [*events, ToolCallDelta(part_id, whole)] if whole else events

    def end_call(self, key: Hashable, arguments_text: str | None = None) -> list[Event]:
        """The end of the call's arguments; nothing if there is neither a call nor arguments."""
        if key not in self.calls and arguments_text is None:
            return []
        events = self.grow_call(key, "")
        return [*events, ToolCallEnd(self.calls[key], arguments_text)]

    def result(self, key: Hashable, result: str, *, is_error: bool = False) -> list[Event]:
        """What the tool gave for the call; shown by itself if the call was made elsewhere."""
        events = [] if key in self.calls else self.start_call(key, "", by_provider=True)
        return [*events, ToolResult(self.calls[key], result, is_error)]

    def fail(
        self, message: str, *, code: str | None = None, error_type: str | None = None
    ) -> list[Event]:
        """A failure that the peer reports; the run goes on to its end."""
        self.failed = True
        message = message or "The server reported an error without a message."
        short = excerpt(message)
        failure = Failure(
            short,
            fault="provider",
            error_type=error_type or "ProviderError",
            retryable=is_retryable(code, error_type, message[:1000]),
            code=code,
            detail=None if short == message else message,
        )
        return [*self.parts.close(), failure]

    def unknown(self, name: str, data: str) -> list[Event]:
        return [*self.parts.close(), Unknown(name, data)]

    def end(self, outcome: Outcome) -> list[Event]:
        """The end of the run, failed if a failure was reported."""
        self.ended = True
        return [*self.parts.close(), run_end("failed" if self.failed else outcome, self.raw)]


def usage_of(told: object, call: str = "") -> list[Event]:
    """Usage under any of its names; nothing if there is no count."""
    taken = integer(told, "inputTokens", "input_tokens", "promptTokens", "prompt_tokens")
    gave = integer(told, "outputTokens", "output_tokens", "completionTokens", "completion_tokens")
    return [] if taken is None and gave is None else [Usage(taken, gave, call)]


def notice_of(message: str, level: str = "") -> Notice:
    worst: NoticeLevel = "warning" if level.lower() in _WARNINGS else "info"
    return Notice(excerpt(message), worst)


_WARNINGS: Final = frozenset({"warning", "warn", "error", "critical", "alert", "emergency"})


def _call_id(key: Hashable) -> str | None:
    return key if isinstance(key, str) and key else None
