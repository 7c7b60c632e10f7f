"""Tool calls and results in output items of the OpenAI vocabularies.

Reads one JSON object; must not know events. Used by Responses, Realtime and the Agents SDK.

Source: OpenAI API reference, Responses, "output items".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .fields import JsonObject, json_text, mapping, objects, sequence, text, text_or_none

OF_CALLER: Final = frozenset(
    {
        "function_call",
        "custom_tool_call",
        "local_shell_call",
        "shell_call",
        "computer_call",
        "apply_patch_call",
    }
)
"""Calls that the caller should run; a shell in the provider's container is not one of them."""

QUIET: Final = frozenset({"mcp_list_tools", "compaction", "item_reference"})
"""Items without content for a reader."""


@dataclass(frozen=True, slots=True)
class ItemCall:
    """A tool call in an item."""

    name: str
    tool_call_id: str | None
    by_provider: bool
    arguments_text: str | None
    """None: not received yet."""


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The result of a tool."""

    text: str
    is_error: bool = False


def call_of(item: JsonObject) -> ItemCall | None:
    """Return the call in an item; None if it is not a call."""
    kind = text(item, "type")
    if not (kind.endswith("_call") or kind == "mcp_approval_request"):
        return None
    call_id = text_or_none(item, "call_id", "id")
    name = text(item, "name") or kind.removesuffix("_call")
    return ItemCall(name, call_id, not _is_of_caller(kind, item), _arguments(kind, item))


def result_of(item: JsonObject) -> ItemResult | None:
    """Return the result in the item of a call; None if it has none."""
    read = _RESULTS.get(text(item, "type"))
    result = read(item) if read else None
    if result is None and text(item, "status") == "failed":
        return ItemResult("failed", is_error=True)
    return result


def output_of(item: JsonObject) -> ItemResult | None:
    """Return the result for an earlier call; None if the item is not such a result."""
    if not text(item, "type").endswith("_output"):
        return None
    return ItemResult(json_text(item.get("output", item.get("tools", ""))))


def _is_of_caller(kind: str, item: JsonObject) -> bool:
    hosted = text(mapping(item, "environment"), "type").startswith("container")
    return kind in OF_CALLER and not hosted


def _arguments(kind: str, item: JsonObject) -> str | None:
    if kind == "file_search_call":
        return json_text({"queries": item["queries"]}) if item.get("queries") else None
    for key in ("arguments", "input", "code", "action", "operation"):
        if item.get(key):
            return json_text(item[key])
    return None


def _mcp_result(item: JsonObject) -> ItemResult | None:
    if error := item.get("error"):
        return ItemResult(text(error, "message") or json_text(error), is_error=True)
    return ItemResult(json_text(item["output"])) if item.get("output") is not None else None


def _code_result(item: JsonObject) -> ItemResult | None:
    outputs = objects(item, "outputs")
    return ItemResult("\n".join(text(out, "logs", "url") for out in outputs)) if outputs else None


def _search_result(item: JsonObject) -> ItemResult | None:
    return ItemResult(json_text(item["results"])) if sequence(item, "results") else None


def _image_result(item: JsonObject) -> ItemResult | None:
    image = text(item, "result")
    return ItemResult(f"An image of {len(image):,} base64 characters.") if image else None


_RESULTS: Final[dict[str, Callable[[JsonObject], ItemResult | None]]] = {
    "mcp_call": _mcp_result,
    "code_interpreter_call": _code_result,
    "file_search_call": _search_result,
    "image_generation_call": _image_result,
}
