"""Citations in the shapes of all vendors: lists of addresses, of objects, or both. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .fields import JsonObject, as_mapping, text, text_or_none

_URLS: Final = ("url", "link", "uri", "href", "source_url", "document_uri", "sourceUrl")
_TITLES: Final = (
    "title",
    "document_title",
    "name",
    "filename",
    "file_name",
    "filepath",
    "site_name",
    "file_id",
)
_HOLDERS: Final = (
    "url_citation",
    "file_citation",
    "web",
    "retrievedContext",
    "retrieved_context",
    "maps",
    "document",
    "source",
    "metadata",
    "tool_output",
    "web_search",
)
SOURCE_LISTS: Final = (
    "search_results",
    "web_results",
    "web_search_results",
    "citations",
    "annotations",
    "sources",
    "references",
    "documents",
    "web_search",
    "search_info",
    "groundingMetadata",
    "grounding_metadata",
    "vertex_ai_grounding_metadata",
)
"""Members in which vendors list sources; those with titles come first."""
_LISTS: Final = (
    *SOURCE_LISTS,
    "groundingChunks",
    "grounding_chunks",
    "citationSources",
    "results",
    "items",
    "data",
)
_ONE: Final = frozenset({"source", "citation", "reference", "document"})
"""Types of records that are a single source."""
_BESIDE: Final = frozenset({"type", "event", "event_type", "id", "index", "is_finished", "object"})
"""Members without content of a record that lists sources."""
MAX_DEPTH: Final = 4
"""Levels of objects that are searched for sources."""

Source = tuple[str | None, str | None]


def source_in(value: object, depth: int = MAX_DEPTH) -> Source:
    """Return the address and the title of one source; None for a missing one."""
    if isinstance(value, str):
        return value or None, None
    source = as_mapping(value)
    url, title = text_or_none(source, *_URLS), text_or_none(source, *_TITLES)
    for holder in _HOLDERS if depth > 0 else ():
        inner = source.get(holder)
        if isinstance(inner, dict):
            inner_url, inner_title = source_in(inner, depth - 1)
            url, title = url or inner_url, title or inner_title
        elif isinstance(inner, str) and inner.startswith(("http://", "https://")):
            url = url or inner
    return url, title


def sources_in(value: object, depth: int = MAX_DEPTH) -> Iterator[Source]:
    """Return all sources of a list, of an object that holds lists, or of one source."""
    if isinstance(value, dict):
        held = [value[key] for key in _LISTS if isinstance(value.get(key), list | dict)]
        if held and depth > 0 and not text_or_none(value, *_URLS):
            for inner in held:
                yield from sources_in(inner, depth - 1)
            return
        value = [value]
    for item in value if isinstance(value, list | tuple) else ():
        if isinstance(item, dict) and depth > 0 and _holds_list(item):
            yield from sources_in(item, depth - 1)
        elif (source := source_in(item)) != (None, None):
            yield source


def cited_in(record: JsonObject) -> Iterator[Source]:
    """Return the sources in the members of a record that list sources."""
    for key in SOURCE_LISTS:
        if isinstance(record.get(key), list | dict):
            yield from sources_in(record[key])


def only_sources(value: object, name: str = "") -> list[Source]:
    """Return the sources of a record that holds only sources; none for any other record."""
    record = as_mapping(value)
    while len(record) == 1 and isinstance(inner := next(iter(record.values())), dict):
        record = inner
    kind = text(record, "type") or name
    inner = record.get("data")
    is_source = kind.lower() in _ONE or kind.lower() in SOURCE_LISTS
    if is_source and record.keys() <= {*_BESIDE, "data"} and isinstance(inner, dict | list):
        return list(sources_in(inner))
    if not record.keys() <= {*_BESIDE, *SOURCE_LISTS}:
        return []
    return [source for source in cited_in(record) if source[0]]


def _holds_list(item: JsonObject) -> bool:
    return not text_or_none(item, *_URLS) and any(
        isinstance(item.get(key), list | dict) for key in _LISTS
    )
