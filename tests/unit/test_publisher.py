"""The one sender: its pace, its fairness, and the end that is repeated until it was seen."""

from __future__ import annotations

import itertools
import threading
import time

from streamwidget.limits import Pace
from streamwidget.widget.publisher import Channel, Publisher
from unit.waiting import WAIT_S, until

QUICK = Pace(tick_s=0.01, attach_s=0, final_repeat_s=(0.01, 0.02, 0.03))


class Target:
    def __init__(self, cost_s: float = 0.0, seen_after: int = 10**9) -> None:
        self.over = self.unseen = False
        self.flushes: list[tuple[float, bool]] = []
        """When the publisher began each, exact on a busy machine too; True for a repeat."""
        self.channel: Channel
        self.enough = threading.Event()
        self.wanted = 10**9
        self._cost_s, self._seen_after = cost_s, seen_after

    def flush(self, *, repeat: bool) -> bool:
        self.flushes.append((self.channel.sent_at, repeat))
        if len(self.flushes) >= self.wanted:
            self.enough.set()
        time.sleep(self._cost_s)
        return len(self.flushes) >= self._seen_after

    def flush_failed(self, error: Exception) -> None:
        raise error


class Broken(Target):
    error: Exception | None = None

    def flush_failed(self, error: Exception) -> None:
        self.error = error

    def flush(self, *, repeat: bool) -> bool:
        raise RuntimeError("the comm is closed")


def opened(publisher: Publisher, target: Target) -> Channel:
    target.channel = publisher.open(target)
    return target.channel


def gaps(target: Target) -> list[float]:
    times = [when for when, _ in target.flushes]
    return [b - a for a, b in itertools.pairwise(times)]


def test_a_torrent_of_changes_is_flushed_once_a_tick() -> None:
    target = Target()
    target.wanted = 5
    channel = opened(Publisher(QUICK), target)
    deadline = time.monotonic() + WAIT_S
    while not target.enough.is_set() and time.monotonic() < deadline:
        channel.wake()
    assert target.enough.is_set()
    assert min(gaps(target)) >= QUICK.tick_s * 0.99


def test_a_change_after_a_pause_is_flushed_at_once() -> None:
    target = Target()
    target.wanted = 1
    channel = opened(Publisher(Pace(tick_s=30, attach_s=0)), target)
    channel.wake()
    assert target.enough.wait(WAIT_S)


def test_a_dear_flush_is_followed_by_a_longer_pause() -> None:
    target = Target(cost_s=0.02)
    target.wanted = 3
    channel = opened(Publisher(QUICK), target)
    deadline = time.monotonic() + WAIT_S
    while not target.enough.is_set() and time.monotonic() < deadline:
        channel.wake()
    assert min(gaps(target)) >= 0.02 * QUICK.work_factor * 0.99


def test_the_end_is_repeated_until_the_bound() -> None:
    target = Target()
    target.over = True
    target.wanted = 1 + len(QUICK.final_repeat_s)
    channel = opened(Publisher(QUICK), target)
    channel.wake()
    assert target.enough.wait(WAIT_S)
    assert channel.flushed.is_set()
    assert [repeat for _, repeat in target.flushes] == [False, True, True, True]


def test_the_end_is_not_repeated_once_it_was_seen() -> None:
    target, other = Target(seen_after=2), Target()
    target.over, other.over = True, True
    target.wanted, other.wanted = 2, 4
    publisher = Publisher(QUICK)
    for each in (target, other):
        opened(publisher, each).wake()
    assert other.enough.wait(WAIT_S)
    assert len(target.flushes) == 2


def test_a_view_that_cannot_be_flushed_does_not_hold_up_the_others() -> None:
    publisher, broken, target = Publisher(QUICK), Broken(), Target()
    broken.over = True
    target.wanted = 1
    lost = opened(publisher, broken)
    lost.wake()
    opened(publisher, target).wake()
    assert target.enough.wait(WAIT_S)
    assert lost.flushed.wait(WAIT_S), "nobody waits for a view that is lost"
    until(lambda: str(broken.error) == "the comm is closed")


def test_the_first_flush_waits_for_the_page_and_hurries_when_it_is_there() -> None:
    target = Target()
    target.wanted = 1
    channel = opened(Publisher(Pace(attach_s=30)), target)
    channel.wake()
    assert not target.enough.wait(0.05)
    channel.hurry()
    assert target.enough.wait(WAIT_S)


def test_the_first_flush_does_not_wait_for_ever_for_a_page_that_cannot_be_heard() -> None:
    target = Target()
    target.wanted = 1
    channel = opened(Publisher(Pace(attach_s=0.02)), target)
    channel.wake()
    assert target.enough.wait(WAIT_S)


def test_a_view_that_nobody_sees_is_flushed_seldom_and_an_answer_does_not_wait() -> None:
    target = Target()
    target.unseen = True
    channel = opened(Publisher(Pace(tick_s=0.01, attach_s=0, unseen_tick_s=30)), target)
    target.wanted = 1
    channel.wake()
    assert target.enough.wait(WAIT_S)
    target.enough.clear()
    target.wanted = 2
    channel.wake()
    assert not target.enough.wait(0.1), "nobody looks"
    channel.hurry()
    assert target.enough.wait(WAIT_S), "an answer, or the end"


def test_a_view_that_is_seen_again_is_flushed_as_often_as_any_other() -> None:
    target = Target()
    target.unseen = True
    channel = opened(Publisher(Pace(tick_s=0.01, attach_s=0, unseen_tick_s=30)), target)
    channel.wake()
    target.unseen, target.wanted = False, 5
    channel.hurry()
    deadline = time.monotonic() + WAIT_S
    while not target.enough.is_set() and time.monotonic() < deadline:
        channel.wake()
    assert target.enough.is_set()


def test_a_silent_live_run_is_kept_alive_up_to_the_bound_and_a_busy_one_needs_it_not() -> None:
    pace = Pace(tick_s=0.001, attach_s=0, keep_alive_s=0.02, keep_alive_most_s=0.5)
    publisher, silent, busy = Publisher(pace), Target(), Target()
    opened(publisher, silent).wake()
    channel = opened(publisher, busy)
    end = time.monotonic() + 0.8
    while time.monotonic() < end:
        channel.wake()
        time.sleep(0.002)
    repeats = [when for when, repeat in silent.flushes if repeat]
    assert len(repeats) >= 2
    assert repeats[-1] - silent.flushes[0][0] <= pace.keep_alive_most_s
    # This test itself may be held up and leave the busy one silent: only then a repeat is in order.
    pauses = [b - a for (a, _), (b, repeat) in itertools.pairwise(list(busy.flushes)) if repeat]
    assert all(pause >= pace.keep_alive_s for pause in pauses)


def test_a_run_that_has_ended_is_not_kept_alive() -> None:
    target = Target(seen_after=1)
    channel = opened(Publisher(Pace(tick_s=0.001, attach_s=0, keep_alive_s=0.02)), target)
    channel.wake()
    while not target.flushes:
        time.sleep(0.001)
    target.over = True
    channel.wake()
    assert channel.flushed.wait(WAIT_S)
    count = len(target.flushes)
    time.sleep(0.1)
    assert len(target.flushes) == count
