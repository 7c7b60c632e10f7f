"""A document as Markdown: its text without control characters, everything else escaped.

Streamed content is hostile: names and messages are escaped, and code fences are longer than any run
of backticks inside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from ..catalogue import stderr_words
from ..characters import text_width
from ..document.table_cells import json_text
from .addresses import web_address, without_controls
from .tree import (
    METRIC_WORDS,
    Node,
    Part,
    Reading,
    ask_words,
    cell_texts,
    column_names,
    is_number,
    knob_words,
    log_words,
    more_rows_words,
    notice_word,
    points_words,
    progress_words,
    reasoning_words,
    rows_words,
    series_words,
    step_words,
    tool_call_words,
)

ROWS_COUNT = 200
"""Most rows of a table in the Markdown; a CSV has them all."""
LINES_COUNT = 500
"""Newest lines of the log in the Markdown."""

RUN_LEVEL = 4
"""Level of the heading of a run on a board: below the title of the board."""

_RULE = 4
"""Narrowest column: that of `---:`."""
_WIDTH = 40
"""Widest column that is filled up with spaces."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$&])")


def to_markdown(reading: Reading, *, level: int = 1) -> str:
    """Return the whole document as Markdown, with its title as a heading of `level`."""
    blocks = [f"{'#' * level} {inline(reading.title)}"] if reading.title else []
    blocks += [f"*{inline(reading.sentence)}*"] if reading.sentence else []
    for node in reading.nodes:
        blocks += _blocks(node)
    if reading.sources:
        blocks.append(source_lines(reading.sources))
    return without_controls("\n\n".join(blocks)) + "\n"


def inline(text: object) -> str:
    """Return `text` on one line, with every character that has a meaning in Markdown escaped."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def fenced(text: str, language: str = "") -> str:
    """Return `text` as a fenced code block that the text itself cannot close."""
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
    if not text or not (part.get("plain") or part.get("fenced")):
        return text
    head = f"{stderr_words()}:\n\n" if part.get("stream") == "stderr" else ""
    return head + fenced(text)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _reasoning(part: Part) -> str:
    if not part["text"].strip():
        return ""
    return _quoted(f"**{reasoning_words(part)}**\n\n{_text(part)}")


def _step(part: Part) -> str:
    words = inline(step_words(part))
    return f"{'#' * RUN_LEVEL} {words}" if part.get("is_run") else f"**{words}**"


def _progress(part: Part) -> str:
    return f"- {inline(progress_words(part))}"


def _tool_call(part: Part) -> str:
    blocks = [f"**{inline(tool_call_words(part))}**"]
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
    lines = table_lines(names, cell_texts(part, rows), [is_number(c) for c in part["columns"]])
    more = more_rows_words(part, len(rows))
    return "\n".join([head, "", *lines, *(["", more] if more else [])])


def table_lines(
    heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]
) -> list[str]:
    """Return a table whose columns are aligned in plain text too; `right` for numbers.

    Cells that are wider than `_WIDTH` stand out: the others are not filled up to them.
    """
    lines = [[inline(cell) for cell in row] for row in (heads, *rows)]
    sizes = [[text_width(cell) for cell in line] for line in lines]
    widths = [
        max((size for size in column if size <= _WIDTH), default=_RULE)
        for column in zip([_RULE] * len(heads), *sizes, strict=True)
    ]
    rule = ["-" * (width - end) + ":" * end for width, end in zip(widths, right, strict=True)]
    filled = [
        [
            " " * (width - size) + cell if end else cell + " " * (width - size)
            for cell, size, width, end in zip(line, of_line, widths, right, strict=True)
        ]
        for line, of_line in zip(lines, sizes, strict=True)
    ]
    return [_line(line) for line in (filled[0], rule, *filled[1:])]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _value(part: Part) -> str:
    language = "json" if part.get("is_json", True) else ""
    return f"**{inline(part['name'])}**\n\n{fenced(part['text'], language)}"


def _metric(part: Part) -> str:
    lines = table_lines(METRIC_WORDS, series_words(part), [False, True, True, True])
    head = f"**{inline(part['name'])}** ({points_words(part)})"
    return "\n".join([head, "", *lines])


def _log(part: Part) -> str:
    lines = "\n".join(log_lines(part))
    return f"**{log_words(part)}**\n\n{fenced(lines)}" if part["items"] else ""


def log_lines(part: Part) -> list[str]:
    """Return the newest lines of a log, with a count of those left out."""
    items = part["items"][-LINES_COUNT:]
    left_out = part["line_count"] - len(items)
    lines = [f"… {left_out:,} lines before"] if left_out else []
    for at_s, level, logger, message in items:
        when = f"{at_s:9.3f} " if isinstance(at_s, (int, float)) else ""
        lines.append(f"{when}{level.upper():8} {f'{logger}: ' if logger else ''}{message}")
    return lines


def source_lines(sources: Iterable[Part]) -> str:
    """Return citations as a list with their own numbers."""
    return "\n".join(map(_source, sources))


def _source(part: Part) -> str:
    title = inline(part["title"] or part["url"] or "source")
    url = part["url"] or ""
    target = web_address(url)
    if target is not None:
        return f"{part['number']}. [{title}](<{target.href}>)"
    return f"{part['number']}. {title}{f' ({inline(url)})' if url and part['title'] else ''}"


def _artifact(part: Part) -> str:
    data = part["data"]
    title = f"**{inline(part['title'])}**\n\n" if part["title"] else ""
    if "text/markdown" in data:
        text = str(data["text/markdown"])
        return title + (fenced(text) if part.get("fenced") else text)
    shown = data.get("text/plain") or ", ".join(data) or "nothing that can be shown"
    left_out = f"\n\nLeft out: {inline(', '.join(part['omitted']))}" if part["omitted"] else ""
    return f"{title}{fenced(shown)}{left_out}"


def _notice(part: Part) -> str:
    word = notice_word(part)
    return f"> {f'**{word}:** ' if word else ''}{inline(part['message'])}"


def _error(part: Part) -> str:
    lines = [f"> **Error** ({inline(part['fault'])}): {inline(part['message'])}"]
    if part.get("hint"):
        lines += [">", f"> {inline(part['hint'])}"]
    if part.get("detail"):
        lines += [">", "> Details:", ">", _quoted(fenced(str(part["detail"])))]
    return "\n".join(lines)


def _ask(part: Part) -> str:
    lines = [f"> **{inline(part['question'])}**", ">"]
    if part.get("detail"):
        lines += [_quoted(fenced(str(part["detail"]), "json")), ">"]
    lines += [f"> - {inline(label)}" for label in part["options"]] + [">"] * bool(part["options"])
    return "\n".join([*lines, f"> {inline(ask_words(part))}"])


def _knob(part: Part) -> str:
    return f"- {inline(knob_words(part))}"


def _other(part: Part) -> str:
    """Return an unknown record, a custom part, or a kind newer than this version."""
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
    "ask": _ask,
    "knob": _knob,
}
