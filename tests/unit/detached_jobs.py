"""Jobs that a detached process imports."""

from __future__ import annotations

import time

from streamwidget import Emitter
from streamwidget.events import Event, TextDelta


def counting(emit: Emitter) -> None:
    """Counts for a minute, unless it is stopped."""
    for number in range(3000):
        emit.text(f"{number} ")
        time.sleep(0.02)


def short(emit: Emitter) -> str:
    """Ends at once."""
    print("printed by the job")
    emit.text("secret done")
    return ""


def redact(event: Event) -> Event | None:
    """Remove a word."""
    if isinstance(event, TextDelta):
        return TextDelta(event.part_id, event.text.replace("secret", "***"))
    return event
