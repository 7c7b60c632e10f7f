"""Python's `logging` as lines of a run's log.

Nothing here raises into code that logs: a line that comes after a stop is taken like any other, and
one that comes after the end is dropped.
"""

from __future__ import annotations

import logging
from types import TracebackType

from .errors import UsageError
from .events import LogLevel, LogLine
from .sources.emitter import Emitter
from .widget import StreamView

_LEVELS: tuple[tuple[int, LogLevel], ...] = (
    (logging.CRITICAL, "critical"),
    (logging.ERROR, "error"),
    (logging.WARNING, "warning"),
    (logging.INFO, "info"),
)


def logging_handler(
    target: Emitter | StreamView, *, logger: str | logging.Logger = "", level: int | str = "INFO"
) -> LoggingHandler:
    """A handler whose records become log lines of `target`, an emitter or a view.

    Add it to a logger of your own with `addHandler`, or use it as a context: inside the block it
    belongs to `logger` (a logger or its name; `""`: the root, so everything), and records from
    `level` on are let through there even if the logger was less talkative before.

    Raises:
        UsageError: `target` is neither an emitter nor a view, or `level` is no level.
    """
    if not isinstance(target, (Emitter, StreamView)):
        raise UsageError(
            f"logging_handler takes an emitter or a StreamView, not a {type(target).__name__}."
        )
    chosen = logging.getLogger(logger) if isinstance(logger, str) else logger
    try:
        return LoggingHandler(target, chosen, level)
    except (ValueError, TypeError):
        raise UsageError(f"level={level!r} is no level of logging: say 'INFO', for one.") from None


class LoggingHandler(logging.Handler):
    """Made by `logging_handler`."""

    def __init__(
        self, target: Emitter | StreamView, logger: logging.Logger, level: int | str
    ) -> None:
        super().__init__(level)
        self._push = target.push_events
        self._logger = logger
        self._level_before = logger.level

    def emit(self, record: logging.LogRecord) -> None:
        """Takes one record; called by `logging`, from any thread."""
        try:
            line = LogLine(self.format(record), _level(record.levelno), record.name)
            self._push([line])
        except Exception:
            self.handleError(record)

    def __enter__(self) -> LoggingHandler:
        self._level_before = self._logger.level
        if self._logger.getEffectiveLevel() > self.level:
            self._logger.setLevel(self.level)
        self._logger.addHandler(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._logger.removeHandler(self)
        self._logger.setLevel(self._level_before)


def _level(number: int) -> LogLevel:
    return next((name for bound, name in _LEVELS if number >= bound), "debug")
