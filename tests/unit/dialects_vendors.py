"""Anthropic, Gemini, OpenAI Responses, and servers of one's own."""

from __future__ import annotations

from typing import Any

from dialect import HI, Dialect, Row, tokens


def _block(index: int, **block: Any) -> Row:
    fields = {"type": "content_block_start", "index": index, "content_block": block}
    return ("content_block_start", fields)


def _grow(index: int, **delta: Any) -> Row:
    fields = {"type": "content_block_delta", "index": index, "delta": delta}
    return ("content_block_delta", fields)


def _stop(index: int) -> Row:
    return ("content_block_stop", {"type": "content_block_stop", "index": index})


def _ended(reason: str, **usage: int) -> list[Row]:
    delta = {"stop_reason": reason, "stop_sequence": None}
    fields = {"type": "message_delta", "delta": delta, "usage": usage}
    return [("message_delta", fields), ("message_stop", {"type": "message_stop"})]


_MESSAGE = (
    "message_start",
    {"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": None, "usage": {"input_tokens": 5, "output_tokens": 1}}},
)  # fmt: skip
_PING = ("ping", {"type": "ping"})

ANTHROPIC: dict[str, Dialect] = {
    "a search of the server, with citations": Dialect(
        "anthropic",
        [
            _MESSAGE,
            _block(0, type="server_tool_use", id="s1", name="web_search", input={}),
            _PING,
            _grow(0, type="input_json_delta", partial_json=""),
            _grow(0, type="input_json_delta", partial_json='{"query": "x"}'),
            _stop(0),
            _block(1, type="web_search_tool_result", tool_use_id="s1", content=[
                {"type": "web_search_result", "title": "A", "url": "https://a.test/1",
                 "encrypted_content": "zzz", "page_age": None}]),
            _stop(1),
            _block(2, type="text", text="", citations=[]),
            _grow(2, type="text_delta", text="Hi you"),
            _grow(2, type="citations_delta", citation={
                "type": "web_search_result_location", "url": "https://a.test/1", "title": "A",
                "cited_text": "hi", "encrypted_index": "zz"}),
            _stop(2),
            *_ended("end_turn", input_tokens=9, output_tokens=7),
        ],
        {
            **HI, "usage": tokens(9, 7), "finish": "end_turn",
            "sources": ["https://a.test/1"],
        },
    ),
    "overloaded in the middle": Dialect(
        "anthropic",
        [
            _MESSAGE,
            _block(0, type="text", text=""),
            _grow(0, type="text_delta", text="Hi"),
            ("error", {"type": "error", "error": {
                "type": "overloaded_error", "message": "Overloaded"}, "request_id": "r"}),
        ],
        {"text": "Hi", "error": "Overloaded", "usage": tokens(5, 1), "status": "failed"},
    ),
    "overloaded at once": Dialect(
        "sse",  # nothing in it is of this vocabulary alone
        [("error", {"type": "error", "error": {
            "type": "overloaded_error", "message": "Overloaded"}})],
        {"error": "Overloaded", "status": "failed"},
    ),
    "thoughts that nobody can read": Dialect(
        "anthropic",
        [
            _MESSAGE,
            _block(0, type="thinking", thinking="", signature=""),
            _grow(0, type="thinking_delta", thinking="Hm"),
            _grow(0, type="signature_delta", signature="zzz"),
            _stop(0),
            _block(1, type="redacted_thinking", data="zzz"),
            _stop(1),
            _block(2, type="text", text=""),
            _grow(2, type="text_delta", text="Hi you"),
            _stop(2),
            *_ended("end_turn", output_tokens=7),
        ],
        {**HI, "reasoning": "Hm", "usage": tokens(5, 7), "finish": "end_turn"},
    ),
    "a refusal after a tool": Dialect(
        "anthropic",
        [
            _MESSAGE,
            _block(0, type="tool_use", id="t", name="now", input={}),
            _stop(0),
            *_ended("refusal", output_tokens=7),
        ],
        {
            "tool_calls": [("now", {})], "usage": tokens(5, 7), "finish": "refusal",
            "status": "finished",
        },
    ),
}  # fmt: skip


