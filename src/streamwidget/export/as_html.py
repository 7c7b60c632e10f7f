"""A document as HTML that is safe wherever it is opened: no script, no request, no style sheet.

`_tag` creates every element and escapes all text and all attributes. Pictures are data of four
known types and our own charts. A content security policy in the page forbids everything else.

A saved notebook holds the same fragment. There JupyterLab keeps only inline styles with literal
values, and code hosts keep none, so structure carries the meaning and text has no color.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from html import escape

from ..catalogue import stderr_words
from ..document.table_cells import json_text
from .addresses import show_bidi, web_address
from .as_markdown import ROWS_COUNT, log_lines
from .chart_svg import line_chart
from .tree import (
    METRIC_WORDS,
    Node,
    Part,
    Reading,
    ask_words,
    cell_texts,
    chart_words,
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
    series_of,
    series_words,
    step_words,
    tool_call_words,
)

_IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]+")
_HEADING = re.compile(r"<(/?)h([1-6])>")
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
body {
  font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
  color: #1f2328; background: #fff;
}
table { border-collapse: collapse; font-size: 0.9em; }
td, th { padding: 0.25rem 0.75rem; border-bottom: 1px solid #d8dee4; }
td { font-variant-numeric: tabular-nums; }
pre { overflow: auto; padding: 0.75rem; background: #f6f8fa; white-space: pre-wrap; }
blockquote { margin: 0; padding-left: 1rem; border-left: 3px solid #d8dee4; }
img { max-width: 100%; }
@media (prefers-color-scheme: dark) {
  body { color: #e6edf3; background: #0d1117; }
  pre { background: #161b22; }
  td, th, blockquote { border-color: #30363d; }
}
"""
_ATTRIBUTES = {
    "": "",
    "left": ' style="text-align:left"',
    "right": ' align="right"',
    "quiet": ' style="opacity:0.8"',
    "step": ' style="padding-left:12px;border-left:2px solid #8c8c8c"',
    "error": ' style="padding-left:12px;border-left:3px solid #cf222e"',
}
"""Looks by name. JupyterLab aligns cells to the right unless their own style says otherwise."""
_OPEN_KINDS = frozenset({"text", "table", "metric", "value", "artifact", "error"})
"""A step that holds one of these kinds is open."""
_METRIC_LOOKS = ("left", "right", "right", "right")


def to_page(reading: Reading) -> str:
    """Return the whole document as a complete HTML page."""
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">',
        '<meta name="viewport" content="width=device-width">',
        _tag("title", reading.title or "Stream"),
        f"<style>{_STYLE}</style>",
    ]
    page = ['<!doctype html>\n<html lang="en">\n<head>', *head, "</head>\n<body>"]
    return "\n".join([*page, to_fragment(reading), "</body>\n</html>\n"])


def to_fragment(reading: Reading, *, level: int = 1) -> str:
    """Return the whole document as one element, with its title as a heading of `level`.

    If `level` is above 1, headings in the text are placed below the title.
    """
    return "\n".join(fragment_pieces(reading, level=level))


def fragment_pieces(reading: Reading, *, level: int = 1) -> Iterator[str]:
    """Yield the pieces that `to_fragment` joins with line ends; each is written on request."""
    yield "<div>"
    if reading.title:
        yield _lowered(_tag("h1", reading.title), level - 1)
    if reading.sentence:
        yield _tag("p", reading.sentence, "quiet")
    for node in reading.nodes:
        if piece := _lowered(_node(node), level if level > 1 else 0):
            yield piece
    if reading.sources:
        yield _wrap("ol", [_source(part) for part in reading.sources])
    yield "</div>"


def _lowered(html: str, by: int) -> str:
    """Return `html` with its headings `by` levels lower.

    Only headings without attributes are our own; escaped text holds no `<`.
    """
    if not by:
        return html
    return _HEADING.sub(lambda tag: f"<{tag[1]}h{min(6, int(tag[2]) + by)}>", html)


