"""Text that UTF-8 cannot carry is made whole, however it was cut."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamwidget import StreamView, collect
from streamwidget.characters import WholeCharacters, clean
from streamwidget.events import Failure, Notice, StepStart, TextDelta, TextEnd

any_text = st.text(st.characters(codec=None))


def units(text: str) -> list[str]:
    """`text` as JavaScript would cut it: one UTF-16 unit each."""
    raw = text.encode("utf-16-le", "surrogatepass")
    pairs = [raw[i : i + 2] for i in range(0, len(raw), 2)]
    return [pair.decode("utf-16-le", "surrogatepass") for pair in pairs]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("日本 👩‍🚀", "日本 👩‍🚀"),
        ("\ud83d\ude80", "🚀"),
        ("a\ud83d", "a\ufffd"),
        ("\ude80b", "\ufffdb"),
        ("\ud83d\ud83d\ude80", "\ufffd🚀"),
    ],
)
def test_clean_joins_pairs_and_replaces_the_lone(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(any_text)
def test_text_cut_by_utf16_units_comes_out_as_it_was(text: str) -> None:
    characters = WholeCharacters()
    pieces = [characters.feed(unit) for unit in units(text)]
    assert "".join([*pieces, characters.flush()]) == clean(text)


@given(st.lists(any_text, max_size=5))
def test_whatever_a_source_yields_can_be_sent_saved_and_printed(pieces: list[str]) -> None:
    result = collect([*pieces, "."])
    assert result.text == clean("".join([*pieces, "."]))
    for part in result.document.parts:
        json.dumps(part.to_wire(), ensure_ascii=False).encode()


def test_halves_in_two_deltas_become_one_character_and_a_lone_one_is_reported() -> None:
    events = [
        TextDelta("a", "x\ud83d"),
        TextDelta("b", "other"),
        TextDelta("a", "\ude80"),
        TextDelta("b", "\ud83d"),
        TextEnd("b"),
    ]
    result = collect(events)
    assert [part.text for part in result.document.parts] == ["x🚀", "other\ufffd"]


def test_every_field_of_every_event_is_clean() -> None:
    def job() -> Iterator[object]:
        yield StepStart("s", "\ud83d")
        yield Notice("\ud83d")
        yield Failure("\ud83d", "decode", detail="\ud83d", fatal=False)
        raise ValueError("\ud83d")

    view = StreamView(job(), title="\ud83d")
    view.wait()
    json.dumps(view.get_state()["snapshot"], ensure_ascii=False).encode()
