"""The displays of one job: figures, tables and HTML, as parts of its run.

Must not know IPython or runs; `routing` brings the displays here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

from ..events import Artifact
from .event_sink import EventSink
from .mime import bundle_of

WIDGET_MIME: Final = "application/vnd.jupyter.widget-view+json"
"""A widget; it works in the output of a cell only."""


class Output(Protocol):
    """The captured output of a job, among which its displays are."""

    @property
    def sink(self) -> EventSink:
        """The sink of the job's emitter."""

    def flush(self, *, wait: bool = True, own: bool = False) -> None:
        """Send what was written before."""


class Displays:
    """The displays of one job, which its later ones may change or replace."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._cleared: list[str] | None = None
        """Parts of what was displayed after a `clear_output`, which the next one lets be replaced;
        None before the first."""
        self._shown_count = 0
        """Displays since the last `clear_output`."""
        self._by_display_id: dict[str, str] = {}

    def show(self, content: Mapping[str, Any], *, update: bool) -> bool:
        """Show a display; False if it cannot be shown in a view, or changes one that is not.

        One that has only text, and that nothing can replace, is text.
        """
        data, metadata = content.get("data") or {}, content.get("metadata") or {}
        display_id = (content.get("transient") or {}).get("display_id")
        if WIDGET_MIME in data or (update and display_id not in self._by_display_id):
            return False
        self._output.flush(own=True)
        if not _has_content(data):
            return True
        sink = self._output.sink
        step_id = sink.current_step()
        if set(data) == {"text/plain"} and display_id is None and self._cleared is None:
            sink.grow_output("stdout", f"{data['text/plain']}\n", step_id)
            return True
        part_id = self._part_of(display_id, update=update)
        fields = bundle_of(data, metadata, sink.limits.artifact_bytes)
        artifact = Artifact(part_id, fields[0], None, fields[1], fields[2], step_id)
        sink.push_part(part_id, step_id, artifact)
        return True

    def clear(self) -> None:
        """Let the next displays replace those since the last `clear_output`; what was displayed
        before the first one stays."""
        self._cleared = self._cleared or []
        self._shown_count = 0

    def _part_of(self, display_id: str | None, *, update: bool) -> str:
        if update and display_id is not None:
            return self._by_display_id[display_id]
        if self._cleared is not None and self._shown_count < len(self._cleared):
            part_id = self._cleared[self._shown_count]
        else:
            part_id = self._output.sink.new_id("a")
            if self._cleared is not None:
                self._cleared.append(part_id)
        self._shown_count += 1
        if display_id is not None:
            self._by_display_id[display_id] = part_id
        return part_id


def _has_content(data: Mapping[str, Any]) -> bool:
    """False for a text, also as HTML, without a character: rich displays one when a bar ends."""
    texts = [re.sub(r"<[^<>]*>", "", str(value)) for value in data.values()]
    return data.keys() - {"text/plain", "text/html"} != set() or any(map(str.strip, texts))
