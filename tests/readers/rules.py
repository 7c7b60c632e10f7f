"""The rules by which readers of notebooks change HTML, emulated, and the words that remain.

`jupyterlab` follows the tables of JupyterLab 4.6's `packages/apputils/src/sanitizer.ts`;
`code_host` removes every style, class, script and picture that is data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape
from html.parser import HTMLParser

TAGS = frozenset(
    [
        "a",
        "abbr",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "meter",
        "ol",
        "output",
        "p",
        "pre",
        "progress",
        "q",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
ATTRIBUTES = frozenset(
    [
        "class",
        "dir",
        "hidden",
        "id",
        "lang",
        "style",
        "title",
        "translate",
        "href",
        "rel",
        "target",
        "align",
        "open",
        "alt",
        "src",
        "height",
        "width",
        "start",
        "type",
        "value",
        "colspan",
        "rowspan",
        "scope",
    ]
)
_LENGTH = r"[+-]?\d+(?:\.\d+)?(?:px|em|rem|%)?"
_COLOR = r"(?:#[0-9a-fA-F]{3,8}|[a-z]+|rgba?\([\d., ]+\))"
STYLES = {
    "text-align": re.compile("left|right|center|justify"),
    "opacity": re.compile(r"\d+(?:\.\d+)?"),
    "margin-left": re.compile(_LENGTH),
    "padding-left": re.compile(_LENGTH),
    "border-left": re.compile(rf"{_LENGTH} (?:solid|dashed|dotted) {_COLOR}"),
}
VOID = frozenset({"br", "hr", "img", "wbr", "col"})
HIDDEN = frozenset({"script", "style", "title"})


class _Filter(HTMLParser):
    def __init__(self, keep: Callable[[str, str, str], str | None]) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.lost: list[str] = []
        self._keep = keep
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HIDDEN:
            self._hidden += 1
        if tag not in TAGS:
            self.lost.append(f"<{tag}>")
            return
        kept = []
        for name, value in attrs:
            new = self._keep(tag, name, value or "")
            if new is None:
                self.lost.append(f"<{tag} {name}={value!r}>")
            else:
                kept.append(f' {name}="{escape(new)}"')
        self.out.append(f"<{tag}{''.join(kept)}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self._hidden -= 1
        if tag in TAGS and tag not in VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.out.append(escape(data))


def jupyterlab(html: str) -> tuple[str, list[str]]:
    """Return what JupyterLab shows of an untrusted output, and what it removes."""
    return _filtered(html, _keep_of_jupyterlab)


def code_host(html: str) -> str:
    """Return what a code host shows: no style, no class, no script, no data."""
    return _filtered(html, _keep_of_code_host)[0]


def _filtered(html: str, keep: Callable[[str, str, str], str | None]) -> tuple[str, list[str]]:
    parser = _Filter(keep)
    parser.feed(html)
    parser.close()
    return "".join(parser.out), parser.lost


def _keep_of_jupyterlab(tag: str, name: str, value: str) -> str | None:
    if name not in ATTRIBUTES:
        return None
    if name == "style":
        kept = [part for part in value.split(";") if part and _style_is_kept(part)]
        return value if len(kept) == len([part for part in value.split(";") if part]) else None
    if name == "href" and not re.match(r"https?://|#", value):
        return None
    return value


def _style_is_kept(declaration: str) -> bool:
    name, _, value = declaration.partition(":")
    rule = STYLES.get(name.strip())
    return rule is not None and rule.fullmatch(value.strip()) is not None


def _keep_of_code_host(tag: str, name: str, value: str) -> str | None:
    if name in ("style", "class", "id") or value.startswith("data:"):
        return None
    return _keep_of_jupyterlab(tag, name, value)


class _Words(HTMLParser):
    """The text of HTML; blocks and cells end words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in HIDDEN
        self.text.append(f" {dict(attrs).get('alt') or ''} " if tag == "img" else "")
        if tag not in ("em", "strong", "code", "span", "a", "del", "sup", "sub"):
            self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in HIDDEN
        if tag not in ("em", "strong", "code", "span", "a", "del", "sup", "sub"):
            self.text.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text.append(data)


def words_of_html(html: str) -> list[str]:
    """The words that a reader of the HTML sees, in their order."""
    parser = _Words()
    parser.feed(html)
    parser.close()
    return words("".join(parser.text))


def words_of_markdown(markdown: str) -> list[str]:
    """The words of Markdown without its signs."""
    text = re.sub(r"\\([\\`*_\[\]<>|~$&])", r"\1", markdown)
    return words(text)


def words(text: str) -> list[str]:
    """Letters and digits, as words: signs of Markdown and of layout do not count."""
    return re.findall(r"[^\W_]+", text)


def missing(wanted: Iterable[str], seen: Iterable[str]) -> list[str]:
    """The words of `wanted` that are not among `seen`."""
    there = set(seen)
    return sorted({word for word in wanted if word not in there})
