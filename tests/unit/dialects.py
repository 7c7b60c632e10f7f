"""Streams of real servers: one table for several tests."""

from __future__ import annotations

from dialect import Dialect
from dialects_agents import AGENTS
from dialects_chat import CHAT
from dialects_coding import CODING
from dialects_others import OTHERS
from dialects_vendors import ANTHROPIC, GEMINI, LOCAL, RESPONSES

DIALECTS: dict[str, Dialect] = {
    **CHAT,
    **{f"Anthropic: {name}": one for name, one in ANTHROPIC.items()},
    **{f"Gemini: {name}": one for name, one in GEMINI.items()},
    **{f"Responses: {name}": one for name, one in RESPONSES.items()},
    **LOCAL,
    **AGENTS,
    **OTHERS,
    **CODING,
}
