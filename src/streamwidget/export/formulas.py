"""Formulas in Markdown, as rules for markdown-it: `$x$`, `$$x$$` and their TeX forms.

Prices such as `$5` and `$$$` stay text. The page has the same rules, in `js/src/markdown/parse/`.
"""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

MATH_CHARS = 5000
"""A longer formula is text."""

_TEX = re.compile(r"[\\^_={}+<>|\n]")
_PRICE = re.compile(r"\$+")
_FORMULA = re.compile(r"[^\W_]")


def math_inline(state: StateInline, silent: bool) -> bool:
    r"""Parse `$x$`, `$$x$$`, `\(x\)` and `\[x\]` within a paragraph."""
    marks = {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}
    two = state.src[state.pos : state.pos + 2]
    mark = two if two in marks else two[:1]
    if state.src.startswith("$$$", state.pos):  # a price
        end = _PRICE.match(state.src, state.pos).end()  # type: ignore[union-attr]
        if not silent:
            state.pending += state.src[state.pos : end]
        state.pos = end
        return True
    if mark != "$" and mark not in marks:
        return False
    begin = state.pos + len(mark)
    end = _formula_end(state, mark, marks.get(mark, "$"), begin)
    if end is None:
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content = state.src[begin:end].strip()
        token.meta = {"display": mark in ("$$", "\\[")}
    state.pos = end + len(marks.get(mark, "$"))
    return True


def _formula_end(state: StateInline, mark: str, close: str, begin: int) -> int | None:
    text = state.src
    if mark == "$" and re.match(r"[\s$]", text[begin : begin + 1]):
        return None
    end = _next_closer(state, close, begin)
    if not begin <= end <= min(begin + MATH_CHARS, state.posMax - len(close)):
        return None
    if mark == "$" and (text[end - 1].isspace() or text[end + 1 : end + 2].isdigit()):
        return None
    if mark == "$$" and not _is_formula(text[begin:end]):
        return None
    return end if _FORMULA.search(text, begin, end) else None


def _is_formula(text: str) -> bool:
    """True for a formula, not the words between two prices: beside spaces it needs TeX signs."""
    return text.strip() == text or _TEX.search(text) is not None


def _next_closer(state: StateInline, close: str, begin: int) -> int:
    """Return the next position of `close`; -1 if there is none. Searches no text twice."""
    known: dict[str, tuple[int, int]] = state.env.setdefault("sw_closers", {}).setdefault(
        state.src, {}
    )
    start, end = known.get(close, (begin + 1, 0))
    if start <= begin and (end == -1 or begin <= end):
        return end
    end = state.src.find(close, begin)
    while close == "$" and end > 0 and state.src[end - 1] == "\\":
        end = state.src.find(close, end + 1)
    while close == "$$" and end >= 0 and state.src.startswith("$$$", end):
        end = state.src.find(close, _PRICE.match(state.src, end).end())  # type: ignore[union-attr]
    known[close] = (begin, end)
    return end


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""Parse a formula between lines that begin with `$$` or `\[`; a blank line ends it."""
    if state.is_code_block(start):
        return False
    line = _line(state, start)
    opens = line.startswith("$$") or re.match(r"\\\[(?:\s|$)", line)
    closer = "$$" if line.startswith("$$") else "\\]"
    if not opens or closer in line[2:] or (silent and len(line) > 2):
        return False
    last = _closing_line(state, start + 1, end, closer)
    return last is not None and _push_formula(state, start, last, silent)


def _closing_line(state: StateBlock, begin: int, end: int, closer: str) -> int | None:
    """Return the first line from `begin` that ends with `closer`, in the same paragraph.

    A paragraph without one is searched once: the line where a failed search ended is kept, so
    that many lines which could open a formula do not each cost the rest of the paragraph.
    """
    key = (closer, state.blkIndent, end)
    vain: dict[tuple[str, int, int], int] = state.env.setdefault("sw_vain", {})
    last = begin
    if last <= vain.get(key, -1):
        return None
    while last < end and not state.isEmpty(last) and state.sCount[last] >= state.blkIndent:
        if _line(state, last).endswith(closer):
            return last
        last += 1
    vain[key] = last
    return None


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()


def _push_formula(state: StateBlock, start: int, last: int, silent: bool) -> bool:
    if not silent:
        token = state.push("math", "", 0)
        token.block = True
        token.content = "\n".join(_line(state, n) for n in range(start, last + 1))[2:-2].strip()
        token.meta = {"display": True}
        token.map = [start, last + 1]
        state.line = last + 1
    return True
