"""A document as HTML that is safe wherever it is opened: no script, no request, nobody's style.

Every element is made by `_tag`, which escapes all text and all attributes; pictures are data of
four known types. The page forbids all else to itself by its content security policy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from importlib import import_module

from ..document.cells import json_text
from .as_markdown import ROWS_COUNT, log_lines
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
    series_of,
    step_words,
)

_IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]+")
_ADDRESS = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]\S*)?", re.IGNORECASE)
_TURNING = {code: f"[U+{code:04X}]" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
body {
  font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
  color: #1f2328; background: #fff;
}
table { border-collapse: collapse; font-size: 0.9em; }
td, th { padding: 0.25rem 0.75rem; border-bottom: 1px solid #d8dee4; text-align: left; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
pre { overflow: auto; padding: 0.75rem; background: #f6f8fa; white-space: pre-wrap; }
blockquote, .step { margin: 0; padding-left: 1rem; border-left: 3px solid #d8dee4; }
.error { border-left: 3px solid #cf222e; padding-left: 1rem; }
.quiet { color: #59636e; }
img { max-width: 100%; }
@media (prefers-color-scheme: dark) {
  body { color: #e6edf3; background: #0d1117; }
  pre { background: #161b22; }
  td, th, blockquote, .step { border-color: #30363d; }
  .quiet { color: #9198a1; }
}
"""
_COLORS = ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#6e7781")


def to_page(reading: Reading) -> str:
    """The whole document as a page of its own."""
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">',
        '<meta name="viewport" content="width=device-width">',
        _tag("title", reading.title or "Stream"),
        f"<style>{_STYLE}</style>",
    ]
    page = ['<!doctype html>\n<html lang="en">\n<head>', *head, "</head>\n<body>"]
    return "\n".join([*page, to_fragment(reading), "</body>\n</html>\n"])


def to_fragment(reading: Reading) -> str:
    """The whole document as one element."""
    parts = [_tag("h1", reading.title)] if reading.title else []
    parts += [_tag("p", reading.sentence, cls="quiet")] if reading.sentence else []
    parts += [_node(node) for node in reading.nodes]
    if reading.sources:
        parts.append(_wrap("ol", [_source(part) for part in reading.sources]))
    return _wrap("article", parts)


def _tag(name: str, text: object, cls: str = "") -> str:
    """An element with a text."""
    return f"<{name}{_class(cls)}>{_shown(text)}</{name}>"


def _shown(text: object) -> str:
    """`text` for an element or an attribute; what would turn its direction is written out."""
    return escape(str(text)).translate(_TURNING)


def _wrap(name: str, inner: Sequence[str], cls: str = "") -> str:
    """An element around elements."""
    return "\n".join([f"<{name}{_class(cls)}>", *filter(None, inner), f"</{name}>"])


def _class(cls: str) -> str:
    return f' class="{cls}"' if cls else ""


def _node(node: Node) -> str:
    if node.kind == "step":
        inner = [_tag("p", step_words(node.part), "name"), *map(_node, node.children)]
        return _wrap("div", inner, "step")
    return _WRITERS.get(node.kind, _other)(node.part)


def _markdown(text: str) -> str:
    """Markdown as HTML, where its renderer is there; else the text as it came."""
    try:
        render: Callable[[str], str] = import_module(".markdown", __package__).to_html
    except ImportError:
        return _tag("pre", text)
    return render(text)


def _text(part: Part) -> str:
    if part.get("plain"):
        return _tag("pre", part["text"])
    return _wrap("div", [_markdown(part["text"])])


def _folded(summary: str, inner: Sequence[str]) -> str:
    return _wrap("details", [_tag("summary", summary), *inner])


def _reasoning(part: Part) -> str:
    took = seconds(part.get("started_s"), part.get("ended_s"))
    return _folded(f"Reasoning {took}".rstrip(), [_wrap("blockquote", [_markdown(part["text"])])])


def _progress(part: Part) -> str:
    return _tag("p", progress_words(part), "quiet")


def _tool_call(part: Part) -> str:
    took = seconds(part.get("started_s"), part.get("ended_s"))
    inner = [_tag("pre", part["text"])] if part["text"].strip() else []
    if part["result"] is not None:
        word = "Error" if part["is_error"] else "Result"
        inner += [_tag("p", word), _tag("pre", part["result"])]
    return _folded(f"Tool call: {part['tool_name'] or 'unnamed'} {took}".rstrip(), inner)


