"""Markdown as static HTML: safe whatever the text is, and the same Markdown as the page's."""

from __future__ import annotations

import json
import re
import time
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from streamwidget.export.addresses import address
from streamwidget.export.markdown import to_html
from unit.waiting import measured_again

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = ROOT / "tests" / "cases" / "hostile"
INLINE = ["a", "br", "code", "del", "em", "span", "strong", "sup"]
BLOCKS = ["blockquote", "div", "hr", "li", "ol", "p", "pre", "section", "ul"]
TABLES = ["table", "tbody", "td", "th", "thead", "tr"]
BARE = ["details", "kbd", "mark", "s", "sub", "summary", "u"]
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
ELEMENTS = {*INLINE, *BLOCKS, *TABLES, *BARE, *HEADINGS}
ATTRIBUTES = {
    "a": {"href", "rel", "target", "title"},
    "code": {"class"},
    "details": {"open"},
    "ol": {"start"},
    "section": {"class"},
    "span": {"class"},
    "td": {"align", "dir"},
    "th": {"align", "dir"},
    **{name: {"dir"} for name in ["li", "p", "summary", *HEADINGS]},
}
CLASSES = {"sw-host", "sw-image", "sw-math", "sw-notes"}
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Looker(HTMLParser):
    """Collects what must not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES.get(tag, set()):
                self.faults.append(f"<{tag} {name}={value!r}>")
            if name == "dir" and value != "auto":
                self.faults.append(f"dir {value}")
            if name == "class" and value not in CLASSES:
                self.faults.append(f"class {value}")
            if name == "href" and urlsplit(value or "").scheme not in {"http", "https", "mailto"}:
                self.faults.append(f"href {value}")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"instruction {data}")


def faults(html: str) -> list[str]:
    looker = Looker()
    looker.feed(html)
    looker.close()
    return looker.faults + [f"bidi {found!r}" for found in BIDI.findall(html)]


def payloads() -> list[Any]:
    files = sorted(HOSTILE.glob("*.json"))
    rows = [row for file in files for row in json.loads(file.read_text("utf-8"))]
    return [pytest.param(row, id=row["name"]) for row in rows]


def text_of(row: dict[str, Any]) -> str:
    if "text" in row:
        return str(row["text"])
    pieces: list[str] = []
    for one in row["repeat"]:
        if isinstance(one, int):
            pieces[-1] *= one
        else:
            pieces.append(one)
    return "".join(pieces)


MOST_CHARS = 8000
"""So much of a long payload is enough here: a search that costs the square of it takes seconds."""


@pytest.mark.parametrize("row", payloads())
@measured_again
def test_a_hostile_text_gives_nothing_but_what_is_allowed_and_in_time(row: dict[str, Any]) -> None:
    text = text_of(row)[:MOST_CHARS]
    began = time.process_time()
    html = to_html(text)
    assert time.process_time() - began < 2
    assert faults(html) == []
    cuts = range(len(text)) if len(text) < 400 else (len(text) // 3,)
    for cut in cuts:
        assert faults(to_html(text[:cut])) == []


def test_the_look_for_faults_finds_a_careless_renderer_out() -> None:
    rows = [param.values[0] for param in payloads()]
    found = sum(1 for row in rows if "text" in row and faults(row["text"].replace("&lt;", "<")))
    assert found > 30
    assert faults('<a href="javascript:x">') == ["href javascript:x"]
    assert faults("a\u202eb") == ["bidi '\\u202e'"]


@pytest.mark.parametrize("flood", ["[", "![", "a@b.", "$$\n", "http://a.b ", "www.a.b(", "- a\n"])
def test_the_time_for_a_flood_grows_with_its_length(flood: str) -> None:
    def seconds(chars: int) -> float:
        began = time.process_time()
        to_html(flood * (chars // len(flood)))
        return time.process_time() - began

    assert any(seconds(16_000) < 0.1 + 14 * seconds(2000) for _ in range(3))  # squared: 64


@pytest.mark.parametrize(
    ("raw", "href", "host"),
    [
        ("https://a.example/x", "https://a.example/x", "a.example"),
        ("HTTP://A.Example", "HTTP://A.Example", "a.example"),
        (
            "https://bank.example@evil.example/",
            "https://bank.example@evil.example/",
            "evil.example",
        ),
        ("https://a.example:8080/?q=ä b", "https://a.example:8080/?q=%C3%A4%20b", "a.example:8080"),
        ("https://bücher.example/", "https://b%C3%BCcher.example/", "xn--bcher-kva.example"),
        ("mailto:a@b.example?subject=x", "mailto:a@b.example?subject=x", "a@b.example"),
        ("https:evil.example", "https:evil.example", "evil.example"),
        ("ht\ttps://a.example", "https://a.example", "a.example"),
    ],
)
def test_an_address_that_is_let_through_says_where_it_leads(raw: str, href: str, host: str) -> None:
    found = address(raw)
    assert found is not None
    assert (found.href, found.host) == (href, host)


@pytest.mark.parametrize(
    "raw",
    ["", "x", "/x", "//x.y", "#x", "javascript:x", " java\nscript:x", "data:,x", "file:///x", "ftp://x.y",
     "http:", "https://", "https:///", "https://?x", "https://" + "a" * 5000, "http\u200b://x.y", "%68ttp://x"],
)  # fmt: skip
def test_every_other_address_is_refused(raw: str) -> None:
    assert address(raw) is None


def math(tex: str) -> str:
    return f'<code class="sw-math">{tex}</code>'


def link(href: str, words: str) -> str:
    rel = "noopener noreferrer nofollow"
    return f'<a href="{href}" rel="{rel}" target="_blank">{words}</a>'


def host(name: str) -> str:
    return f'<span class="sw-host">({name})</span>'


def notes(*items: str) -> str:
    inner = "".join(f"<li><p>{item}</p>\n</li>\n" for item in items)
    return f'<section class="sw-notes"><ol>\n{inner}</ol></section>\n'


BANK, SITE = "https://evil.example", "https://a.example/x"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("a **b** `c`", "<p>a <strong>b</strong> <code>c</code></p>\n"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"),
        ("![a *b*](https://x.y/z)", '<p><span class="sw-image">a b</span></p>\n'),
        ("$x$ and \\(y\\)", f"<p>{math('x')} and {math('y')}</p>\n"),
        ("$$\nx\n$$", f"<div>{math('x')}</div>\n"),
        ("costs $5 or $6", "<p>costs $5 or $6</p>\n"),
        ("- [x] a\n- [ ] b", "<ul><li>☑ a\n</li>\n<li>☐ b\n</li>\n</ul>\n"),
        ("[x](javascript:y)", "<p><span>x</span></p>\n"),
        ("a[^1]\n\n[^1]: b", f"<p>a<sup>1</sup></p>\n{notes('b')}"),
        ("~~a~~", "<p><del>a</del></p>\n"),
        (f"[bank]({BANK})", f"<p>{link(BANK, 'bank')} {host('evil.example')}</p>\n"),
        (f"{SITE}.", f"<p>{link(SITE, SITE)}.</p>\n"),
    ],
)
def test_markdown_becomes_html(text: str, html: str) -> None:
    assert to_html(text) == html


def rendering() -> list[Any]:
    path = ROOT / "tests" / "cases" / "markdown" / "rendering.json"
    rows: list[Any] = json.loads(path.read_text("utf-8"))
    return rows


@pytest.mark.parametrize("row", rendering(), ids=lambda row: row["name"])
def test_the_cases_of_the_page_are_rendered_alike(row: dict[str, str]) -> None:
    html = re.sub(r' (?:rel|target)="[^"]*"|\n', "", to_html(row["text"]))
    assert html == row["html"].replace("\n", "")


ALIKE = {
    "\u4ed6\u8bf4**\u201c\u597d\u201d**\u7136\u540e": "<strong>\u201c\u597d\u201d</strong>",
    "\u8fd9\u662f*\uff08\u5f3a\u8c03\uff09*\u7684": "<em>\uff08\u5f3a\u8c03\uff09</em>",
    "\u4ef7\u683c~~\uff08\u65e7\uff09~~\u65b0": "<del>\uff08\u65e7\uff09</del>",
    "\ud328**`npm`**\uc73c\ub85c": "<strong><code>npm</code></strong>",
    "so $$x = 1$$ holds": '<code class="sw-math">x = 1</code>',
    "a ~~~b~~~ c": "a ~~~b~~~ c",
    "<u>a **b</u> c**": "<p>&lt;u&gt;a <strong>b&lt;/u&gt; c</strong></p>",
    "`<sub>2</sub>`": "<code>&lt;sub&gt;2&lt;/sub&gt;</code>",
    "\u05e9\u05dc\u05d5\u05dd": '<p dir="auto">',
    "# \u0645\u0631\u062d\u0628\u0627": '<h1 dir="auto">',
    "- \u0645\u0631\u062d\u0628\u0627\n- b": '<li dir="auto">',
    "| \u0645\u0631\u062d\u0628\u0627 |\n|---|\n| b |": '<th dir="auto">',
    "(https://a.test/x\uff0c b)": '<a href="https://a.test/x"',
}


@pytest.mark.parametrize("text", ALIKE)
def test_text_is_rendered_as_people_write_it(text: str) -> None:
    assert ALIKE[text] in to_html(text)


def test_a_text_that_is_too_long_is_shown_as_it_is() -> None:
    assert to_html("<x>" * 1_000_000) == f"<pre>{escape('<x>' * 1_000_000)}</pre>\n"
