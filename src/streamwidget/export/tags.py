"""Bare tags in Markdown that become elements: `<br>`, `<sub>` and others, without attributes.

A tag with attributes, an unclosed tag and any other tag stays text. The page has the same rules, in
`js/src/markdown/parse/inline-parser.ts`.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_TAG: Final = re.compile(
    r"<(?:(?P<br>br) */?|(?P<slash>/?)(?P<name>sub|sup|kbd|mark|u|s|details|summary))>",
    re.IGNORECASE,
)
TAGS_COUNT: Final = 100
"""Most tags that can be open at the same time; further ones are text."""


def read_tag(state: StateInline, silent: bool) -> bool:
    """Parse a bare tag as a token, which `match_tags` turns into an element or text."""
    tag = _TAG.match(state.src, state.pos, state.posMax)
    if tag is None:
        return False
    if not silent:
        token = state.push("sw_break" if tag["br"] else "sw_tag", "", 0)
        token.content = tag[0]
        token.meta = {"name": (tag["name"] or "").lower(), "closes": bool(tag["slash"])}
    state.pos = tag.end()
    return True


def match_tags(state: StateCore) -> None:
    """Turn tags that are closed inside the same element into elements."""
    for block in state.tokens:
        if block.type == "inline" and block.children and "<" in block.content:
            _match(block.children)


def _match(tokens: list[Token]) -> None:
    levels: list[list[Token]] = [[]]
    """Open tags of each element around the current place."""
    for token in tokens:
        if token.nesting == 1:
            levels.append([])
        elif token.nesting == -1 and len(levels) > 1:
            levels.pop()
        elif token.type == "sw_tag" and not token.meta["closes"]:
            if len(levels[-1]) < TAGS_COUNT:
                levels[-1].append(token)
        elif token.type == "sw_tag":
            _close(levels[-1], token)
    for token in tokens:
        if token.type == "sw_tag":
            token.type = "text"


def _close(opened: list[Token], token: Token) -> None:
    names = [other.meta["name"] for other in opened]
    if token.meta["name"] not in names:
        return
    at = len(names) - 1 - names[::-1].index(token.meta["name"])
    for end, nesting in ((opened[at], 1), (token, -1)):
        end.type = "sw_tag_open" if nesting == 1 else "sw_tag_close"
        end.tag, end.content = token.meta["name"], ""
        end.nesting = 1 if nesting == 1 else -1
    del opened[at:]
