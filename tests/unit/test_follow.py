"""Files that grow: nothing is lost when they are cut, replaced or do not exist yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streamwidget import SourceError, UsageError, collect
from streamwidget.events import Notice, Progress
from streamwidget.run import Run, begin
from streamwidget.run.waiting import wait
from streamwidget.sources.follow import follow
from unit.waiting import WAIT_S, until


class Following:
    """A run that follows a file."""

    def __init__(self, path: Path, *, from_start: bool = True) -> None:
        self.run = Run()
        begin(self.run, follow(path, from_start=from_start, poll_s=0.002))

    def shows(self, text: str) -> None:
        until(lambda: self.run.document.text == text, lambda: repr(self.run.document.text))

    def count_notices(self, words: str) -> int:
        events = self.run.result().events
        return sum(isinstance(event, Notice) and words in event.message for event in events)

    def stop(self) -> None:
        self.run.request_stop()
        assert wait(self.run, WAIT_S).status == "stopped"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "job.log"


@pytest.fixture
def start(path: Path) -> Iterator[Callable[..., Following]]:
    begun: list[Following] = []

    def start(**more: bool) -> Following:
        begun.append(Following(path, **more))
        return begun[-1]

    yield start
    for following in begun:
        following.stop()


Start = Callable[..., Following]


def append(path: Path, data: str | bytes) -> None:
    with path.open("ab") as file:
        file.write(data.encode() if isinstance(data, str) else data)


def test_present_and_appended_content_is_shown(path: Path, start: Start) -> None:
    append(path, "one\n")
    following = start()
    following.shows("one\n")
    append(path, "two\n")
    following.shows("one\ntwo\n")


def test_a_log_is_shown_as_a_terminal_would_show_it(path: Path, start: Start) -> None:
    append(path, "\r 10%|# | 1/10 [0:1]\r 20%|# | 2/10 [0:1]\x1b[1m{'loss': 0.5}\x1b[0m\n")
    following = start()
    following.shows("{'loss': 0.5}\n")
    append(path, "\r100%|##| 10/10 [0:1]\nend")
    following.shows("{'loss': 0.5}\nend")
    events = following.run.result().events
    bars = [event for event in events if isinstance(event, Progress)]
    assert (bars[-1].completed, bars[-1].total) == (10, 10)
    assert len({bar.part_id for bar in bars}) == 1


def test_a_character_that_is_cut_waits_for_its_rest(path: Path, start: Start) -> None:
    append(path, "日本".encode()[:4])
    following = start()
    following.shows("日")
    append(path, "日本".encode()[4:])
    following.shows("日本")


def test_lines_of_json_are_events(path: Path, start: Start) -> None:
    append(path, '{"type": "text", "text": "a"}\n{"type": "te')
    following = start()
    following.shows("a")
    append(path, 'xt", "text": "b"}\n')
    following.shows("ab")


def test_a_file_that_does_not_exist_yet_is_waited_for_with_one_notice(
    path: Path, start: Start
) -> None:
    following = start()
    until(lambda: following.count_notices("Waiting for job.log"), lambda: "no notice")
    append(path, "here")
    following.shows("here")
    assert following.count_notices("Waiting") == 1


def test_the_old_text_can_be_left_out(path: Path, start: Start) -> None:
    append(path, "old\n")
    following = start(from_start=False)
    # nothing shows from outside that the end was reached: the text is appended until it is shown
    until(
        lambda: append(path, "new\n") or following.run.document.text,
        lambda: "nothing new came",
    )
    assert "old" not in following.run.document.text


def test_a_file_that_was_cut_is_read_from_its_start(path: Path, start: Start) -> None:
    append(path, "a long line without end")
    following = start()
    following.shows("a long line without end")
    path.write_text("new")
    following.shows("a long line without end\nnew")
    assert following.count_notices("was truncated") == 1


def test_a_replaced_file_is_read_to_its_end_and_then_the_new_one(path: Path, start: Start) -> None:
    append(path, "old\n")
    following = start()
    following.shows("old\n")
    with path.open("ab") as writer:
        os.rename(path, path.with_suffix(".1"))
        writer.write(b"late\n")
        writer.flush()
        following.shows("old\nlate\n")
        append(path, "new\n")
    following.shows("old\nlate\nnew\n")
    assert following.count_notices("was replaced") == 1


def test_nothing_is_lost_in_many_rotations(path: Path, start: Start) -> None:
    following = start()
    lines = ""
    for n in range(20):
        with path.open("ab") as writer:
            writer.write(f"{n} first\n".encode())
            writer.flush()
            lines += f"{n} first\n"
            following.shows(lines)
            os.rename(path, path.with_suffix(f".{n}"))
            writer.write(f"{n} last\n".encode())
            lines += f"{n} last\n"
    following.shows(lines)


def test_the_end_marker_of_a_format_ends_it(path: Path) -> None:
    append(path, '{"type": "text", "text": "a"}\n{"type": "done"}\n')
    result = collect(follow(path), timeout=WAIT_S)
    assert (result.status, result.text) == ("finished", "a")


def test_a_folder_is_an_error(tmp_path: Path) -> None:
    error = collect(follow(tmp_path), timeout=WAIT_S).error
    assert isinstance(error, SourceError)
    assert "not a regular file" in error.message


@pytest.mark.parametrize("poll_s", [0, -1, float("nan")])
def test_the_time_between_two_looks_is_above_0(poll_s: float) -> None:
    with pytest.raises(UsageError):
        follow("x", poll_s=poll_s)
