"""Extensions of CommonMark as rules for markdown-it: autolinks, strikethrough and task lists.

The page has the same rules, in `js/src/markdown/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, image, link
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from .flanking import CJK_PUNCTUATION, emphasis, scan_run
from .formulas import math_block, math_inline
from .tags import match_tags, read_tag

_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_BRACKET = re.compile(r"\\.|[\[\]]", re.DOTALL)
_RUN = re.compile(rf"[^\s<{CJK_PUNCTUATION}]*")
_TRAILING = re.compile(r"[?!.,:*_~'\"]$")
_ENTITY = re.compile(r"&[A-Za-z0-9]+;$")
_SCHEME = re.compile(r"(?<![^\W_])https?$", re.IGNORECASE)
_BARE = re.compile(
    r"(?:(?<=[\s*_~(])|^)(?P<www>www\.)"
    r"|[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+(?<![_-])(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)
_TASK = re.compile(r"\[([ \txX])\](?=\s+\S)")


def extend(parser: MarkdownIt) -> None:
    """Add the rules to `parser`."""
    parser.inline.ruler.before("text", "sw_url", _url)
    parser.inline.ruler.before("escape", "sw_math", math_inline)
    parser.inline.ruler.before("autolink", "sw_tag", read_tag)
    parser.inline.ruler.at("emphasis", emphasis)
    parser.inline.ruler.at("strikethrough", _tildes)
    parser.inline.ruler2.at("strikethrough", _struck)
    parser.block.ruler.before("fence", "sw_math", math_block, {"alt": ["paragraph"]})
    parser.core.ruler.after("block", "sw_tasks", _tasks)
    parser.core.ruler.before("text_join", "sw_tags", match_tags)
    parser.core.ruler.before("text_join", "sw_bare", _bare)
    for name, rule in (("link", link), ("image", image)):
        parser.inline.ruler.at(name, _sparing(rule))


# --- addresses in the text


def _url(state: StateInline, silent: bool) -> bool:
    """Parse `http://` and `https://` links; the scheme itself is in the pending text."""
    before = state.src[max(0, state.pos - 6) : state.pos]
    if not state.src.startswith("://", state.pos) or state.linkLevel or not _SCHEME.search(before):
        return False
    scheme = _SCHEME.search(state.pending[-6:])
    address = _scan_address(state.src, state.pos + 3, state.posMax)
    if scheme is None or address is None:
        return False
    if not silent:
        begin = scheme.group()
        state.pending = state.pending[: -len(begin)]
        _push_link(state, f"{begin}://{address}", f"{begin}://{address}")
    state.pos += 3 + len(address)
    return True


def _push_link(state: StateInline, href: str, words: str) -> None:
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = words
    state.push("link_close", "a", -1)


def _scan_address(text: str, start: int, end: int) -> str | None:
    """Return the rest of an address whose domain begins at `start`; None if it is not valid."""
    domain = _DOMAIN.match(text, start, min(end, start + 512))
    if domain is None or not _is_domain(domain.group()):
        return None
    run = _RUN.match(text, start, end)
    value = _trimmed(run.group() if run else "")
    return value if len(value) >= len(domain.group()) - 1 else None


def _is_domain(domain: str) -> bool:
    segments = domain.rstrip("._-").split(".")
    return len(segments) > 1 and not any("_" in segment for segment in segments[-2:])


def _trimmed(run: str) -> str:
    """Return `run` without trailing punctuation, unmatched closing parentheses and an entity."""
    end = len(run)
    surplus = run.count(")") - run.count("(")
    while end:
        last = run[end - 1]
        if _TRAILING.match(last):
            end -= 1
        elif last == ")" and surplus > 0:
            surplus -= 1
            end -= 1
        elif last == ";":
            entity = _ENTITY.search(run, max(0, end - 40), end)
            end -= len(entity.group()) if entity else 1
        else:
            break
    return run[:end]


def _bare(state: StateCore) -> None:
    """Turn `www.` and mail addresses outside of links into links."""
    for block in state.tokens:
        if block.type == "inline" and block.children and _BARE.search(block.content):
            block.children = _with_bare(block.children)


def _with_bare(tokens: list[Token]) -> list[Token]:
    out: list[Token] = []
    inside = 0
    for token in tokens:
        inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        out.extend([token] if inside or token.type != "text" else _split(token))
    return out


def _split(token: Token) -> list[Token]:
    out: list[Token] = []
    text, done = token.content, 0
    for start in _BARE.finditer(text):
        at = start.start()
        if at < done:
            continue
        words = _scan_address(text, at, len(text)) if start["www"] else start.group()
        if words is None:
            continue
        out.append(_text(token, text[done:at]))
        href = f"http://{words}" if start["www"] else f"mailto:{words}"
        link = Token("link_open", "a", 1, attrs={"href": href}, level=token.level)
        out += [link, _text(token, words), Token("link_close", "a", -1, level=token.level)]
        done = at + len(words)
    return [*out, _text(token, text[done:])]


def _text(like: Token, content: str) -> Token:
    return Token("text", "", 0, content=content, level=like.level)


# --- brackets

MANY_BRACKETS = 1000
"""In a text with more of them, a link holds no brackets nested deeper than `DEEP_BRACKETS`: each
opening one costs a search for its end, which is deep where they nest."""

DEEP_BRACKETS = 8

_Rule = Callable[[StateInline, bool], bool]


def _sparing(rule: _Rule) -> _Rule:
    """Return `rule`, limited to brackets that can begin a link or an image."""

    def spared(state: StateInline, silent: bool) -> bool:
        at = state.src.find("[", state.pos, state.pos + 2)
        if at < 0 or at not in _openers(state):
            return False
        return rule(state, silent)

    return spared


class _All:
    def __contains__(self, _: object) -> bool:
        return True


def _openers(state: StateInline) -> Container[int]:
    known: dict[str, Container[int]] = state.env.setdefault("sw_openers", {})
    if state.src not in known:
        many = state.src.count("[") > MANY_BRACKETS
        known[state.src] = _shallow_openers(state.src) if many else _All()
    return known[state.src]


def _shallow_openers(text: str) -> set[int]:
    """Return the positions of brackets that are closed and nest less than `DEEP_BRACKETS` deep."""
    places: set[int] = set()
    stack: list[list[int]] = []  # place, and how deep the brackets in it nest
    for bracket in _BRACKET.finditer(text):
        if bracket.group() == "[":
            stack.append([bracket.start(), 0])
        elif bracket.group() == "]" and stack:
            place, depth = stack.pop()
            if depth < DEEP_BRACKETS:
                places.add(place)
            if stack:
                stack[-1][1] = max(stack[-1][1], depth + 1)
    return places


# --- strikethrough

_TILDES = ord("~") << 2
"""Marks our own delimiters, so that markdown-it's rules for `~` skip them."""


