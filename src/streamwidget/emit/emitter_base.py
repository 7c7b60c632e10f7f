"""The base of all calls of an emitter: its sink, and the step that events belong to."""

from __future__ import annotations

from .event_sink import EventSink


class EmitterBase:
    """The sink of an emitter, and its current step."""

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink

    def _step(self) -> str | None:
        return self._sink.current_step()

    @property
    def stopped(self) -> bool:
        """True once a stop was requested."""
        return self._sink.stop_requested()
