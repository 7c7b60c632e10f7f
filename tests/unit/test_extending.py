"""Formats, sources and kinds of parts of other people: by a decorator, or by an entry point."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamwidget import (
    Emitter,
    StreamView,
    UsageError,
    collect,
    register_format,
    register_part,
    register_source,
)
from streamwidget.decode.records import Record
from streamwidget.events import Event, RunEnd, TextDelta
from streamwidget.formats import custom_formats as formats
from streamwidget.sources import custom_sources as sources
from streamwidget.widget import kinds


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    for name in formats.registered_names():
        formats.unregister_format(name)
    for _, opener in list(sources._openers):
        sources.unregister_source(opener)
    kinds._sources.clear()
    kinds._carriers.here().clear()


SSE = [b'data: {"acme": "one "}\n\n', b'data: {"acme": "two"}\n\n', b'data: {"bye": 1}\n\n']


def test_a_function_is_a_format() -> None:
    @register_format("acme")
    def acme(record: Record, new_id: object) -> list[Event]:
        return [TextDelta("t", record.object["acme"])] if "acme" in record.object else []

    assert acme.__name__ == "acme"
    result = collect(iter(SSE), format="acme", content_type="text/event-stream")
    assert (result.text, result.status, result.document.format) == ("one two", "finished", "acme")


class Acme:
    """A format with an end marker: bytes that end without it are cut."""

    def __init__(self, new_id: Any) -> None:
        self.ended = False
        self._id = new_id("t")

    def feed(self, record: Record, /) -> list[Event]:
        if "bye" in record.object:
            self.ended = True
            return [RunEnd("complete", "stop")]
        return [TextDelta(self._id, record.object["acme"])]

    def flush(self, *, half_record: bool = False) -> list[Event]:
        return [] if self.ended else [RunEnd("cut")]


@pytest.mark.parametrize(("count", "status"), [(3, "finished"), (2, "incomplete")])
def test_a_class_is_a_format_that_is_found_by_what_it_recognises(count: int, status: str) -> None:
    register_format("acme", recognises=lambda record: "acme" in record.object)(Acme)
    result = collect(iter(SSE[:count]), content_type="text/event-stream")
    assert (result.text, result.status, result.document.format) == ("one two", status, "acme")
    records = [{"acme": "as "}, {"acme": "dicts"}, {"bye": 1}]
    assert collect(iter(records[:count])).text == "as dicts"


def test_a_name_that_is_taken_or_unknown_is_reported() -> None:
    with pytest.raises(UsageError, match="built in"):
        register_format("anthropic")
    register_format("acme")(Acme)
    with pytest.raises(UsageError, match="'acme'"):
        collect(iter(SSE), format="acmee", content_type="text/event-stream").raise_for_error()


class Point:
    def __init__(self, name: str, loads: Any) -> None:
        self.name = name
        self._loads = loads

    def load(self) -> Any:
        if isinstance(self._loads, Exception):
            raise self._loads
        return self._loads


def test_installed_packages_offer_formats_and_a_broken_one_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    points = [Point("broken", ImportError("no such module")), Point("offered", Acme)]
    monkeypatch.setattr(formats, "entry_points", lambda group: points)
    formats.load_plugins.cache_clear()
    try:
        result = collect(iter(SSE), format="offered", content_type="text/event-stream")
    finally:
        formats.load_plugins.cache_clear()
    assert result.text == "one two"
    assert "could not load the streamwidget.formats 'broken'" in caplog.text
    assert importlib.metadata.entry_points(group="streamwidget.formats") is not None


class Thing:
    def __init__(self, words: list[str]) -> None:
        self.words = words


def test_a_source_is_whatever_its_function_makes_of_a_value() -> None:
    @register_source(lambda value: isinstance(value, Thing))
    def open_thing(thing: Thing) -> object:
        return iter(thing.words)

    assert collect(Thing(["a", "b"])).text == "ab"

    @register_source(lambda value: isinstance(value, Thing))
    def later(thing: Thing) -> object:
        def job(emit: Emitter) -> None:
            emit.text("later")

        return job

    assert collect(Thing([])).text == "later"
    with pytest.raises(UsageError, match="object"):
        collect(object()).raise_for_error()


MODULE = "export function mount({ part, el }) { el.textContent = part.data.value }"


def test_a_custom_part_names_the_model_that_holds_its_module(tmp_path: Path) -> None:
    path = tmp_path / "gauge.js"
    path.write_text(MODULE, "utf-8")
    register_part("gauge", path)
    view = StreamView()
    view.emit.custom("gauge", {"value": 1}, key="g")
    view.emit.custom("gauge", {"value": 2}, key="g")
    view.emit.custom("other", [1])
    gauge, other = (part.fields for part in view.document.parts)
    carrier = kinds._carriers.here()["gauge"]
    assert (gauge["data"], gauge["renderer"]) == ({"value": 2}, f"IPY_MODEL_{carrier.model_id}")
    assert (other["name"], other["renderer"]) == ("other", None)
    assert carrier.src == MODULE
    carrier.set_state({"src": "evil"})
    assert carrier.src == MODULE, "the state of a model never becomes code"
    view.finish()
    assert {part.state for part in view.document.parts} == {"closed"}


@pytest.mark.parametrize("module", ["function mount() {}", Path("/no/such/file.js")], ids=str)
def test_what_is_not_a_module_is_refused(module: str | Path) -> None:
    with pytest.raises(UsageError, match="module"):
        register_part("gauge", module)