def _tag(name: str, text: object, look: str = "") -> str:
    """Return an element that holds text."""
    return f"<{name}{_ATTRIBUTES[look]}>{_shown(text)}</{name}>"


def _shown(text: object) -> str:
    """Return text for an element: escaped, and what turns the text direction written as codes."""
    return escape(show_bidi(str(text)), quote=False)


def _attribute(text: object) -> str:
    return escape(show_bidi(str(text)))


def _wrap(name: str, inner: Sequence[str], look: str = "") -> str:
    """Return an element that holds elements."""
    return "\n".join([f"<{name}{_ATTRIBUTES[look]}>", *filter(None, inner), f"</{name}>"])


def _node(node: Node) -> str:
    if node.kind == "step":
        return _step(node)
    return _WRITERS.get(node.kind, _other)(node.part)


def _step(node: Node) -> str:
    """Return a step with its parts, folded unless it holds a result or has failed.

    A whole run, as boards have them, is folded in any case.
    """
    words = step_words(node.part)
    if not node.children:
        return _tag("p", words, "step")
    inside = _wrap("div", [_node(child) for child in node.children], "step")
    is_open = not node.part.get("is_run") and (
        node.part["state"] == "failed" or _holds_result(node)
    )
    return _folded(words, [inside], is_open=is_open)


def _holds_result(node: Node) -> bool:
    return any(child.kind in _OPEN_KINDS or _holds_result(child) for child in node.children)


def _markdown(text: str) -> str:
    from .markdown import to_html  # imported here: markdown-it takes 50 ms, and few runs need it

    return to_html(text)


def _text(part: Part) -> str:
    if part.get("plain"):
        head = [_tag("p", stderr_words(), "quiet")] if part.get("stream") == "stderr" else []
        return "\n".join([*head, _tag("pre", part["text"])])
    return _wrap("div", [_markdown(part["text"])])


def _folded(summary: str, inner: Sequence[str], *, is_open: bool = False) -> str:
    begin = "<details open>" if is_open else "<details>"
    return "\n".join([begin, _tag("summary", summary), *filter(None, inner), "</details>"])


def _reasoning(part: Part) -> str:
    if not part["text"].strip():
        return ""
    return _folded(reasoning_words(part), [_wrap("blockquote", [_markdown(part["text"])])])


def _progress(part: Part) -> str:
    return _tag("p", progress_words(part), "quiet")


def _tool_call(part: Part) -> str:
    inner = [_tag("pre", part["text"])] if part["text"].strip() else []
    if part["result"] is not None:
        word = "Error:" if part["is_error"] else "Result:"
        inner += [_tag("p", word), _tag("pre", part["result"])]
    return _folded(tool_call_words(part), inner)


def _table(part: Part) -> str:
    rows = part["items"][:ROWS_COUNT]
    looks = ["right" if is_number(column) else "left" for column in part["columns"]]
    heads = [_tag("th", *pair) for pair in zip(column_names(part), looks, strict=True)]
    lines = [_row(row, looks) for row in cell_texts(part, rows)]
    caption = _tag("p", f"{part['name']} ({rows_words(part, len(rows))})")
    table = _wrap("table", [f"<thead><tr>{''.join(heads)}</tr></thead>", _tbody(lines)])
    more = more_rows_words(part, len(rows))
    return _wrap("div", [caption, table if heads else "", _tag("p", more) if more else ""])


def _tbody(lines: Sequence[str]) -> str:
    return _wrap("tbody", lines)


def _row(cells: Sequence[str], looks: Sequence[str]) -> str:
    inner = [_cell(cell, look) for cell, look in zip(cells, looks, strict=True)]
    return f"<tr>{''.join(inner)}</tr>"


def _cell(cell: str, look: str) -> str:
    if web_address(cell) is not None:
        return f"<td{_ATTRIBUTES[look]}>{_link(cell, cell)}</td>"
    return _tag("td", cell, look)


