"""The digest of a run for programs: what happened and the results, in a few lines. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from ..errors import excerpt
from ..export.tree import Part, column_names, rows_words, series_words, step_words
from .bounds import DIGEST_BYTES

_LINE_CHARS = 200
_ITEMS_COUNT = 8
"""Steps, tables, charts, values and errors that are named, of each kind: the newest."""
_ANSWER_BYTES = 1_500
"""Of the last text, from its end: answers end with what they conclude."""


def digest(head: Sequence[str], parts: Sequence[Part], tail: Sequence[str]) -> str:
    """Return lines of plain text within `DIGEST_BYTES`: `head`, what the parts hold, `tail`."""
    lines = [*head, counts(parts)]
    for kind, line_of in _LINES.items():
        lines += _named(kind, line_of, parts)
    answer = next((part["text"] for part in reversed(parts) if _is_answer(part)), "")
    ending = ["", *_answer(answer), *tail] if answer else list(tail)
    room = DIGEST_BYTES - _bytes("\n".join(ending)) - 1
    kept: list[str] = []
    for line in map(_short, lines):
        room -= _bytes(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, *ending])


def counts(parts: Sequence[Part]) -> str:
    """`Holds: 5 step, 2 table, 1 text`; how many parts of each kind there are."""
    kinds = Counter(str(part["kind"]) for part in parts)
    return "Holds: " + (", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items())))


def _is_answer(part: Part) -> bool:
    return part["kind"] == "text" and bool(part["text"].strip())


def _named(kind: str, line_of: Callable[[Part], str], parts: Sequence[Part]) -> Iterator[str]:
    of_kind = [part for part in parts if part["kind"] == kind]
    if len(of_kind) > _ITEMS_COUNT:
        yield f"{kind}: the newest {_ITEMS_COUNT} of {len(of_kind):,}"
    for part in of_kind[-_ITEMS_COUNT:]:
        yield f"{kind}: {line_of(part)}"


def _table(part: Part) -> str:
    return (
        f"{part['name']} ({rows_words(part, part['row_count'])}): {', '.join(column_names(part))}"
    )


def _metric(part: Part) -> str:
    shown = [f"{name} last {last} ({least} to {most})" for name, last, least, most in _series(part)]
    return f"{part['name']}: {'; '.join(shown)}"


def _series(part: Part) -> Sequence[tuple[str, str, str, str]]:
    return series_words(part)[:_ITEMS_COUNT]


def _error(part: Part) -> str:
    return f"({part['fault']}) {part['message']}"


def _answer(text: str) -> list[str]:
    data = text.strip().encode()
    if len(data) <= _ANSWER_BYTES:
        return ["Text:", text.strip()]
    end = data[-_ANSWER_BYTES:].decode("utf-8", "ignore")
    return [f"Text, the last {len(end):,} of {len(text.strip()):,} characters:", end]


def _short(line: str) -> str:
    return excerpt(line, _LINE_CHARS)


def _bytes(text: str) -> int:
    return len(text.encode())


_LINES: Mapping[str, Callable[[Part], str]] = {
    "step": step_words,
    "error": _error,
    "table": _table,
    "metric": _metric,
    "value": lambda part: f"{part['name']}: {part['text']}",
    "artifact": lambda part: f"{part['title'] or 'untitled'}: {', '.join(part['data'])}",
}
