"""A journal in trouble disturbs neither its run nor other journals, and loses and leaks nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamwidget import Emitter, Limits, StreamView, collect
from streamwidget.events import Event, Failure, TextDelta, Usage
from unit.waiting import WAIT_S, until

SECRET = "sk-SECRET12345"


def hidden(event: Event) -> Event | None:
    """Replace the secret in texts and messages."""
    if isinstance(event, TextDelta):
        return replace(event, text=event.text.replace(SECRET, "***"))
    if isinstance(event, Failure):
        message, detail = event.message, event.detail or ""
        return replace(
            event, message=message.replace(SECRET, "***"), detail=detail.replace(SECRET, "***")
        )
    return event


def attached_text(path: Path) -> str:
    view = StreamView.attach(path)
    view.wait(WAIT_S)
    return view.text


def test_a_secret_is_seen_whole_whatever_comes_between_its_tokens(tmp_path: Path) -> None:
    def source() -> Iterator[Event]:
        yield TextDelta("t", "the key is sk-SEC")
        yield Usage(10, 4)
        yield TextDelta("t", "RET12345 and ")
        yield Usage(10, 6)
        yield TextDelta("t", "no more")

    path = tmp_path / "a.jsonl"
    collect(source(), journal=path, redact=hidden)
    assert "SECRET" not in path.read_text()
    assert "sk-SEC" not in path.read_text()
    assert attached_text(path) == "the key is *** and no more"


def test_parts_keep_their_order_while_a_word_waits(tmp_path: Path) -> None:
    def job(emit: Emitter) -> None:
        emit.text("first")
        emit.metric("loss", 1.0)
        emit.text("word")

    path = tmp_path / "a.jsonl"
    whole = collect(job, journal=path, redact=hidden)
    view = StreamView.attach(path)
    view.wait(WAIT_S)
    kinds = [part.kind for part in whole.document.parts]
    assert [part.kind for part in view.document.parts] == kinds
    assert view.text == whole.text == "firstword"


def test_the_closing_line_is_redacted_too(tmp_path: Path) -> None:
    def job(emit: Emitter) -> None:
        raise RuntimeError(f"401 for key {SECRET}")

    for number, redact in enumerate([hidden, lambda _: None]):
        path = tmp_path / f"{number}.jsonl"
        assert collect(job, journal=path, redact=redact).status == "failed"
        assert SECRET not in path.read_text()


def test_a_redact_that_returns_something_else_stops_no_journal(tmp_path: Path) -> None:
    bad: Any = lambda _: {"not": "an event"}  # noqa: E731
    seen = threading.Event()

    def source() -> Iterator[str]:
        yield "a "
        assert seen.wait(WAIT_S)
        yield "b"

    first = StreamView(source(), journal=tmp_path / "bad.jsonl", redact=bad)
    second = StreamView(iter(["c ", "d"]), journal=tmp_path / "good.jsonl")
    second.wait(WAIT_S)
    assert attached_text(tmp_path / "good.jsonl") == "c d"
    until(lambda: "redact= returned a dict" in first.to_markdown())
    seen.set()
    assert first.wait(WAIT_S).text == "a b"


def test_the_producer_waits_rather_than_lose_events(tmp_path: Path) -> None:
    def slow(event: Event) -> Event:
        time.sleep(0.001)
        return event

    def job(emit: Emitter) -> None:
        for n in range(200):
            emit.row("t", {"n": n, "text": "x" * 1000})

    limits = Limits(kept_events_bytes=20_000, kept_events_count=5_000)
    path = tmp_path / "a.jsonl"
    whole = collect(job, journal=path, redact=slow, limits=limits)
    assert len(whole.tables["t"]) == 200
    view = StreamView.attach(path)
    view.wait(WAIT_S)
    assert [row["n"] for row in view.tables["t"]] == list(range(200))
    assert "no longer kept" not in path.read_text()


@pytest.mark.parametrize("name", ["a\0b.jsonl", "n" * 300 + ".jsonl"], ids=["NUL", "too long"])
def test_a_name_that_no_file_can_have_is_a_notice(tmp_path: Path, name: str) -> None:
    view = StreamView(iter(["all the ", "text"]), journal=str(tmp_path / name))
    assert view.wait(WAIT_S).text == "all the text"
    assert view.journal is not None
    assert "the journal cannot be created" in str(view.journal.error)
