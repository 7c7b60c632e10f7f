"""Token counts in the words of every provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamwidget import Emitter, StreamView
from streamwidget.events import Usage
from streamwidget.formats.usage import usage_of
from unit.waiting import WAIT_S

ROWS: list[tuple[dict[str, Any], dict[str, bool], tuple[int | None, ...] | None]] = [
    ({"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 5},
      "completion_tokens_details": {"reasoning_tokens": 3}}, {}, (9, 4, 5, None, 3)),
    ({"input_tokens": 9, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 5},
      "output_tokens_details": {"reasoning_tokens": 3}}, {}, (9, 4, 5, None, 3)),
    ({"input_tokens": 1, "output_tokens": 4, "cache_read_input_tokens": 5,
      "cache_creation_input_tokens": 7}, {"cache_apart": True}, (13, 4, 5, 7, None)),
    ({"inputTokens": 1, "outputTokens": 4, "cacheReadInputTokens": 5,
      "cacheWriteInputTokens": 7}, {"cache_apart": True}, (13, 4, 5, 7, None)),
    ({"promptTokenCount": 9, "candidatesTokenCount": 4, "thoughtsTokenCount": 3,
      "cachedContentTokenCount": 5}, {"reasoning_apart": True}, (9, 7, 5, None, 3)),
    ({"input_tokens": 9, "output_tokens": 4, "input_token_details": {"cache_read": 5,
      "cache_creation": 2}, "output_token_details": {"reasoning": 3}}, {}, (9, 4, 5, 2, 3)),
    ({"inputTokens": 9, "outputTokens": 4, "cachedInputTokens": 5, "reasoningTokens": 3}, {},
     (9, 4, 5, None, 3)),
    ({"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 14,
      "completion_tokens_details": {"reasoning_tokens": 3}}, {}, (9, 5, None, None, 3)),
    ({"prompt_tokens": -9, "completion_tokens": 4}, {}, (None, 4, None, None, None)),
    ({"prompt_tokens": 9, "completion_tokens": 10**400}, {}, (9, None, None, None, None)),
    ({"prompt_tokens": float("nan"), "completion_tokens": "4"}, {}, None),
    ({"prompt_tokens": 9, "cached_tokens": 10}, {}, (9, None, None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("counts", "apart", "wanted"), ROWS)
def test_counts_are_read_and_impossible_ones_ignored(
    counts: dict[str, Any], apart: dict[str, bool], wanted: tuple[int | None, ...] | None
) -> None:
    if wanted is None:
        assert usage_of(counts, **apart) is None
        return
    given, made, cached, written, reasoning = wanted
    assert usage_of(counts, "c", "m", **apart) == Usage(
        given,
        made,
        "c",
        model="m",
        cached_input_tokens=cached,
        cache_write_input_tokens=written,
        reasoning_tokens=reasoning,
    )


def _reported(emit: Emitter) -> None:
    emit.text("a long delta, whose tokens are an estimate " * 9)
    emit.usage(1200, 340)


def _reported_early(emit: Emitter) -> None:
    emit.usage(1200, 1)
    emit.text("a long delta, whose tokens are an estimate " * 9)
    raise RuntimeError("it broke")


def _guessed(emit: Emitter) -> None:
    emit.usage(1200, 340, estimated=True)


@pytest.mark.parametrize(
    ("source", "words"),
    [(_reported, ": 340 tokens"), (_reported_early, " ~97 tokens"), (_guessed, ": ~340 tokens")],
)
def test_words_use_the_reported_tokens(source: Callable[[Emitter], None], words: str) -> None:
    view = StreamView(source)
    view.wait(WAIT_S)
    assert view.summary is not None
    assert words in view.summary
    assert words in view.to_markdown().replace("\\~", "~")
