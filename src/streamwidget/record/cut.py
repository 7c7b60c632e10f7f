"""Cuts a document down to `Bounds`, and counts what is left out. Pure.

Every cut leaves a note at its place, so that all written forms say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from ..document.table_cells import Cell, json_text
from ..export.tree import Part
from ..phrases import capped, counted
from .bounds import COLUMNS_COUNT, NAME_CHARS, SERIES_COUNT, Bounds

_RESULTS = frozenset({"text", "table", "metric", "value", "artifact", "error"})
_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")
Omitted = Counter[str]
"""How much of each kind is left out, by the noun in the singular: `character`, `row`."""


def cut_parts(parts: Sequence[Part], bounds: Bounds) -> tuple[list[Part], Omitted]:
    """Return the parts within `bounds`, in their order, and how much is left out."""
    omitted: Omitted = Counter()
    pictures = _Pictures(bounds.pictures_bytes)
    kept = [
        _cut_part(part, bounds, omitted, pictures) for part in _kept_parts(parts, bounds, omitted)
    ]
    return kept, omitted


def cut_text(text: str, most_chars: int, omitted: Omitted) -> str:
    """Return the beginning and the end of `text`, with the count of what is left out between them.

    A code block of Markdown that the cut goes through is closed before it and opened behind it.
    """
    if len(text) <= most_chars:
        return text
    head, tail = text[: most_chars // 2], text[-(most_chars // 2) :]
    head, tail = _whole_lines(head, tail)
    left_out = len(text) - len(head) - len(tail)
    omitted["character"] += left_out
    fence = _open_fence(head)
    note = f"… {left_out:,} characters left out …"
    closing = f"\n{fence}" if fence else ""
    behind = _open_fence(text[: len(text) - len(tail)]) if len(text) < 4_000_000 else ""
    opening = f"{behind}\n" if behind else ""
    return f"{head.rstrip()}{closing}\n\n{note}\n\n{opening}{tail.lstrip()}"


def _whole_lines(head: str, tail: str) -> tuple[str, str]:
    """Cut at line ends where one is near: within the last or the first fifth."""
    end = head.rfind("\n")
    if end >= len(head) * 4 // 5:
        head = head[:end]
    begin = tail.find("\n")
    if 0 <= begin <= len(tail) // 5:
        tail = tail[begin + 1 :]
    return head, tail


def _open_fence(text: str) -> str:
    """The marker of the code block that is open at the end of `text`; "" if none is."""
    fence = ""
    for line in text.splitlines():
        stripped = line.lstrip()
        mark = stripped[: len(stripped) - len(stripped.lstrip("`"))]
        if len(mark) < 3:
            mark = stripped[: len(stripped) - len(stripped.lstrip("~"))]
        if len(mark) < 3:
            continue
        if not fence:
            fence = mark
        elif mark[0] == fence[0] and len(mark) >= len(fence) and stripped.strip() == mark:
            fence = ""
    return fence


def _kept_parts(parts: Sequence[Part], bounds: Bounds, omitted: Omitted) -> list[Part]:
    """The parts that stay: results and others by their first and last, with the steps they are in.

    Where the first gap is, a note counts what is missing.
    """
    results = [at for at, part in enumerate(parts) if part["kind"] in _RESULTS]
    others = [at for at, part in enumerate(parts) if part["kind"] not in _RESULTS]
    keep = {*_ends(results, bounds.parts_count), *_ends(others, bounds.parts_count)}
    if len(keep) == len(parts):
        return list(parts)
    keep |= _ancestors(parts, keep, bounds.parts_count)
    missing = [at for at in range(len(parts)) if at not in keep]
    omitted["part"] += len(missing)
    kept: list[Part] = []
    for at, part in enumerate(parts):
        if at in keep:
            kept.append(part)
        elif at == missing[0]:
            kept.append(_note([parts[at] for at in missing]))
    return kept


def _ends(places: Sequence[int], count: int) -> Sequence[int]:
    """A third of `count` from the beginning, the rest from the end: results come last."""
    if len(places) <= count:
        return places
    first = count // 3
    return [*places[:first], *places[len(places) - (count - first) :]]


def _ancestors(parts: Sequence[Part], keep: set[int], most: int) -> set[int]:
    places = {part["id"]: at for at, part in enumerate(parts) if part["kind"] == "step"}
    found: set[int] = set()
    for at in sorted(keep):
        step_id = parts[at].get("step_id")
        while step_id in places and len(found) < most:
            place = places[step_id]
            if place in found or place in keep:
                break
            found.add(place)
            step_id = parts[place].get("step_id")
    return found


def _note(missing: Sequence[Part]) -> Part:
    kinds = Counter(str(part["kind"]) for part in missing)
    words = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    message = f"… {counted(len(missing), 'more part')} ({words})"
    return {"id": "left-out", "kind": "notice", "level": "info", "message": message, "at_s": None}


# --- one part


class _Pictures:
    """How many bytes of pictures may still come."""

    def __init__(self, left_bytes: int) -> None:
        self.left_bytes = left_bytes

    def take(self, data: str) -> bool:
        """True if `data`, in base64, still has its place."""
        if len(data) > self.left_bytes:
            return False
        self.left_bytes -= len(data)
        return True


def _cut_part(part: Part, bounds: Bounds, omitted: Omitted, pictures: _Pictures) -> Part:
    kind = str(part["kind"])
    if kind == "artifact":
        return _artifact(part, bounds, omitted, pictures)
    cut = _CUTS.get(kind, _other)
    return {**part, **_short_names(part), **cut(part, bounds, omitted)}


def _short_names(part: Part) -> Part:
    names = ("name", "title", "message", "label", "tool_name", "url", "hint")
    return {key: capped(part[key], NAME_CHARS) for key in names if isinstance(part.get(key), str)}


def _text(part: Part, bounds: Bounds, omitted: Omitted) -> Part:
    return {"text": cut_text(part["text"], bounds.text_chars, omitted)}


def _tool_call(part: Part, bounds: Bounds, omitted: Omitted) -> Part:
    result = part["result"]
    text = result if isinstance(result, str) or result is None else json_text(result)
    return {
        "text": cut_text(part["text"], bounds.data_chars, omitted),
        "result": None if text is None else cut_text(text, bounds.data_chars, omitted),
    }


def _value(part: Part, bounds: Bounds, omitted: Omitted) -> Part:
    return {"text": cut_text(part["text"], bounds.data_chars, omitted)}


def _table(part: Part, bounds: Bounds, omitted: Omitted) -> Part:
    rows = part["items"][: bounds.rows_count]
    omitted["row"] += max(0, part["row_count"] - len(rows))
    count = max(part.get("column_count", 0), len(part["columns"]))
    columns = part["columns"][:COLUMNS_COUNT]
    omitted["column"] += count - len(columns)
    most = bounds.cell_chars
    return {
        "columns": [{**column, "name": capped(str(column["name"]), most)} for column in columns],
        "column_count": count,
        "items": [[_cell(cell, most) for cell in row[:COLUMNS_COUNT]] for row in rows],
    }


def _cell(cell: Cell, most_chars: int) -> Cell:
    text = cell if isinstance(cell, str) else json_text(cell) if _is_nested(cell) else None
    return cell if text is None else capped(str(text), most_chars)


def _is_nested(cell: Cell) -> bool:
    return isinstance(cell, (list, dict))


def _metric(part: Part, bounds: Bounds, omitted: Omitted) -> Part:
    count = max(part.get("series_count", 0), len(part["series"]))
    kept = len(part["series"][:SERIES_COUNT])
    omitted["series"] += count - kept
    return {
        "series": [capped(str(name), bounds.cell_chars) for name in part["series"][:kept]],
        "series_count": count,
        **{key: part[key][:kept] for key in ("last", "min", "max")},
        "items": [item for item in part["items"] if item[0] < kept],
    }


def _log(part: Part, bounds: Bounds, omitted: Omitted) -> Part:
    items = part["items"][-bounds.lines_count :]
    omitted["line"] += part["line_count"] - len(items)
    most = bounds.cell_chars
    return {"items": [[at_s, level, name, capped(line, most)] for at_s, level, name, line in items]}


def _error(part: Part, bounds: Bounds, omitted: Omitted) -> Part:
    detail = part.get("detail")
    return {"detail": cut_text(str(detail), bounds.data_chars, omitted) if detail else None}


def _ask(part: Part, bounds: Bounds, omitted: Omitted) -> Part:
    cut = {"question": cut_text(part["question"], bounds.data_chars, omitted)}
    if part.get("detail"):
        cut["detail"] = cut_text(str(part["detail"]), bounds.data_chars, omitted)
    if isinstance(part.get("answer"), str):
        cut["answer"] = cut_text(part["answer"], bounds.data_chars, omitted)
    return cut


def _none(part: Part, bounds: Bounds, omitted: Omitted) -> Part:  # noqa: ARG001
    return {}


def _other(part: Part, bounds: Bounds, omitted: Omitted) -> Part:
    data = part.get("data")
    text = data if isinstance(data, str) else json_text(data)
    return {"data": cut_text(text, bounds.data_chars, omitted)}


def _artifact(part: Part, bounds: Bounds, omitted: Omitted, pictures: _Pictures) -> Part:
    data: Mapping[str, str] = part["data"]
    cut = dict(data)
    for mime in _PICTURES:
        if mime in data and not pictures.take(data[mime]):
            del cut[mime]
            omitted["picture"] += 1
            size = f"{len(data[mime]) * 3 // 4:,} bytes"
            words = f"Picture ({mime}, {size}), left out here"
            cut["text/plain"] = f"{cut.get('text/plain', '')}\n{words}".strip()
    for mime in ("text/markdown", "text/plain"):
        if mime in cut:
            cut[mime] = cut_text(cut[mime], bounds.text_chars, omitted)
    return {**part, **_short_names(part), "data": cut}


_CUTS: Mapping[str, Callable[[Part, Bounds, Omitted], Part]] = {
    "text": _text,
    "reasoning": _text,
    "tool-call": _tool_call,
    "value": _value,
    "table": _table,
    "metric": _metric,
    "log": _log,
    "error": _error,
    "step": _none,
    "progress": _none,
    "source": _none,
    "notice": _none,
    "ask": _ask,
    "knob": _none,
}