def _parts(*parts: Any, finish: str | None = None, **more: Any) -> dict[str, Any]:
    candidate = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    candidate |= {"finishReason": finish} if finish else {}
    return {"candidates": [candidate], "modelVersion": "gemini-x", "responseId": "r", **more}


_GEMINI_USAGE = {"promptTokenCount": 5, "candidatesTokenCount": 3, "thoughtsTokenCount": 4,
                 "totalTokenCount": 12}  # fmt: skip
GEMINI: dict[str, Dialect] = {
    "thoughts and a call": Dialect(
        "gemini",
        [
            _parts({"text": "Hm", "thought": True}),
            _parts({"text": "Hi"}, usageMetadata={"promptTokenCount": 5, "totalTokenCount": 5}),
            _parts({"text": " you"}, {"functionCall": {"name": "find", "args": {"q": "x"}},
                                      "thoughtSignature": "zz"}),
            _parts({"text": ""}, finish="STOP", usageMetadata=_GEMINI_USAGE),
        ],
        {
            **HI, "reasoning": "Hm", "tool_calls": [("find", {"q": "x"})],
            "usage": tokens(5, 7), "finish": "STOP",
        },
    ),
    "a blocked prompt": Dialect(
        "gemini",
        [{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": "gemini-x",
          "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5}}],
        {"usage": tokens(5, None), "finish": "PROHIBITED_CONTENT", "status": "finished"},
    ),
    "an answer that was stopped": Dialect(
        "gemini",
        [
            _parts({"text": "Hi"}),
            {"candidates": [{"finishReason": "SAFETY", "index": 0, "safetyRatings": [
                {"category": "HARM_CATEGORY_HARASSMENT", "probability": "HIGH"}]}],
             "usageMetadata": _GEMINI_USAGE, "modelVersion": "gemini-x"},
        ],
        {"text": "Hi", "usage": tokens(5, 7), "finish": "SAFETY", "status": "finished"},
    ),
    "an error in the middle": Dialect(
        "gemini",
        [
            _parts({"text": "Hi"}),
            {"error": {"code": 503, "message": "The model is overloaded.",
                       "status": "UNAVAILABLE"}},
        ],
        {"text": "Hi", "error": "The model is overloaded.", "status": "failed"},
    ),
}  # fmt: skip


def _response(name: str, status: str, **more: Any) -> dict[str, Any]:
    fields = {"id": "resp_1", "object": "response", "status": status, "output": []}
    return {"type": f"response.{name}", "response": {**fields, **more}}


_AT = {"output_index": 0, "item_id": "msg_1", "content_index": 0}
_ITEM = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
_MADE: list[Row] = [
    _response("created", "in_progress"),
    _response("in_progress", "in_progress"),
    {"type": "response.output_item.added", "output_index": 0, "item": _ITEM},
]
_RESPONSES_USAGE = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}

RESPONSES: dict[str, Dialect] = {
    "a refusal": Dialect(
        "openai-responses",
        [
            *_MADE,
            {"type": "response.content_part.added", **_AT, "part": {"type": "refusal",
                                                                    "refusal": ""}},
            {"type": "response.refusal.delta", **_AT, "delta": "I can"},
            {"type": "response.refusal.delta", **_AT, "delta": "not."},
            {"type": "response.refusal.done", **_AT, "refusal": "I cannot."},
            _response("completed", "completed", usage=_RESPONSES_USAGE),
        ],
        {
            "text": "I cannot.", "usage": tokens(5, 7), "finish": "completed",
            "status": "finished",
        },
    ),
    "incomplete": Dialect(
        "openai-responses",
        [
            *_MADE,
            {"type": "response.output_text.delta", **_AT, "delta": "Hi", "logprobs": [],
             "obfuscation": "xyz"},
            _response("incomplete", "incomplete", usage=_RESPONSES_USAGE,
                      incomplete_details={"reason": "max_output_tokens"}),
        ],
        {
            "text": "Hi", "usage": tokens(5, 7), "finish": "incomplete",
            "status": "finished",
        },
    ),
    "failed": Dialect(
        "openai-responses",
        [
            *_MADE,
            {"type": "response.output_text.delta", **_AT, "delta": "Hi"},
            _response("failed", "failed", error={"code": "server_error", "message": "Sorry."}),
        ],
        {"text": "Hi", "error": "Sorry.", "finish": "failed", "status": "failed"},
    ),
    "an error event": Dialect(
        "openai-responses",
        [
            *_MADE,
            {"type": "response.output_text.delta", **_AT, "delta": "Hi"},
            {"type": "error", "code": "rate_limit_exceeded", "message": "Slow down.",
             "param": None, "sequence_number": 9},
        ],
        {"text": "Hi", "error": "Slow down.", "status": "failed"},
    ),
    "thoughts, a search and a call": Dialect(
        "openai-responses",
        [
            *_MADE[:2],
            {"type": "response.output_item.added", "output_index": 0,
             "item": {"id": "rs", "type": "reasoning", "summary": []}},
            {"type": "response.reasoning_summary_text.delta", "item_id": "rs", "output_index": 0,
             "summary_index": 0, "delta": "Hm"},
            {"type": "response.output_item.done", "output_index": 0,
             "item": {"id": "rs", "type": "reasoning", "summary": [
                 {"type": "summary_text", "text": "Hm"}]}},
            {"type": "response.output_item.added", "output_index": 1,
             "item": {"id": "fc", "type": "function_call", "call_id": "c", "name": "find",
                      "arguments": ""}},
            {"type": "response.function_call_arguments.delta", "item_id": "fc",
             "output_index": 1, "delta": '{"q": "x"}'},
            {"type": "response.output_item.done", "output_index": 1,
             "item": {"id": "fc", "type": "function_call", "call_id": "c", "name": "find",
                      "arguments": '{"q": "x"}'}},
            _response("completed", "completed", usage=_RESPONSES_USAGE),
        ],
        {
            "reasoning": "Hm", "tool_calls": [("find", {"q": "x"})], "usage": tokens(5, 7),
            "finish": "completed", "status": "finished",
        },
    ),
}  # fmt: skip

LOCAL: dict[str, Dialect] = {
    "Ollama, which fails in the middle": Dialect(
        "ollama",
        [
            {"model": "m", "created_at": "t", "message": {"role": "assistant", "content": "Hi"},
             "done": False},
            {"error": "an error was encountered while running the model"},
        ],
        {
            "text": "Hi", "error": "an error was encountered while running the model",
            "status": "failed",
        },
        lines=True,
    ),
    "Ollama, thinking and calling": Dialect(
        "ollama",
        [
            {"model": "m", "created_at": "t", "done": False,
             "message": {"role": "assistant", "content": "", "thinking": "Hm"}},
            {"model": "m", "created_at": "t", "done": False,
             "message": {"role": "assistant", "content": "", "tool_calls": [
                 {"id": "call_1", "function": {"index": 0, "name": "find",
                                               "arguments": {"q": "x"}}}]}},
            {"model": "m", "created_at": "t", "message": {"role": "assistant", "content": ""},
             "done": True, "done_reason": "stop", "total_duration": 1, "prompt_eval_count": 5,
             "eval_count": 7},
        ],
        {
            "reasoning": "Hm", "tool_calls": [("find", {"q": "x"})], "usage": tokens(5, 7),
            "finish": "stop", "status": "finished",
        },
        lines=True,
    ),
    "TGI, which is overloaded": Dialect(
        "tgi",
        [
            {"index": 1, "token": {"id": 1, "text": "Hi", "logprob": -1.0, "special": False},
             "generated_text": None, "details": None},
            {"error": "Model is overloaded", "error_type": "overloaded"},
        ],
        {"text": "Hi", "error": "Model is overloaded", "status": "failed"},
    ),
    "SGLang, the text so far each time": Dialect(
        "text-so-far",
        [
            {"text": text, "output_ids": [1], "meta_info": {
                "id": "a", "finish_reason": finish, "prompt_tokens": 5, "completion_tokens": 7}}
            for text, finish in ((" Hi", None), (" Hi you", None), (" Hi you.", {"type": "stop"}))
        ] + ["[DONE]"],
        {
            "text": " Hi you.", "usage": tokens(5, 7), "finish": "stop", "status": "finished",
        },
    ),
}  # fmt: skip
