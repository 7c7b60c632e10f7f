"""Positions without sockets: what is new, where records end, how long to wait. Pure."""

from __future__ import annotations

import gc
import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamwidget import Limits
from streamwidget.decode.chain import SSERecords
from streamwidget.decode.lines import LineDecoder
from streamwidget.decode.sse import SSEDecoder
from streamwidget.errors import TransportError
from streamwidget.resume.attempts import Attempts
from streamwidget.resume.keys import Key, Keys
from streamwidget.resume.seam import char_count, utf16_count, whole_characters
from streamwidget.resume.track import Track

Records = list[tuple[Key | None, str]]


def admitted(track: Track, records: Records) -> str:
    return "".join(data for key, data in records if track.admit(key, data))


# The first data, that of the next connection, and the new part of it. A key in capitals in
# the first column is one that came without a record.
AGAIN: dict[str, tuple[Records, Records, str]] = {
    "strictly after": ([("1", "a"), ("2", "b")], [("3", "c")], "c"),
    "the last one again": ([("1", "a"), ("2", "b")], [("2", "b"), ("3", "c")], "c"),
    "everything again": ([("1", "a"), ("2", "b")], [("1", "a"), ("2", "b"), ("3", "c")], "c"),
    "followers again": ([("1", "a"), (None, "b")], [(None, "b"), (None, "c"), ("2", "d")], "cd"),
    "equal followers": ([("1", "a"), (None, "h")], [(None, "h"), (None, "h")], "h"),
    "a sticky id": ([("1", "a"), ("1", "b")], [(None, "b"), (None, "c")], "c"),
    "the whole group": ([("1", "a"), ("1", "b")], [("1", "a"), ("1", "b"), ("1", "c")], "c"),
    "another follower": ([("1", "a"), (None, "ping 1")], [(None, "ping 2"), ("2", "b")], "ping 2b"),
    "an old group": ([("1", "a"), (None, "b"), ("2", "c")], [("1", "a"), (None, "b")], ""),
    "equal contents": ([("1", "h"), ("2", "h")], [("3", "h"), ("4", "h")], "hh"),
}


@pytest.mark.parametrize(("before", "after", "new"), AGAIN.values(), ids=AGAIN.keys())
def test_what_came_before_is_dropped_by_its_position(
    before: Records, after: Records, new: str
) -> None:
    track = Track()
    assert admitted(track, before) == "".join(data for _, data in before)
    track.resume()
    assert admitted(track, after) == new


def test_numbers_that_only_grow_are_compared_and_gaps_are_counted() -> None:
    track = Track(ordered=True)
    admitted(track, [(0, "a"), (1, "b"), (None, "x")])
    track.resume()
    assert admitted(track, [(0, "a"), (None, "?"), (1, "b"), (None, "x"), (5, "c")]) == "c"
    assert track.missing_count == 3


def test_a_key_that_came_without_a_record_is_where_followers_begin() -> None:
    track = Track()
    admitted(track, [(None, "a")])
    track.move("1")
    admitted(track, [("1", "b")])
    track.resume()
    assert admitted(track, [(None, "b"), (None, "c")]) == "c"


def test_a_stream_that_restarts_with_other_content_is_an_error() -> None:
    for later in ([(None, "z")], [(None, "a"), ("7", "z")]):
        track = Track()
        admitted(track, [(None, "a"), (None, "b")])
        track.resume(from_start=True)
        with pytest.raises(TransportError, match="restarted with different content"):
            admitted(track, later)


def test_an_exact_resume_trusts_what_has_no_key() -> None:
    track = Track()
    admitted(track, [(None, "ha"), (None, "ha")])
    track.resume(exact=True)
    assert admitted(track, [(None, "ha"), (None, "ha")]) == "haha"


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from("ab")), min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=8),
)
def test_any_kills_and_any_overlap_give_every_record_once(
    records: list[tuple[bool, str]], kills: list[tuple[int, int]]
) -> None:
    """The server may begin earlier than it was asked to; it never begins later."""
    keys = [str(n) if has_key else None for n, (has_key, _) in enumerate(records)]
    keys[0] = "0"
    wire: Records = [(key, data) for key, (_, data) in zip(keys, records, strict=True)]
    track, got = Track(), ""
    for stop, earlier in [*kills, (len(wire), 0)]:
        if track.key is None:
            start = 0
            track.resume(from_start=True)
        else:
            start = keys.index(str(track.key)) + 1
            track.resume()
            for _ in range(earlier):  # back to an earlier key, with its record
                before = [n for n in range(start) if keys[n] is not None]
                start = before[-1] if before else start
        got += admitted(track, wire[start : max(stop, start)])
    assert got == "".join(data for _, data in wire)


