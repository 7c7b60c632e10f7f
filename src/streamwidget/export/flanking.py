"""Rules of Markdown for every script: emphasis without spaces, and direction.

Emphasis follows CommonMark 0.31.2, section 6.2, with the CJK-friendly amendment: punctuation of
Chinese, Japanese and Korean does not prevent emphasis, and one of their characters beside other
punctuation counts as a space does. The page has the same rules, in
`js/src/markdown/parse/delimiters.ts`.

Source: https://github.com/tats-u/markdown-cjk-friendly.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter, Scanned

_CJK: Final = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fd5\u3000-\u30ff\u3100-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff9f\uffa0-\uffdc\uffe0-\uffe6"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
_SPACES: Final = frozenset("\t\n\v\f\r\x85\u2028\u2029\ufeff")
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
CJK_PUNCTUATION: Final = (
    "\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
    "\u2018\u2019\u201c\u201d\u2026"
)
"""Characters that end an address, for a class of a regular expression."""


def is_right_to_left(text: str) -> bool:
    """True if `text` has a letter of a script that is written from right to left."""
    return _RIGHT_TO_LEFT.search(text) is not None


def scan_run(state: StateInline) -> Scanned:
    """Return the run of delimiters at the current position, and whether it opens and closes."""
    text, start = state.src, state.pos
    end = start + 1
    while end < state.posMax and text[end] == text[start]:
        end += 1
    before = text[start - 1] if start else ""
    after = text[end] if end < state.posMax else ""
    opens, closes = _flanking(text[start], before, after)
    return Scanned(opens, closes, end - start)


def emphasis(state: StateInline, silent: bool) -> bool:
    """Read a run of `*` or `_` as delimiters, as markdown-it's own rule does."""
    marker = state.src[state.pos]
    if silent or marker not in "_*":
        return False
    run = scan_run(state)
    for _ in range(run.length):
        state.push("text", "", 0).content = marker
        at = len(state.tokens) - 1
        state.delimiters.append(
            Delimiter(ord(marker), run.length, at, -1, run.can_open, run.can_close)
        )
    state.pos += run.length
    return True


def _flanking(marker: str, before: str, after: str) -> tuple[bool, bool]:
    cjk_before, cjk_after = bool(_CJK.match(before)), bool(_CJK.match(after))
    mark_before = not cjk_before and _is_mark(before)
    mark_after = not cjk_after and _is_mark(after)
    space_before, space_after = _is_space(before), _is_space(after)
    left = not space_after and (not mark_after or space_before or mark_before or cjk_before)
    right = not space_before and (not mark_before or space_after or mark_after or cjk_after)
    if marker != "_":
        return left, right
    return left and (not right or mark_before), right and (not left or mark_after)


def _is_space(character: str) -> bool:
    return not character or character in _SPACES or category(character) == "Zs"


def _is_mark(character: str) -> bool:
    return bool(character) and category(character)[0] in "PS"