def _tildes(state: StateInline, silent: bool) -> bool:
    """Strike text between two tildes on each side; one tilde is "about" or a range."""
    if silent or state.src[state.pos] != "~":
        return False
    run = scan_run(state)
    state.push("text", "", 0).content = "~" * run.length
    if run.length == 2:
        ends = Delimiter(_TILDES, 2, len(state.tokens) - 1, -1, run.can_open, run.can_close)
        state.delimiters.append(ends)
    state.pos += run.length
    return True


def _struck(state: StateInline) -> None:
    _strike(state, state.delimiters)
    for meta in state.tokens_meta:
        if meta and "delimiters" in meta:
            _strike(state, meta["delimiters"])


def _strike(state: StateInline, delimiters: list[Delimiter]) -> None:
    for opener in delimiters:
        if opener.marker != _TILDES or opener.end == -1:
            continue
        closer = delimiters[opener.end]
        for end, nesting in ((opener, 1), (closer, -1)):
            token = state.tokens[end.token]
            token.type = "s_open" if nesting == 1 else "s_close"
            token.tag, token.content = "s", ""
            token.nesting = 1 if nesting == 1 else -1


# --- tasks


def _tasks(state: StateCore) -> None:
    """Mark list items that begin with `[ ]` or `[x]` as tasks."""
    tokens: list[Any] = state.tokens
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if (item.type, paragraph.type) != ("list_item_open", "paragraph_open"):
            continue
        task = _TASK.match(inline.content)
        if task:
            paragraph.meta["done"] = task[1] in "xX"
            inline.content = inline.content[3:]