@pytest.mark.parametrize("seed", range(3))
def test_keys_are_known_whenever_they_are_looked_up(seed: int) -> None:
    rng, kept_count = random.Random(seed), 50_000
    keys, added = Keys(kept_count), list[Key]()
    for number in range(120_000):
        added.append(f"id-{number}" if number % 3 else number)
        keys.add(added[-1])
        if rng.random() < 0.01:
            assert added[-1] in keys
            assert added[-rng.randrange(1, min(kept_count, len(added)) + 1)] in keys
            assert f"other-{number}" not in keys
    assert added[0] not in keys


def test_a_key_takes_little_memory() -> None:
    keys, count = Keys(10**6), 200_000
    gc.collect()
    tracemalloc.start()
    for number in range(count):
        keys.add(f"event-{number}")
    never_asked, _ = tracemalloc.get_traced_memory()
    assert "event-1" in keys
    for number in range(count, 2 * count):
        keys.add(f"event-{number}")
    asked, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert never_asked < 12 * count
    assert asked < 32 * 2 * count


# --- where records end

PIECES = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", b"data: x", b"id: 1", ":", "é🦆".encode()]), max_size=24
).map(lambda parts: b"".join(p if isinstance(p, bytes) else p.encode() for p in parts))


def _ends(decoder: SSEDecoder | LineDecoder, data: bytes, size: int) -> list[int]:
    """The offsets that the decoder reports, one for each piece of `size` bytes."""
    ends = []
    for at in range(0, len(data), size):
        decoder.feed(data[at : at + size])
        ends.append(decoder.record_end_bytes)
    return ends


@given(PIECES, st.integers(1, 5))
def test_events_end_where_the_decoder_says(data: bytes, size: int) -> None:
    for number, end in enumerate(_ends(SSEDecoder(), data, size)):
        fed = data[: (number + 1) * size]
        alone = SSEDecoder()
        assert alone.feed(fed[:end]) == SSEDecoder().feed(fed)
        assert not alone.feed(fed[end:])
        assert not any(event.data for event in alone.feed(b"\n")) or end < len(fed)
        assert fed.endswith((b"\n", b"\r")) or end < len(fed) or not fed


@given(PIECES)
def test_the_end_of_an_event_does_not_depend_on_the_pieces(data: bytes) -> None:
    ends = _ends(SSEDecoder(), data, 1)
    for size in (2, 3, 7):
        assert _ends(SSEDecoder(), data, size)[-1:] == ends[-1:]


@given(st.binary(max_size=60), st.integers(1, 9))
def test_lines_end_after_each_lf(data: bytes, size: int) -> None:
    for number, end in enumerate(_ends(LineDecoder(), data, size)):
        assert end == data[: (number + 1) * size].rfind(b"\n") + 1


@given(
    st.lists(st.sampled_from([b"id: 1\n\n", b"id: 2\n\n", b"data: x\nid: 3\n\n", b"data: y\n\n"]))
)
def test_an_id_without_an_event_is_reported_in_order(blocks: list[bytes]) -> None:
    decoder, framing = SSEDecoder(), SSERecords(Limits())
    wanted, before, count = [], "", 0
    for block in blocks:
        events = decoder.feed(block)
        if not events and decoder.last_event_id != before:
            wanted.append((count, decoder.last_event_id))
        count += len(events)
        before = decoder.last_event_id
    framing.feed(b"".join(blocks))
    assert framing.bare_ids == wanted


@given(st.text(max_size=20), st.integers(0, 80))
def test_characters_are_counted_as_python_and_as_javascript_count(text: str, cut: int) -> None:
    text = text.encode(errors="ignore").decode()
    data = text.encode()
    assert char_count(data) == len(text)
    assert utf16_count(data) == len(text.encode("utf-16-le")) // 2
    assert char_count(data[:cut]) + char_count(data[cut:]) == len(text)
    assert data[:cut][: whole_characters(data[:cut])] == data[:cut].decode(errors="ignore").encode()


# --- attempts


@pytest.mark.parametrize(
    ("dice", "told_s", "waits_s"),
    [
        (0.999999, 0.0, [0.5, 1, 2, 4, 4]),
        (0.0, 0.0, [0.25, 0.5, 1, 2, 2]),
        (0.999999, 3.0, [3, 3, 3, 4, 4]),
        (0.0, 1e9, [60] * 5),
    ],
)
def test_waits_double_up_to_a_bound_and_are_never_shorter_than_asked(
    dice: float, told_s: float, waits_s: list[float]
) -> None:
    limits = Limits(resume_wait_s=0.5, resume_wait_most_s=4, resume_requested_most_s=60)
    attempts = Attempts(limits, lambda: dice)
    got = [attempts.next_wait_s(told_s) for _ in range(6)]
    assert got == [*(pytest.approx(wait_s, rel=1e-4) for wait_s in waits_s), None]


def test_progress_gives_all_attempts_back() -> None:
    attempts = Attempts(Limits(resume_attempts_count=2), lambda: 0.5)
    assert attempts.next_wait_s() is not None
    assert attempts.next_wait_s() is not None
    assert attempts.next_wait_s() is None
    attempts.progress()
    assert attempts.next_wait_s() is not None