def _table(part: Part) -> str:
    rows = part["items"][:ROWS_COUNT]
    kinds = ["n" if one["type"] in ("number", "integer") else "" for one in part["columns"]]
    heads = [_tag("th", name, cls) for name, cls in zip(column_names(part), kinds, strict=True)]
    lines = [_wrap("tr", [_cell(*pair) for pair in zip(row, kinds)]) for row in rows]  # noqa: B905
    caption = _tag("caption", f"{part['name']} ({rows_words(part, len(rows))})")
    return _wrap("table", [caption, _wrap("thead", [_wrap("tr", heads)]), _wrap("tbody", lines)])


def _cell(cell: object, cls: str) -> str:
    if isinstance(cell, str) and _ADDRESS.fullmatch(cell):
        return f"<td{_class(cls)}>{_link(cell, cell)}</td>"
    return _tag("td", cell_text(cell), cls)


def _link(url: object, text: object) -> str:
    """A link to a web address; anything else is only its text."""
    if not isinstance(url, str) or not _ADDRESS.fullmatch(url):
        return _shown(text)
    return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow">{_shown(text)}</a>'


def _value(part: Part) -> str:
    return _wrap("div", [_tag("p", part["name"]), _tag("pre", part["text"])])


def _metric(part: Part) -> str:
    told = [
        f"{name}: {number(last)} ({number(least)} to {number(greatest)})"
        for name, last, least, greatest in zip(
            part["series"], part["last"], part["min"], part["max"], strict=True
        )
    ]
    head = _tag("p", f"{part['name']} ({part['point_count']:,} points)")
    return _wrap("div", [head, _chart(part), _tag("p", "; ".join(told), "quiet")])


def _chart(part: Part) -> str:
    """A small line chart, made from numbers only."""
    series = series_of(part)
    xs = [x for _, points in series for x, y in points if y is not None]
    ys = [y for _, points in series for _, y in points if y is not None]
    if not xs:
        return ""
    lines = [
        f'<path fill="none" stroke="{_COLORS[at % len(_COLORS)]}" stroke-width="1.5" d="{path}"/>'
        for at, (_, points) in enumerate(series)
        if (path := _path(points, min(xs), max(xs), min(ys), max(ys)))
    ]
    shown = "".join(lines)
    return f'<svg viewBox="0 0 400 100" width="400" height="100" role="img">{shown}</svg>'


def _path(
    points: Sequence[tuple[float, float | None]], left: float, right: float, low: float, high: float
) -> str:
    path, pen = [], "M"
    for x, y in sorted(points, key=lambda point: point[0]):
        if y is None:
            pen = "M"
            continue
        across = 400 * ((x - left) / (right - left) if right > left else 0.5)
        down = 95 - 90 * ((y - low) / (high - low) if high > low else 0.5)
        path.append(f"{pen}{across:.1f} {down:.1f}")
        pen = "L"
    return "".join(path)


def _log(part: Part) -> str:
    lines = log_lines(part)
    return _folded(f"Log ({part['line_count']:,} lines)", [_tag("pre", "\n".join(lines))])


def _source(part: Part) -> str:
    told = _link(part["url"], part["title"] or part["url"] or "source")
    return f'<li value="{int(part["number"])}">{told}</li>'


def _artifact(part: Part) -> str:
    data, inner = part["data"], [_tag("p", part["title"])] if part["title"] else []
    image = next((mime for mime in _IMAGES if _BASE64.fullmatch(data.get(mime, ""))), None)
    if image is not None:
        alt = _shown(part["title"] or "picture")
        inner.append(f'<img src="data:{image};base64,{data[image]}" alt="{alt}">')
    elif "text/markdown" in data:
        inner.append(_markdown(data["text/markdown"]))
    else:
        inner.append(_tag("pre", data.get("text/plain") or ", ".join(data)))
    if part["omitted"]:
        inner.append(_tag("p", f"Left out: {', '.join(part['omitted'])}", "quiet"))
    return _wrap("div", inner)


def _notice(part: Part) -> str:
    return _tag("p", part["message"], "quiet")


def _error(part: Part) -> str:
    inner = [_tag("p", f"Error ({part['fault']}): {part['message']}")]
    inner += [_tag("p", part["hint"])] if part.get("hint") else []
    inner += [_folded("Details", [_tag("pre", part["detail"])])] if part.get("detail") else []
    return _wrap("div", inner, "error")


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
}
