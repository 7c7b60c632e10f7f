"""The kernel's side of the protocol, against a front end that loses, repeats and asks again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamwidget import StreamView
from streamwidget.document import Document
from streamwidget.events import Notice, RunEnd, TextDelta, Usage
from streamwidget.limits import Pace
from streamwidget.patch_log import PatchLog
from streamwidget.run import Run
from streamwidget.widget.port import Port
from streamwidget.widget.status import status_of


class Page:
    """A front end after the rules of ARCHITECTURE.md, as small as can be."""

    def __init__(self) -> None:
        self.document, self.seq, self.asks = Document(), 0, 0
        self.status: dict[str, Any] = {"rev": -1}

    def on_patch(self, message: dict[str, Any] | None, port: Port) -> None:
        if message is None:
            return
        message = json.loads(json.dumps(message))
        if message["from_seq"] > self.seq:
            self.ask(port, "resync")
            return
        for ops in message["ops"][self.seq - message["from_seq"] :]:
            self.document.apply_ops(ops)
        self.seq = max(self.seq, message["seq"])
        self.on_status(message["status"])

    def on_snapshot(self, snapshot: dict[str, Any]) -> None:
        if snapshot["seq"] >= self.seq:
            self.document, self.seq = Document(), snapshot["seq"]
            self.document.apply_ops([{"op": "run", "fields": snapshot["run"]}])
            self.document.apply_ops([{"op": "add", "part": part} for part in snapshot["parts"]])
            self.on_status(snapshot["status"])

    def on_status(self, status: dict[str, Any]) -> None:
        if status["rev"] >= self.status["rev"]:
            self.status = status

    def ask(self, port: Port, cmd: str, **more: object) -> None:
        self.asks += 1
        port.on_command(
            {"cmd": cmd, "run_id": port.run_id, "request_id": f"q{self.asks}", "seq": self.seq}
            | more
        )


def started(pace: Pace | None = None) -> Port:
    run = Run()
    if pace is not None:
        run._intake.patches = PatchLog(pace)
    run.start("test")
    return Port(run, run_id="m.1", title="Test")


actions = st.lists(
    st.sampled_from(["text", "text", "text", "send", "send", "lose", "twice", "attach", "late"]),
    max_size=60,
)


@given(actions, st.sampled_from([1, 3, 4096]))
def test_losses_repeats_and_late_views_end_with_the_kernels_document(
    script: list[str], kept: int
) -> None:
    port = started(Pace(log_patches_count=kept))
    pages = [Page()]
    pages[0].ask(port, "hello")
    old: list[dict[str, Any] | None] = []
    for n, action in enumerate(script):
        if action == "text":
            port.run.push([TextDelta("t", f"日本{n} 👩‍🚀")])
        elif action == "attach":
            pages.append(Page())
            pages[-1].on_snapshot(port.snapshot())
        elif action == "late":
            pages.append(Page())
            pages[-1].ask(port, "hello")
        else:
            message = port.message()
            old.append(message)
            for page in pages if action != "lose" else []:
                page.on_patch(message, port)
            if action == "twice":
                for page in pages:
                    page.on_patch(old[len(old) // 2], port)
    port.run.push([RunEnd("complete")])
    port.run.producer_closed()
    for _ in range(8):  # the repeated final status finds the gaps
        message = port.message(repeat=True)
        asked = port.take_snapshot_asked()
        for page in pages:
            page.on_patch(message, port)
            if asked:
                page.on_snapshot(port.snapshot())
    for page in pages:
        assert page.document == port.run.document
        assert page.status["state"] == "finished"


def test_an_idle_port_says_nothing() -> None:
    port = started()
    assert port.message() is not None
    assert port.message() is None


def test_every_command_is_acknowledged_once_whatever_route_repeats_it() -> None:
    port = started()
    port.message()
    stop = {"cmd": "stop", "run_id": "m.1", "request_id": "q1"}
    port.on_command(stop)
    port.on_command(stop)
    message = port.message()
    assert message is not None
    assert message["acks"] == ["q1"]
    assert message["status"]["state"] == "stopping"


def test_a_stale_stop_is_acknowledged_and_does_nothing() -> None:
    port = started()
    port.on_command({"cmd": "stop", "run_id": "m.0", "request_id": "q1"})
    message = port.message()
    assert message is not None
    assert message["acks"] == ["q1"]
    assert port.run.stop_times is None


def test_the_click_is_kept_as_the_moment_of_the_request_but_never_in_the_future() -> None:
    for at_s, latest in ((0.0, 0.0), (1e9, None), (-5, 0.0)):
        port = started()
        port.on_command({"cmd": "stop", "run_id": "m.1", "request_id": "q", "at_s": at_s})
        stop = port.run.stop_times
        assert stop is not None
        assert stop.requested_s == (stop.heard_s if latest is None else latest)


def test_malformed_commands_are_ignored() -> None:
    port = started()
    port.message()
    for content in (
        None,
        7,
        "stop",
        [],
        {},
        {"cmd": "format c:"},
        {"cmd": ["stop"]},
        {"cmd": "hello", "run_id": "m.1", "request_id": "q1", "seq": "x"},
        {"cmd": "resync", "run_id": 5, "request_id": None, "seq": -3},
        {"cmd": "stop", "run_id": "m.1", "request_id": "q2" * 999, "at_s": "now"},
    ):
        port.on_command(content)
    message = port.message()
    assert message is not None
    assert all(len(ack) <= 64 for ack in message["acks"])


def test_seen_counts_only_once_the_run_is_over() -> None:
    port = started()
    port.on_command({"cmd": "seen", "run_id": "m.1", "request_id": "q1", "rev": 0})
    assert not port.final_seen
    port.run.producer_closed()
    port.on_command({"cmd": "seen", "run_id": "m.1", "request_id": "q2", "rev": 9})
    assert port.final_seen


def test_reading_a_snapshot_between_two_ticks_loses_and_doubles_nothing() -> None:
    port = started()
    page, late = Page(), Page()
    page.ask(port, "hello")
    page.on_patch(port.message(), port)
    port.run.push([TextDelta("t", "a")])
    late.on_snapshot(port.snapshot())
    port.run.push([TextDelta("t", "b")])
    message = port.message()
    assert message is not None
    assert len(message["ops"]) == message["seq"] - message["from_seq"] == 2
    for each in (page, late):
        each.on_patch(message, port)
        assert each.document.text == "ab"


def test_a_run_that_ends_before_any_page_came_sends_its_text_once_in_the_snapshot() -> None:
    port = started()
    port.run.push([TextDelta("t", "x" * 1000)])
    port.run.producer_closed()
    message = port.message()
    assert message is not None
    assert message["ops"] == []
    late = Page()
    late.on_snapshot(port.snapshot())
    late.ask(port, "hello")
    late.on_patch(port.message(), port)
    assert late.document.text == "x" * 1000
    assert late.asks == 1, "nothing was missing"


@pytest.mark.parametrize(
    ("usage", "marks"),
    [
        (None, {}),
        (Usage(1200, 340), {"input_estimated": False, "output_estimated": False}),
        (Usage(1200, 340, estimated=True), {"input_estimated": True, "output_estimated": True}),
        (Usage(1200, None), {"input_estimated": False}),
    ],
)
def test_the_status_says_which_token_counts_are_estimates(
    usage: Usage | None, marks: dict[str, bool]
) -> None:
    port = started()
    port.run.push([TextDelta("t", "long enough to be an estimate")])
    if usage is not None:
        port.run.push([usage])
    status = status_of(port)
    names = ("input_estimated", "output_estimated")
    assert {name: status[name] for name in names if name in status} == marks


def test_a_view_is_unseen_once_every_page_has_reported_so() -> None:
    port, page = started(), Page()
    assert not port.unseen, "nobody has said anything"
    page.ask(port, "hello", page="one")
    page.ask(port, "look", page="one", seen=False)
    assert port.unseen
    page.ask(port, "hello", page="one")
    assert port.unseen, "a page that says hello again is where it was"
    page.ask(port, "hello", page="two")
    assert not port.unseen
    page.ask(port, "look", page="two", seen=False)
    assert port.unseen
    for n in range(100):
        page.ask(port, "look", page=f"page {n}", seen=n == 99)
    assert not port.unseen
    assert len(port.pages) <= 16
    for odd in ({}, {"page": 1, "seen": False}, {"page": "two", "seen": "no"}, {"page": "two"}):
        page.ask(port, "look", **odd)
    assert not port.unseen


def test_who_looks_is_known_of_the_next_run_in_the_view_too() -> None:
    port, page = started(), Page()
    page.ask(port, "look", page="one", seen=False)
    assert port.successor(Run()).unseen


def test_what_cannot_be_sent_is_left_out_and_the_view_says_so() -> None:
    port, page = started(), Page()
    port.run.push([TextDelta("a", "before ")])
    port.run.push([Notice(object())])  # type: ignore[arg-type]
    port.run.push([TextDelta("b", "after")])
    message = port.message()
    assert message is not None
    with pytest.raises(TypeError) as raised:
        json.dumps(message)
    port.flush_failed(raised.value)
    assert port.take_snapshot_asked()
    snapshot = json.loads(json.dumps(port.snapshot()))
    assert snapshot["status"]["not_sent"].startswith("TypeError: Object of type object")
    page.on_snapshot(snapshot)
    assert page.document.text == "before after"
    page.ask(port, "resync", seq=0)
    port.run.push([TextDelta("b", " and more")])
    again = json.loads(json.dumps(port.message()))
    assert again["status"]["not_sent"] == snapshot["status"]["not_sent"]


def test_the_next_run_of_a_view_has_no_past_until_it_is_offered() -> None:
    view = StreamView(["one ", "two"])
    view.wait()
    assert view._port.moves is view
    assert view._port.successor(Run()).moves is None
