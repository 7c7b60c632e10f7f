"""sse-starlette over uvicorn: pings, ids, names, lines, failures and a connection that breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from servers.apps.sse import WORDS
from servers.reading import TIMEOUT_S, Read
from streamwidget import StreamView

Reads = Callable[[Callable[[], object]], Read]
Address = Callable[[str], str]
TEXT = "".join(WORDS)


def test_typed_records_between_pings_become_text_reasoning_and_progress(
    address: Address, reads: Reads
) -> None:
    got = reads(lambda: f"{address('sse')}/typed")
    assert (got.format, got.status, got.finish) == ("sse", "finished", "stop")
    assert (got.text, got.reasoning) == (TEXT, "Let me see.")
    [progress] = got.parts
    assert (progress["kind"], progress["completed"], progress["total"]) == ("progress", 100, 100)
    assert progress["message"] == "Part 4"


def test_named_events_of_plain_text_keep_their_lines(address: Address, reads: Reads) -> None:
    got = reads(lambda: f"{address('sse')}/named")
    assert got.text == TEXT.replace("\r\n", "\n")  # the lines of an event are joined with LF
    assert (got.status, got.finish) == ("finished", "done")


def test_an_error_event_fails_the_run_and_keeps_the_text(address: Address, reads: Reads) -> None:
    got = reads(lambda: f"{address('sse')}/failing")
    assert (got.status, got.text, got.error) == ("failed", "So far so ", "The model is gone")


def test_an_application_that_breaks_is_a_broken_connection(address: Address, reads: Reads) -> None:
    got = reads(lambda: f"{address('sse')}/breaking")
    assert (got.status, got.text) == ("failed", "half")
    assert "was lost after 76 bytes" in (got.error or "")


def test_a_view_is_stopped_in_the_middle(address: Address) -> None:
    view = StreamView(f"{address('sse')}/endless")
    for event in view:
        if event.type == "text-delta":
            view.stop()
            break
    result = view.wait(timeout=TIMEOUT_S)
    assert result.status == "stopped"
    assert result.text.startswith("word ")


@pytest.mark.parametrize("path", ["nowhere", "typed/more"])
def test_an_address_that_is_not_there_is_reported_with_its_status(
    address: Address, path: str
) -> None:
    result = StreamView(f"{address('sse')}/{path}").wait(timeout=TIMEOUT_S)
    assert result.error is not None
    assert "404" in result.error.message
