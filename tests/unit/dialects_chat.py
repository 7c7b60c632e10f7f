"""Servers that speak Chat Completions, or nearly."""

from __future__ import annotations

from typing import Any

from dialect import HI, Dialect, tokens


def _chunk(delta: Any = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    fields = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**fields, "choices": choices, **more}


def _usage(given: int, made: int, **more: Any) -> dict[str, Any]:
    total = {"total_tokens": given + made}
    return {"prompt_tokens": given, "completion_tokens": made, **total, **more}


_FILTERS = {"hate": {"filtered": False, "severity": "safe"}}

CHAT: dict[str, Dialect] = {
    "DeepSeek": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "content": None, "reasoning_content": ""}),
            _chunk({"content": None, "reasoning_content": "Hm"}),
            _chunk({"content": "Hi", "reasoning_content": None}),
            _chunk({"content": " you", "reasoning_content": None}),
            _chunk({"content": ""}, "stop", usage=_usage(5, 7, prompt_cache_hit_tokens=0)),
            "[DONE]",
        ],
        {**HI, "reasoning": "Hm", "usage": tokens(5, 7), "finish": "stop"},
    ),
    "xAI, whose usage grows and whose citations come last": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "reasoning_content": "Hm"}, usage=_usage(5, 0)),
            _chunk({"role": "assistant", "content": "Hi"}, usage=_usage(5, 1)),
            _chunk({"role": "assistant", "content": " you"}, "stop", usage=_usage(5, 2)),
            _chunk(usage=_usage(5, 2), citations=["https://a.test/1", "https://a.test/1"]),
            "[DONE]",
        ],
        {
            **HI, "reasoning": "Hm", "usage": tokens(5, 2), "finish": "stop",
            "sources": ["https://a.test/1"],
        },
    ),
    "Together, which says each text twice": Dialect(
        "openai-chat",
        [
            {
                "id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
                "choices": [{"index": 0, "text": text, "logprobs": None, "finish_reason": finish,
                             "delta": {"token_id": 1, "role": "assistant", "content": text}}],
                "usage": usage,
            }
            for text, finish, usage in (("Hi", None, None), (" you", "eos", _usage(5, 2)))
        ] + ["[DONE]"],
        {**HI, "usage": tokens(5, 2), "finish": "eos"},
    ),
    "Perplexity, which repeats all of it and sends no [DONE]": Dialect(
        "openai-chat",
        [
            {
                "id": "p", "model": "sonar", "created": 1, "object": "chat.completion.chunk",
                "usage": _usage(5, made, search_context_size="low"),
                "citations": ["https://a.test/1"],
                "search_results": [{"title": "A", "url": "https://a.test/1", "date": None}],
                "choices": [{"index": 0, "finish_reason": finish,
                             "delta": {"role": "assistant", "content": new},
                             "message": {"role": "assistant", "content": all_}}],
            }
            for made, new, all_, finish in ((1, "Hi", "Hi", None), (2, " you", "Hi you", "stop"))
        ],
        {**HI, "usage": tokens(5, 2), "finish": "stop", "sources": ["https://a.test/1"]},
    ),
    "vLLM": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "content": "", "reasoning_content": None}),
            _chunk({"reasoning": "Hm", "reasoning_content": "Hm"}),
            _chunk({"content": "Hi"}),
            _chunk({"content": " you"}, "stop", stop_reason=None),
            _chunk(usage=_usage(5, 7)),
            "[DONE]",
        ],
        {**HI, "reasoning": "Hm", "usage": tokens(5, 7), "finish": "stop"},
    ),
    "vLLM, which fails in the middle": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "content": ""}),
            _chunk({"content": "Hi"}),
            {"error": {"message": "CUDA out of memory", "type": "InternalServerError",
                       "param": None, "code": 500}},
            "[DONE]",
        ],
        {"text": "Hi", "error": "CUDA out of memory", "status": "failed"},
    ),
    "vLLM's older errors": Dialect(
        "openai-chat",
        [
            _chunk({"content": "Hi"}),
            {"object": "error", "message": "too long", "type": "BadRequestError", "code": 400},
            "[DONE]",
        ],
        {"text": "Hi", "error": "too long", "status": "failed"},
    ),
    "llama.cpp": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "content": None}),
            _chunk({"content": "Hi"}),
            _chunk({"content": " you"}),
            _chunk({}, "stop", usage=_usage(5, 7), timings={"prompt_n": 5, "predicted_n": 7}),
            "[DONE]",
        ],
        {**HI, "usage": tokens(5, 7), "finish": "stop"},
    ),
    "llama.cpp's /completion": Dialect(
        "llama-cpp",
        [
            {"index": 0, "content": "Hi", "tokens": [1], "stop": False, "id_slot": -1,
             "tokens_predicted": 1, "tokens_evaluated": 5},
            {"index": 0, "content": " you", "tokens": [2], "stop": False, "id_slot": -1,
             "tokens_predicted": 2, "tokens_evaluated": 5},
            {"index": 0, "content": "", "tokens": [], "id_slot": 0, "stop": True, "model": "m",
             "tokens_predicted": 2, "tokens_evaluated": 5, "stop_type": "eos",
             "timings": {"prompt_n": 5}},
        ],
        {"text": "Hi you", "usage": tokens(5, 2), "finish": "eos", "status": "finished"},
    ),
    "llama.cpp's /completion, cut": Dialect(
        "llama-cpp",
        [{"content": "Hi", "stop": False}],
        {"text": "Hi", "status": "incomplete", "error":
         "The stream ended without the end marker of its format (llama-cpp). "
         "It is probably incomplete."},
    ),
    "LM Studio, whose model crashes": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "content": "Hi"}),
            ("error", {"error": {"message": "The model has crashed."}}),
        ],
        {"text": "Hi", "error": "The model has crashed.", "status": "failed"},
    ),
    "Azure, whose filters come before and after": Dialect(
        "openai-chat",
        [
            {"id": "", "object": "", "created": 0, "model": "", "choices": [],
             "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": _FILTERS}]},
            _chunk({"role": "assistant", "content": "", "refusal": None}),
            _chunk({"content": "Hi you"}),
            {"id": "", "object": "", "created": 0, "model": "",
             "choices": [{"index": 0, "finish_reason": None, "content_filter_results": _FILTERS,
                          "content_filter_offsets": {"check_offset": 1, "end_offset": 2}}]},
            _chunk({}, "content_filter"),
            "[DONE]",
        ],
        {**HI, "finish": "content_filter"},
    ),
    "Groq": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "content": ""}, x_groq={"id": "req_1"}),
            _chunk({"reasoning": "Hm", "channel": "analysis"}),
            _chunk({"content": "Hi you"}),
            _chunk({}, "stop", x_groq={"id": "req_1", "usage": _usage(5, 7, queue_time=0.1)}),
            "[DONE]",
        ],
        {**HI, "reasoning": "Hm", "usage": tokens(5, 7), "finish": "stop"},
    ),
    "OpenRouter, whose provider fails": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "content": "Hi", "reasoning": None}, provider="X"),
            _chunk(
                {"role": "assistant", "content": ""}, "error", provider="X",
                error={"code": 502, "message": "Provider disconnected unexpectedly"},
            ),
            "[DONE]",
        ],
        {
            "text": "Hi", "error": "Provider disconnected unexpectedly", "finish": "error",
            "status": "failed",
        },
    ),
    "OpenRouter, whose reasoning comes twice": Dialect(
        "openai-chat",
        [
            _chunk({"content": "", "reasoning": "Hm", "reasoning_details": [
                {"type": "reasoning.text", "text": "Hm", "index": 0}]}),
            _chunk({"content": "Hi you", "reasoning": None}),
            _chunk({"content": ""}, "stop", native_finish_reason="STOP"),
            _chunk({"role": "assistant", "content": ""}, None, usage=_usage(5, 7, cost=0.1)),
            "[DONE]",
        ],
        {**HI, "reasoning": "Hm", "usage": tokens(5, 7), "finish": "stop"},
    ),
    "Mistral, whose content has parts": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "content": ""}),
            _chunk({"content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]}),
            _chunk({"content": [{"type": "text", "text": "Hi"}]}),
            _chunk({"content": " you"}, "stop", usage=_usage(5, 7)),
            "[DONE]",
        ],
        {**HI, "reasoning": "Hm", "usage": tokens(5, 7), "finish": "stop"},
    ),
    "Kimi, whose usage is in the choice": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "content": "Hi you"}),
            {**_chunk(), "choices": [
                {"index": 0, "delta": {}, "finish_reason": "stop", "usage": _usage(5, 7)}]},
            "[DONE]",
        ],
        {**HI, "usage": tokens(5, 7), "finish": "stop"},
    ),
    "two calls at once": Dialect(
        "openai-chat",
        [
            _chunk({"role": "assistant", "content": None, "tool_calls": [
                {"index": 0, "id": "a", "type": "function",
                 "function": {"name": "find", "arguments": ""}}]}),
            _chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"q": '}}]}),
            _chunk({"tool_calls": [
                {"index": 1, "id": "b", "function": {"name": "look", "arguments": "{}"}}]}),
            _chunk({"tool_calls": [{"index": 0, "function": {"arguments": '"x"}'}}]}),
            _chunk({}, "tool_calls"),
            "[DONE]",
        ],
        {
            "tool_calls": [("find", {"q": "x"}), ("look", {})],
            "finish": "tool_calls", "status": "finished",
        },
    ),
    "the old completions": Dialect(
        "openai-chat",
        [
            {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m",
             "choices": [{"index": 0, "text": text, "logprobs": None, "finish_reason": finish}]}
            for text, finish in (("Hi", None), (" you", "length"))
        ] + ["[DONE]"],
        {**HI, "finish": "length"},
    ),
    "Workers AI": Dialect(
        "sse",
        [{"response": "Hi", "p": "ab"}, {"response": " you", "p": "abc"}, "[DONE]"],
        HI,
    ),
}  # fmt: skip
