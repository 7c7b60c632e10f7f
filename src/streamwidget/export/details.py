"""`<details>` over several blocks of Markdown, as rules for markdown-it.

A line that begins with the bare tag opens it, `</details>` at the start of a line or after the last
words of a paragraph ends it. Without an end tag it is open, for then it may hold all the rest. The
page has the same rules, in `js/src/markdown/parse/block-starts.ts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

_DETAILS: Final = re.compile(r"<details>(?!.*</details>)", re.IGNORECASE)
_SUMMARY: Final = re.compile(r"<summary>", re.IGNORECASE)
_SUMMARY_END: Final = re.compile(r"</summary>", re.IGNORECASE)
_END: Final = re.compile(r"</details>", re.IGNORECASE)
_TAIL: Final = re.compile(r"[ \t]*</details>[ \t]*$", re.IGNORECASE)
_OPEN: Final = "sw_details"
"""The key of the open `details` in the environment of a parse."""


@dataclass(slots=True)
class _Details:
    """One that is open."""

    level: int
    """Of the blocks directly in it."""
    next_line: int | None = None
    """The line after its end tag; None: it is still open."""


def extend(parser: MarkdownIt) -> None:
    """Add the rules to `parser`."""
    interrupts: RuleOptionsType = {"alt": ["paragraph", "blockquote", "list", "table"]}
    parser.block.ruler.before("heading", "sw_details", _begin, interrupts)
    parser.block.ruler.before("heading", "sw_details_end", _end, interrupts)
    parser.block.ruler.before("paragraph", "sw_details_tail", _tail)


def _begin(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start) or not _DETAILS.match(_text(state, start)):
        return False
    if silent:
        return True
    token = state.push("sw_details_open", "details", 1)
    details = _Details(state.level)
    opened: list[_Details] = state.env.setdefault(_OPEN, [])
    opened.append(details)
    _skip(state, start, "<details>")
    state.line = _summary(state, start, end)
    state.md.block.tokenize(state, state.line, end)
    opened.pop()
    if details.next_line is None:
        token.meta = {"open": True}
    else:
        state.line = details.next_line
    state.push("sw_details_close", "details", -1)
    return True


def _summary(state: StateBlock, start: int, end: int) -> int:
    """Read the summary, if it is next; return the line at which the content begins."""
    line = state.skipEmptyLines(start)
    if line >= end or state.is_code_block(line) or not _SUMMARY.match(_text(state, line)):
        return line
    _skip(state, line, "<summary>")
    lines: list[str] = []
    while line < end and not (lines and state.isEmpty(line)):
        text = _text(state, line)
        closing = _SUMMARY_END.search(text)
        lines.append((text[: closing.start()] if closing else text).strip())
        if closing:
            _skip(state, line, text[: closing.end()])
            break
        line += 1
    state.push("sw_summary_open", "summary", 1)
    token = state.push("inline", "", 0)
    token.content, token.children = "\n".join(lines), []
    token.map = [start, line]
    state.push("sw_summary_close", "summary", -1)
    return line


def _end(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    opened: list[_Details] = state.env.get(_OPEN) or []
    if not opened or state.is_code_block(start) or not _END.match(_text(state, start)):
        return False
    is_direct = state.level == opened[-1].level
    if silent:
        return is_direct or 0 <= state.sCount[start] < state.blkIndent  # outside of a list in it
    if not is_direct:
        return False
    _skip(state, start, "</details>")
    opened[-1].next_line = start + 1 if state.isEmpty(start) else start
    state.line = end  # ends the loop over the blocks in it
    return True


def _tail(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a paragraph with an end tag after its last words."""
    opened: list[_Details] = state.env.get(_OPEN) or []
    if not opened or state.level != opened[-1].level or silent:
        return False
    line = start
    while not _is_tail(_text(state, line)):
        line += 1
        if line >= end or state.isEmpty(line) or _interrupted(state, line, end):
            return False
    content = state.getLines(start, line + 1, state.blkIndent, False)
    state.push("paragraph_open", "p", 1)
    token = state.push("inline", "", 0)
    token.content, token.children = _TAIL.sub("", content).strip(), []
    token.map = [start, line + 1]
    state.push("paragraph_close", "p", -1)
    opened[-1].next_line = line + 1
    state.line = end
    return True


def _is_tail(text: str) -> bool:
    return _TAIL.search(text) is not None and "<details>" not in text.lower()


def _interrupted(state: StateBlock, line: int, end: int) -> bool:
    rules = state.md.block.ruler.getRules("paragraph")
    return any(rule(state, line, end, True) for rule in rules)


def _text(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _skip(state: StateBlock, line: int, text: str) -> None:
    """Let `line` begin after `text`."""
    begin = state.bMarks[line] + state.tShift[line] + len(text)
    rest = state.src[begin : state.eMarks[line]]
    spaces = len(rest) - len(rest.lstrip(" \t"))
    state.bMarks[line], state.tShift[line] = begin, spaces
    state.sCount[line] = state.blkIndent + spaces
