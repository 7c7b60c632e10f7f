"""All vocabularies in the order of detection; a new one is one line here."""

from __future__ import annotations

from typing import Final

from ..decode.records import NewId
from . import (
    a2a,
    acp,
    ag_ui,
    ai_sdk_data,
    ai_sdk_ui,
    anthropic,
    bedrock,
    bedrock_invoke,
    claude_code,
    codex,
    cohere,
    coze,
    dify,
    gemini,
    gemini_interactions,
    langchain_events,
    langgraph,
    langgraph_protocol,
    llama_cpp,
    mcp,
    ollama,
    openai_agents,
    openai_chat,
    openai_realtime,
    openai_responses,
    pydantic_ai,
    text_so_far,
    tgi,
    watsonx,
)
from .detect import Detected, Vocabulary

_OF_RECORDS: Final = (
    Vocabulary(openai_chat.NAME, openai_chat.OpenAIChatFormat, openai_chat.recognises),
    Vocabulary(
        openai_responses.NAME, openai_responses.OpenAIResponsesFormat, openai_responses.recognises
    ),
    Vocabulary(anthropic.NAME, anthropic.AnthropicFormat, anthropic.recognises),
    Vocabulary(gemini.NAME, gemini.GeminiFormat, gemini.recognises),
    Vocabulary(
        gemini_interactions.NAME,
        gemini_interactions.GeminiInteractionsFormat,
        gemini_interactions.recognises,
    ),
    Vocabulary(ai_sdk_ui.NAME, ai_sdk_ui.AISDKUIFormat, ai_sdk_ui.recognises),
    Vocabulary(ag_ui.NAME, ag_ui.AGUIFormat, ag_ui.recognises),
    Vocabulary(ollama.NAME, ollama.OllamaFormat, ollama.recognises),
    Vocabulary(cohere.NAME, cohere.CohereFormat, cohere.recognises),
    Vocabulary(bedrock.NAME, bedrock.BedrockFormat, bedrock.recognises),
    Vocabulary(tgi.NAME, tgi.TGIFormat, tgi.recognises),
    Vocabulary(langgraph.NAME, langgraph.LangGraphFormat, langgraph.recognises),
    Vocabulary(
        langgraph_protocol.NAME,
        langgraph_protocol.LangGraphProtocolFormat,
        langgraph_protocol.recognises,
    ),
    Vocabulary(
        langchain_events.NAME, langchain_events.LangChainEventsFormat, langchain_events.recognises
    ),
    Vocabulary(openai_agents.NAME, openai_agents.OpenAIAgentsFormat, openai_agents.recognises),
    Vocabulary(
        openai_realtime.NAME, openai_realtime.OpenAIRealtimeFormat, openai_realtime.recognises
    ),
    Vocabulary(acp.NAME, acp.ACPFormat, acp.recognises),
    Vocabulary(claude_code.NAME, claude_code.ClaudeCodeFormat, claude_code.recognises),
    Vocabulary(codex.NAME, codex.CodexFormat, codex.recognises),
    Vocabulary(mcp.NAME, mcp.MCPFormat, mcp.recognises),
    Vocabulary(a2a.NAME, a2a.A2AFormat, a2a.recognises),
    Vocabulary(ai_sdk_data.NAME, ai_sdk_data.AISDKDataFormat, ai_sdk_data.recognises),
    Vocabulary(llama_cpp.NAME, llama_cpp.LlamaCppFormat, llama_cpp.recognises),
    Vocabulary(watsonx.NAME, watsonx.WatsonxFormat, watsonx.recognises),
    Vocabulary(dify.NAME, dify.DifyFormat, dify.recognises),
    Vocabulary(coze.NAME, coze.CozeFormat, coze.recognises),
    Vocabulary(text_so_far.NAME, text_so_far.TextSoFarFormat, text_so_far.recognises),
    Vocabulary(pydantic_ai.NAME, pydantic_ai.PydanticAIFormat, pydantic_ai.recognises),
)


def _in_envelopes(new_id: NewId) -> bedrock_invoke.BedrockInvokeFormat:
    """Return a format for Bedrock's envelopes, with any of the other vocabularies inside."""
    return bedrock_invoke.BedrockInvokeFormat(new_id, lambda ids: Detected(ids, _OF_RECORDS))


VOCABULARIES: Final = (
    *_OF_RECORDS,
    Vocabulary(bedrock_invoke.NAME, _in_envelopes, bedrock_invoke.recognises),
)
BY_NAME: Final = {vocabulary.name: vocabulary for vocabulary in VOCABULARIES}
