"""Python's `logging` as lines of a run's log.

Logging never raises into the user's code: lines after a stop are still recorded, and lines after
the end of the run are dropped.
"""

from __future__ import annotations

import logging
from types import TracebackType

from .emit import Emitter
from .emit.convert import log_level
from .errors import UsageError
from .events import LogLine
from .io.redaction import without_secrets
from .widget import StreamView


def logging_handler(
    target: Emitter | StreamView, *, logger: str | logging.Logger = "", level: int | str = "INFO"
) -> LoggingHandler:
    """Return a handler that adds records to the log of `target`, an emitter or a view.

    Attach it with `addHandler`, or use it as a context manager: inside the block it is attached to
    `logger` (a logger or its name; `""` is the root logger, so it receives everything), whose level
    is lowered to `level` where it was higher.

    Raises:
        UsageError: `target` is neither an emitter nor a view, or `level` is not a logging level.
    """
    if not isinstance(target, (Emitter, StreamView)):
        raise UsageError(
            f"logging_handler takes an emitter or a StreamView, not a {type(target).__name__}."
        )
    chosen = logging.getLogger(logger) if isinstance(logger, str) else logger
    try:
        return LoggingHandler(target, chosen, level)
    except (ValueError, TypeError):
        raise UsageError(
            f"level={level!r} is not a logging level. Pass one such as 'INFO'."
        ) from None


class LoggingHandler(logging.Handler):
    """A logging handler for one run; create it with `logging_handler`."""

    def __init__(
        self, target: Emitter | StreamView, logger: logging.Logger, level: int | str
    ) -> None:
        super().__init__(level)
        self._push = target.push_events
        self._logger = logger
        self._level_before = logger.level

    def emit(self, record: logging.LogRecord) -> None:
        """Add one record to the log; `logging` calls this from any thread."""
        try:
            line = LogLine(
                without_secrets(self.format(record)), log_level(record.levelno), record.name
            )
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
