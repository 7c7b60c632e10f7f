"""A document as Markdown: its text as it came, everything else as Markdown that cannot break out.

What streamed in is hostile: names and messages are escaped, and code fences are longer than any run
of backticks inside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from ..document.cells import json_text
from .tree import (
    Node,
    Part,
    Reading,
    cell_text,
    column_names,
    number,
    progress_words,
    rows_words,
    seconds,
    step_words,
)

ROWS_COUNT = 200
"""Rows of a table that are written down; a CSV has them all."""
LINES_COUNT = 500
"""Newest lines of the log that are written down."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$&])")


def to_markdown(reading: Reading) -> str:
    """The whole document as Markdown."""
    blocks = [f"# {inline(reading.title)}"] if reading.title else []
    blocks += [f"*{inline(reading.sentence)}*"] if reading.sentence else []
    for node in reading.nodes:
        blocks += _blocks(node)
    if reading.sources:
        blocks.append("\n".join(_source(part) for part in reading.sources))
    return "\n\n".join(blocks) + "\n"


def inline(text: object) -> str:
    """`text` on one line, with nothing in it that means anything in Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def fenced(text: str, language: str = "") -> str:
    """`text` as a code block that it cannot end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _blocks(node: Node) -> Iterator[str]:
    write = _WRITERS.get(node.kind, _other)
    block = write(node.part)
    if block:
        yield block
    for child in node.children:
        yield from _blocks(child)


def _text(part: Part) -> str:
    text = str(part["text"]).strip("\n")
    return fenced(text) if text and part.get("plain") else text


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _reasoning(part: Part) -> str:
    took = seconds(part.get("started_s"), part.get("ended_s"))
    head = f"**Reasoning{f' ({took})' if took else ''}**"
    return _quoted(f"{head}\n\n{part['text']}") if part["text"].strip() else ""


def _step(part: Part) -> str:
    return f"**{inline(step_words(part))}**"


def _progress(part: Part) -> str:
    return f"- {inline(progress_words(part))}"


def _tool_call(part: Part) -> str:
    blocks = [f"**Tool call: {inline(part['tool_name'] or 'unnamed')}**"]
    if part["text"].strip():
        blocks.append(fenced(part["text"], "json"))
    if part["result"] is not None:
        blocks += ["Error:" if part["is_error"] else "Result:", fenced(part["result"])]
    return "\n\n".join(blocks)


def _table(part: Part) -> str:
    rows = part["items"][:ROWS_COUNT]
    head = f"**{inline(part['name'])}** ({rows_words(part, len(rows))})"
    names = column_names(part)
    if not names:
        return head
    right = {at for at, one in enumerate(part["columns"]) if one["type"] in ("number", "integer")}
    rule = ["---:" if at in right else "---" for at in range(len(names))]
    lines = [_line(map(inline, names)), _line(rule)]
    for row in rows:
        cells = [inline(cell_text(cell)) for cell in row]
        lines.append(_line([*cells, *[""] * (len(names) - len(cells))]))
    return "\n".join([head, "", *lines])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _value(part: Part) -> str:
    language = "json" if part.get("is_json", True) else ""
    return f"**{inline(part['name'])}**\n\n{fenced(part['text'], language)}"


def _metric(part: Part) -> str:
    lines = [_line(["series", "last", "least", "greatest"]), _line(["---", *["---:"] * 3])]
    for at, name in enumerate(part["series"]):
        told = [number(part[key][at]) for key in ("last", "min", "max")]
        lines.append(_line([inline(name), *told]))
    head = f"**{inline(part['name'])}** ({part['point_count']:,} points)"
    return "\n".join([head, "", *lines])


def _log(part: Part) -> str:
    told = "\n".join(log_lines(part))
    return f"**Log**\n\n{fenced(told)}" if part["items"] else ""


def log_lines(part: Part) -> list[str]:
    """The newest lines of a log as text."""
    items = part["items"][-LINES_COUNT:]
    left_out = part["line_count"] - len(items)
    lines = [f"… {left_out:,} lines before"] if left_out else []
    for at_s, level, logger, message in items:
        when = f"{at_s:9.3f} " if isinstance(at_s, (int, float)) else ""
        lines.append(f"{when}{level.upper():8} {f'{logger}: ' if logger else ''}{message}")
    return lines


def _source(part: Part) -> str:
    title = inline(part["title"] or part["url"] or "source")
    url = part["url"] or ""
    if re.fullmatch(r"https?://[^\s<>()\\]+", url):
        return f"{part['number']}. [{title}](<{url}>)"
    return f"{part['number']}. {title}{f' ({inline(url)})' if url and part['title'] else ''}"


def _artifact(part: Part) -> str:
    data = part["data"]
    title = f"**{inline(part['title'])}**\n\n" if part["title"] else ""
    if "text/markdown" in data:
        return title + str(data["text/markdown"])
    told = data.get("text/plain") or ", ".join(data) or "nothing that can be shown"
    left_out = f"\n\nLeft out: {inline(', '.join(part['omitted']))}" if part["omitted"] else ""
    return f"{title}{fenced(told)}{left_out}"


def _notice(part: Part) -> str:
    if part["level"] == "said":
        return f"> {inline(part['message'])}"
    word = "Warning" if part["level"] == "warning" else "Note"
    return f"> **{word}:** {inline(part['message'])}"


def _error(part: Part) -> str:
    lines = [f"> **Error** ({inline(part['fault'])}): {inline(part['message'])}"]
    if part.get("hint"):
        lines += [">", f"> {inline(part['hint'])}"]
    if part.get("detail"):
        lines += [">", _quoted(fenced(str(part["detail"])))]
    return "\n".join(lines)


def _other(part: Part) -> str:
    """Unknown records, custom parts, and kinds that are newer than this version."""
    name, data = part.get("name") or part["kind"], part.get("data")
    text = data if isinstance(data, str) else json_text(data)
    return f"**{inline(name)}**\n\n{fenced(text, 'json')}"


_WRITERS: dict[str, Callable[[Part], str]] = {
    "text": _text,
    "reasoning": _reasoning,
    "step": _step,
    "progress": _progress,
    "tool-call": _tool_call,
    "table": _table,
    "value": _value,
    "metric": _metric,
    "log": _log,
    "artifact": _artifact,
    "notice": _notice,
    "error": _error,
}
