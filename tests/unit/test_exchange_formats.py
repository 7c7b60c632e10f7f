"""Runs in the exchange formats: valid by the formats' own packages, and whole when read again."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from streamwidget import Emitter, StreamView, collect
from streamwidget.run import Result
from unit.recordings import STREAMS
from unit.waiting import WAIT_S

RECORDED = sorted(
    path
    for path in STREAMS.glob("*/*")
    if path.suffix in (".sse", ".ndjson", ".jsonl")
    and not path.name.endswith(".decoded.ndjson")
    and path.parent.name != "sse_conformance"
)
needs_packages = pytest.mark.skipif(sys.version_info < (3, 11), reason="the packages need 3.11")


def job(emit: Emitter) -> None:
    with emit.step("plan"):
        emit.reasoning("let me think")
        emit.text("I will search. ")
        with emit.step("inner"):
            call = emit.tool_call("search", {"q": "x"})
            call.result("found")
    emit.rows("t", [{"a": 1}])
    emit.text("Done.")
    emit.usage(input_tokens=10, output_tokens=4)


def odd(emit: Emitter) -> None:
    emit.tool_call("no_arguments").result("ünï \ud800 <b>")
    emit.tool_call("", "[1, 2").result("not JSON")
    emit.text("half \ud83d")
    raise RuntimeError("it broke")


def nothing(emit: Emitter) -> None:
    pass


def results() -> list[Any]:
    cases = [
        pytest.param(lambda one=one: collect(one), id=one.__name__) for one in (job, odd, nothing)
    ]
    for path in RECORDED:
        kind = "text/event-stream" if path.suffix == ".sse" else "application/x-ndjson"
        cases.append(
            pytest.param(
                lambda path=path, kind=kind: collect(path.read_bytes(), content_type=kind),
                id=f"{path.parent.name}/{path.name}",
            )
        )
    return cases


@pytest.fixture(params=results())
def result(request: pytest.FixtureRequest) -> Result:
    return request.param()  # type: ignore[no-any-return]


@needs_packages
def test_a_trajectory_is_valid_and_keeps_texts_calls_and_tokens(
    result: Result, tmp_path: Path
) -> None:
    import atif

    trajectory = json.loads(json.dumps(result.to_atif()))
    atif.Trajectory.model_validate(trajectory)
    path = tmp_path / "trajectory.json"
    path.write_text(json.dumps(trajectory))
    again = StreamView.replay(path).wait(WAIT_S)
    assert (again.text, again.reasoning) == (result.text, result.reasoning)
    assert again.status == "finished"
    ours, theirs = calls(result), calls(again)
    assert [call[0] for call in theirs] == [call[0] for call in ours]
    assert [call[2] for call in theirs] == [call[2] for call in ours]
    if result.usage is not None:
        assert again.usage is not None
        assert again.usage.output_tokens == result.usage.output_tokens


@needs_packages
def test_spans_are_a_valid_request_of_one_trace(result: Result) -> None:
    from google.protobuf import json_format
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = result.to_otlp()
    assert request == result.to_otlp()
    text = json.dumps(with_base64_ids(request))
    message = json_format.Parse(text, ExportTraceServiceRequest())
    spans = message.resource_spans[0].scope_spans[0].spans
    assert len({span.trace_id for span in spans}) == 1
    ids = {span.span_id for span in spans}
    assert len(ids) == len(spans)
    assert [span.parent_span_id in ids for span in spans] == [False, *[True] * (len(spans) - 1)]
    assert all(span.start_time_unix_nano <= span.end_time_unix_nano for span in spans)
    assert all(len(span.trace_id) == 16 and len(span.span_id) == 8 for span in spans)


def with_base64_ids(value: Any) -> Any:
    """OTLP/JSON has ids in hexadecimal where protobuf's JSON has base64."""
    if isinstance(value, dict):
        return {
            key: base64.b64encode(bytes.fromhex(one)).decode()
            if key in ("traceId", "spanId", "parentSpanId")
            else with_base64_ids(one)
            for key, one in value.items()
        }
    return [with_base64_ids(one) for one in value] if isinstance(value, list) else value


@needs_packages
def test_ag_ui_events_are_valid_and_make_the_same_run(result: Result) -> None:
    from ag_ui.core import Event
    from pydantic import TypeAdapter

    lines = result.to_ag_ui()
    adapter: TypeAdapter[Any] = TypeAdapter(Event)
    for line in lines.splitlines():
        adapter.validate_json(line)
    again = collect(lines.encode(), content_type="application/x-ndjson", format="ag-ui")
    assert (again.text, again.reasoning) == (result.text, result.reasoning)
    assert calls(again) == calls(result)


def calls(result: Result) -> list[tuple[str, str, str | None]]:
    """Name, arguments and result of all tool calls."""
    parts = [part for part in result.document.parts if part.kind == "tool-call"]
    return [
        (str(part.fields["tool_name"]), part.text, part.fields["result"])  # type: ignore[misc]
        for part in parts
    ]
