"""A2A, 1.0 and 0.3: records in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, document_of, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import Citation, Failure, Notice, RunEnd, Unknown
from streamwidget.formats.a2a import A2AFormat, recognises


def rpc(result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "result": result}


def status(state: str, said: str = "", **more: Any) -> dict[str, Any]:
    message = {"message": {"role": "ROLE_AGENT", "parts": [{"text": said}]}} if said else {}
    return {"taskId": "t", "status": {"state": f"TASK_STATE_{state}", **message}, **more}


def update(state: str, said: str = "") -> dict[str, Any]:
    return {"statusUpdate": status(state, said)}


def artifact(*parts: Any, append: bool = False, id: str = "a") -> dict[str, Any]:
    told = {
        "artifactId": id,
        "name": "n",
        "parts": [{"text": p} if isinstance(p, str) else p for p in parts],
    }
    return {
        "artifactUpdate": {"taskId": "t", "artifact": told, **({"append": True} if append else {})}
    }


def old(kind: str, **fields: Any) -> dict[str, Any]:
    return rpc({"kind": kind, "taskId": "t", "contextId": "c", **fields})


TASK = {"task": {"id": "t", "contextId": "c", "status": {"state": "TASK_STATE_SUBMITTED"}}}
MESSAGE = {"message": {"messageId": "m", "role": "ROLE_AGENT", "parts": [{"text": "Hi"}]}}
DONE = update("COMPLETED")
COMPLETED = {"outcome": "complete", "finish": "TASK_STATE_COMPLETED"}

TABLE = {
    "an artifact that grows": (
        [TASK, artifact("Hel"), artifact("lo", append=True), DONE],
        {**COMPLETED, "text": "Hello"},
    ),
    "in envelopes": ([rpc(TASK), rpc(artifact("a")), rpc(DONE)], {**COMPLETED, "text": "a"}),
    "a message alone": ([MESSAGE], {"outcome": "complete", "finish": "message", "text": "Hi"}),
    "a message within a task": ([TASK, MESSAGE, DONE], {**COMPLETED, "text": "Hi"}),
    "an artifact again, as it was and more": (
        [artifact("Hel"), artifact("Hello"), DONE],
        {**COMPLETED, "text": "Hello"},
    ),
    "a snapshot of the task, then the rest": (
        [
            {
                "task": {
                    **TASK["task"],
                    "artifacts": [{"artifactId": "a", "parts": [{"text": "Hel"}]}],
                }
            },
            artifact("lo", append=True),
            DONE,
        ],
        {**COMPLETED, "text": "Hello"},
    ),
    "no end": ([TASK, update("WORKING", "Soon"), artifact("a")], {"outcome": "cut", "text": "a"}),
    "a failed task": (
        [artifact("a"), update("FAILED", "Disk full"), DONE],
        {"outcome": "failed", "text": "a", "finish": "TASK_STATE_FAILED", "error": "Disk full"},
    ),
    "a failed task without a word": (
        [update("REJECTED")],
        {
            "outcome": "failed",
            "finish": "TASK_STATE_REJECTED",
            "error": "The task ended as rejected.",
        },
    ),
    "an error of JSON-RPC": (
        [{"jsonrpc": "2.0", "id": 1, "error": {"code": -32001, "message": "No task"}}],
        {"outcome": "failed", "error": "No task"},
    ),
    "0.3": (
        [
            old(
                "artifact-update",
                append=False,
                artifact={"artifactId": "a", "parts": [{"kind": "text", "text": "x"}]},
            ),
            old("status-update", final=True, status={"state": "completed"}),
        ],
        {"outcome": "complete", "finish": "completed", "text": "x"},
    ),
    "0.3, final in a state that is none": (
        [old("status-update", final=True, status={"state": "working"})],
        {"outcome": "complete", "finish": "working"},
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_records_amount_to_what_they_say(name: str) -> None:
    rows, told = TABLE[name]
    assert outcome(A2AFormat, *rows) == told


def test_status_messages_are_notices_and_repeats_are_not() -> None:
    rows = [
        update("WORKING", "Soon"),
        update("WORKING", "Soon"),
        update("INPUT_REQUIRED", "Where?"),
    ]
    assert events_of(A2AFormat, *rows) == [
        Notice("Soon"),
        Notice("Where?", "warning"),
        RunEnd("complete", "other", raw_finish_reason="TASK_STATE_INPUT_REQUIRED"),
    ]


def test_a_notice_does_not_tear_an_artifact() -> None:
    rows = [artifact("half a "), update("WORKING", "1/2"), artifact("word", append=True), DONE]
    parts = document_of(events_of(A2AFormat, *rows)).parts
    assert [part.text for part in parts if part.kind == "text"] == ["half a word"]


def test_parts_that_are_not_text() -> None:
    rows = [
        artifact(
            {"data": {"ok": True}},
            {"url": "https://a.example/f", "filename": "f"},
            {"kind": "file", "file": {"uri": "https://a.example/g", "name": "g"}},
            {"raw": "AAAA", "filename": "h.bin"},
        )
    ]
    assert events_of(A2AFormat, *rows)[:-1] == [
        Unknown("n", '{"ok": true}'),
        Citation("https://a.example/f", "f"),
        Citation("https://a.example/g", "g"),
        Unknown("file", "h.bin"),
    ]


def test_an_artifact_that_is_replaced_is_shown_again() -> None:
    document = document_of(events_of(A2AFormat, artifact("draft"), artifact("final")))
    assert [part.text for part in document.parts] == ["draft", "final"]


def test_a_failure_names_its_state() -> None:
    failure = of_kind(events_of(A2AFormat, update("FAILED", "Disk full")), Failure)[0]
    assert failure.error_type == "TASK_STATE_FAILED"


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (TASK, True),
        (rpc(TASK), True),
        (rpc(MESSAGE), True),
        (update("WORKING"), True),
        (artifact("a"), True),
        (old("status-update", status={}), True),
        ({"message": {"role": "assistant", "content": "a"}}, False),
        (rpc({"content": []}), False),
        ({"task": "x"}, False),
        ("x", False),
    ],
)
def test_one_record_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("a2a"):
        check(A2AFormat, path)


SHAPES = [
    TASK,
    rpc(TASK),
    MESSAGE,
    update("WORKING", "w"),
    update("FAILED", "f"),
    artifact("a", {"data": 1}, {"file": {"uri": "u"}}, append=True),
    old("status-update", final=True, status={"state": "canceled"}),
    old("artifact-update", artifact={"artifactId": "a", "parts": [{"text": "x"}]}),
    {"error": {"code": 1, "message": "m"}},
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(A2AFormat, rows)