def _link(url: object, text: object) -> str:
    """Return a link to a web address; for any other value only the text."""
    target = web_address(url)
    if target is None:
        return _shown(text)
    href = escape(target.href)
    return f'<a href="{href}" rel="noopener noreferrer nofollow">{_shown(text)}</a>'


def _value(part: Part) -> str:
    return _wrap("div", [_tag("p", part["name"]), _tag("pre", part["text"])])


def _metric(part: Part) -> str:
    heads = [_tag("th", word, look) for word, look in zip(METRIC_WORDS, _METRIC_LOOKS, strict=True)]
    lines = [_row(cells, _METRIC_LOOKS) for cells in series_words(part)]
    table = _wrap("table", [f"<thead><tr>{''.join(heads)}</tr></thead>", _tbody(lines)])
    head = _tag("p", f"{part['name']} ({points_words(part)})")
    return _wrap("div", [head, _chart(part), table])


def _chart(part: Part) -> str:
    """Return a line chart as an image with a description; "" without points."""
    svg = line_chart([points for _, points in series_of(part)])
    if not svg:
        return ""
    data = base64.b64encode(svg.encode()).decode()
    words = _attribute(chart_words(part))
    return f'<p><img src="data:image/svg+xml;base64,{data}" alt="{words}"></p>'


def _log(part: Part) -> str:
    lines = log_lines(part)
    if not part["items"]:
        return ""
    return _folded(log_words(part), [_tag("pre", "\n".join(lines))])


def _source(part: Part) -> str:
    url, title = part["url"] or "", part["title"]
    link = _link(url, title or url or "source")
    if url and title and web_address(url) is None:
        link = _shown(f"{title} ({url})")
    return f'<li value="{int(part["number"])}">{link}</li>'


def _artifact(part: Part) -> str:
    data, inner = part["data"], [_tag("p", part["title"])] if part["title"] else []
    image = next((mime for mime in _IMAGES if _BASE64.fullmatch(data.get(mime, ""))), None)
    if image is not None:
        alt = _attribute(data.get("text/plain") or part["title"] or "picture")
        inner.append(f'<img src="data:{image};base64,{data[image]}" alt="{alt}">')
    elif "text/markdown" in data:
        inner.append(_markdown(data["text/markdown"]))
    else:
        inner.append(_tag("pre", data.get("text/plain") or ", ".join(data)))
    if part["omitted"]:
        inner.append(_tag("p", f"Left out: {', '.join(part['omitted'])}", "quiet"))
    return _wrap("div", inner)


def _notice(part: Part) -> str:
    word = notice_word(part)
    begin = f"<strong>{word}:</strong> " if word else ""
    return f"<blockquote><p>{begin}{_shown(part['message'])}</p></blockquote>"


def _error(part: Part) -> str:
    inner = [_tag("p", f"Error ({part['fault']}): {part['message']}")]
    inner += [_tag("p", part["hint"])] if part.get("hint") else []
    inner += [_folded("Details:", [_tag("pre", part["detail"])])] if part.get("detail") else []
    return _wrap("div", inner, "error")


def _ask(part: Part) -> str:
    inner = [_wrap("p", [_tag("strong", part["question"])])]
    inner += [_tag("pre", part["detail"])] if part.get("detail") else []
    options = [_tag("li", label) for label in part["options"]]
    inner += [_wrap("ul", options)] if options else []
    return _wrap("blockquote", [*inner, _tag("p", ask_words(part))])


def _knob(part: Part) -> str:
    return _tag("p", knob_words(part), "quiet")


def _other(part: Part) -> str:
    name, data = part.get("name") or part["kind"], part.get("data")
    return _folded(str(name), [_tag("pre", data if isinstance(data, str) else json_text(data))])


_WRITERS: dict[str, Callable[[Part], str]] = {
    "text": _text,
    "reasoning": _reasoning,
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
