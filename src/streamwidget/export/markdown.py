"""Markdown as static HTML that is safe wherever it is shown: no script, no style, no request.

For places without a widget: the static record in a saved notebook, and `to_html`. The rules for
Markdown and links are those of the page (`js/src/markdown/`, `js/src/safety.ts`);
`tests/unit/test_markdown_export.py` lists the differences. All elements and attributes come from
the code below: raw HTML but for bare tags (`tags.py`) is shown as text, an image as its alternative
text, and no name, class or style is taken from the text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from . import details
from .addresses import address, names_host, show_bidi
from .flanking import is_right_to_left
from .syntax import extend

MOST_CHARS = 2_000_000
"""Longer text is shown unchanged: parsing it would block the caller for seconds."""

NESTING_COUNT = 100
TITLE_CHARS = 500

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "summary"}
_PLAIN = {
    "blockquote": "blockquote",
    "bullet_list": "ul",
    "em": "em",
    "s": "del",
    "strong": "strong",
    "table": "table",
    "tbody": "tbody",
    "thead": "thead",
    "tr": "tr",
}


def to_html(text: str) -> str:
    """Return `text` as HTML, a sequence of blocks. Never raises."""
    if len(text) > MOST_CHARS:
        return f"<pre>{escape(text)}</pre>\n"
    try:
        return _render(_parser().parse(text, {}))
    except RecursionError:
        return f"<pre>{escape(text)}</pre>\n"


@cache
def _parser() -> MarkdownIt:
    options = {"html": False, "maxNesting": NESTING_COUNT}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    parser.use(footnote_plugin, inline=False)
    parser.disable(["html_block", "html_inline"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign] # noqa: ARG005
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    extend(parser)
    details.extend(parser)
    return parser


def _render(tokens: list[Token]) -> str:
    out: list[str] = []
    closing: list[str] = []
    for at, token in enumerate(tokens):
        if token.nesting == 1:
            begin, end = _element(token, tokens, at)
            out.append(begin)
            closing.append(end)
        elif token.nesting == -1:
            out.append(closing.pop())
        elif token.type == "inline":
            out.append(_render(token.children or []))
        else:
            out.append(_LEAVES.get(token.type, _unknown)(token))
    return "".join(out)


# --- elements with something in them


def _element(token: Token, tokens: list[Token], at: int) -> tuple[str, str]:
    """Return the opening and the closing tag of the element that `token` opens."""
    kind = token.type.removesuffix("_open")
    name = _PLAIN.get(kind)
    if name:
        return _tags(name, block=token.block)
    make = _OPENERS.get(kind)
    return make(token, tokens, at) if make else ("", "")


def _tags(name: str, attributes: str = "", *, block: bool = True) -> tuple[str, str]:
    return f"<{name}{attributes}>", f"</{name}>" + ("\n" if block else "")


def _direction(tokens: list[Token], at: int) -> str:
    """Return the attribute of a block with text that is written from right to left."""
    words = next((token.content for token in tokens[at + 1 : at + 3] if token.type == "inline"), "")
    return ' dir="auto"' if is_right_to_left(words) else ""


def _bare_tag(token: Token, _: list[Token], __: int) -> tuple[str, str]:
    return _tags(token.tag, block=False)


def _details(token: Token, _tokens: list[Token], _at: int) -> tuple[str, str]:
    return _tags("details", " open" if token.meta else "")


def _paragraph(token: Token, tokens: list[Token], at: int) -> tuple[str, str]:
    done = token.meta.get("done")
    box = "" if done is None else "☑" if done else "☐"
    return (
        (box, "\n")
        if token.hidden
        else (
            f"<p{_direction(tokens, at)}>{box}",
            "</p>\n",
        )
    )


def _heading(token: Token, tokens: list[Token], at: int) -> tuple[str, str]:
    name = token.tag if token.tag in _HEADINGS else "h6"
    return _tags(name, _direction(tokens, at))


def _ordered(token: Token, _: list[Token], __: int) -> tuple[str, str]:
    start = token.attrs.get("start", 1)
    return _tags("ol", "" if start == 1 else f' start="{int(start)}"')


def _cell(token: Token, tokens: list[Token], at: int) -> tuple[str, str]:
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    side = side if side in {"left", "center", "right"} else ""
    attributes = (f' align="{side}"' if side else "") + _direction(tokens, at)
    return _tags("th" if token.type == "th_open" else "td", attributes)


def _item(_: Token, tokens: list[Token], at: int) -> tuple[str, str]:
    return _tags("li", _direction(tokens, at))


def _notes(_: Token, __: list[Token], ___: int) -> tuple[str, str]:
    return '<section class="sw-notes"><ol>\n', "</ol></section>\n"


def _link(token: Token, tokens: list[Token], at: int) -> tuple[str, str]:
    target = address(str(token.attrs.get("href", "")))
    if target is None:
        return "<span>", "</span>"
    title = show_bidi(str(token.attrs.get("title", "")))[:TITLE_CHARS]
    begin = f'<a href="{escape(target.href)}" rel="noopener noreferrer nofollow" target="_blank"'
    begin += f' title="{escape(title)}">' if title else ">"
    host = f' <span class="sw-host">({escape(target.host)})</span>'
    return begin, "</a>" + ("" if names_host(_words(tokens, at), target) else host)


def _words(tokens: list[Token], at: int) -> str:
    """Return the text of the link that begins at token `at`."""
    words: list[str] = []
    for token in tokens[at + 1 :]:
        if token.type == "link_close":
            break
        words.append(token.content)
    return "".join(words)


_OPENERS: dict[str, Callable[[Token, list[Token], int], tuple[str, str]]] = {
    "footnote": _item,
    "footnote_block": _notes,
    "heading": _heading,
    "link": _link,
    "list_item": _item,
    "ordered_list": _ordered,
    "paragraph": _paragraph,
    "sw_details": _details,
    "sw_summary": _heading,
    "sw_tag": _bare_tag,
    "td": _cell,
    "th": _cell,
}


# --- leaves


def _text(token: Token) -> str:
    return escape(show_bidi(token.content), quote=False)


def _code(token: Token) -> str:
    return f"<code>{_text(token)}</code>"


def _code_block(token: Token) -> str:
    return f"<pre><code>{_text(token)}</code></pre>\n"


def _math(token: Token) -> str:
    source = f'<code class="sw-math">{_text(token)}</code>'
    return f"<div>{source}</div>\n" if token.block else source


def _image(token: Token) -> str:
    words = "".join(child.content for child in token.children or []) or token.content
    return f'<span class="sw-image">{escape(show_bidi(words)) or "image"}</span>'


def _reference(token: Token) -> str:
    return f"<sup>{int(token.meta['id']) + 1}</sup>"


def _unknown(token: Token) -> str:
    return _text(token)


_LEAVES: dict[str, Callable[[Token], str]] = {
    "code_block": _code_block,
    "code_inline": _code,
    "fence": _code_block,
    "footnote_anchor": lambda _: "",
    "footnote_ref": _reference,
    "hardbreak": lambda _: "<br>\n",
    "hr": lambda _: "<hr>\n",
    "image": _image,
    "math": _math,
    "sw_break": lambda _: "<br>",
    "softbreak": lambda _: "\n",
    "text": _text,
}
