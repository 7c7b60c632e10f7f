"""Markdown as static HTML that is safe wherever it is shown: no script, no style, no request.

For what has no widget: the static record in a saved notebook, `to_html`. What is Markdown and
what may be a link is decided by the rules of the page (`js/src/markdown/`, `js/src/safety.ts`);
where the two differ, `tests/unit/test_markdown_export.py` names the case. Elements and attributes
come from the code below only: raw HTML is text, images are their words, and no name, class or style
comes from the text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from .addresses import address, names_host, show_bidi
from .syntax import extend

MOST_CHARS = 2_000_000
"""Longer text is shown as it is: parsing it would hold up whoever asked for seconds."""

NESTING_COUNT = 100
TITLE_CHARS = 500

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
    """`text` as HTML: a sequence of blocks. Never raises, whatever `text` is."""
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
    """The opening and the closing tag of what `token` opens."""
    kind = token.type.removesuffix("_open")
    name = _PLAIN.get(kind)
    if name:
        return _tags(name, block=token.block)
    make = _OPENERS.get(kind)
    return make(token, tokens, at) if make else ("", "")


def _tags(name: str, attributes: str = "", *, block: bool = True) -> tuple[str, str]:
    return f"<{name}{attributes}>", f"</{name}>" + ("\n" if block else "")


def _paragraph(token: Token, _: list[Token], __: int) -> tuple[str, str]:
    done = token.meta.get("done")
    box = "" if done is None else "☑" if done else "☐"
    return (box, "\n") if token.hidden else (f"<p>{box}", "</p>\n")


def _heading(token: Token, _: list[Token], __: int) -> tuple[str, str]:
    return _tags(token.tag if token.tag in {"h1", "h2", "h3", "h4", "h5", "h6"} else "h6")


def _ordered(token: Token, _: list[Token], __: int) -> tuple[str, str]:
    start = token.attrs.get("start", 1)
    return _tags("ol", "" if start == 1 else f' start="{int(start)}"')


def _cell(token: Token, _: list[Token], __: int) -> tuple[str, str]:
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    side = side if side in {"left", "center", "right"} else ""
    return _tags("th" if token.type == "th_open" else "td", f' align="{side}"' if side else "")


def _item(_: Token, __: list[Token], ___: int) -> tuple[str, str]:
    return _tags("li")


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
    """The text of the link that begins at `at`."""
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
    "softbreak": lambda _: "\n",
    "text": _text,
}
