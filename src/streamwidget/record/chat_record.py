"""Makes the record of a chat: each question as a quotation, with its answer below it. Pure.

If not all of it fits, the oldest turns are left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import excerpt
from ..export.as_markdown import source_lines
from ..export.tree import Part, Reading, read
from ..phrases import counted
from .bounds import DIGEST_BYTES, HTML_BYTES, LADDER, NAME_CHARS, Bounds
from .cut import Omitted, cut_parts, cut_text
from .make import Facts, Record, rest_words, written

_READABLE = LADDER[:4]
"""Bounds of several turns: rather fewer turns than less of each."""
_LINE_CHARS = 300
"""Of a question or an answer in the digest."""
_EXPLAINED = frozenset({"finished", "failed"})
"""States that need no sentence: the answer is there, or an error says why it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTurn:
    """One question with its answer."""

    question: str
    status: str
    sentence: str
    """How the answer ended, or its progress."""
    parts: Sequence[Part]
    """The document of the answer, as wire values."""
    journal: str | None = None


def make_chat(facts: Facts, turns: Sequence[ChatTurn]) -> Record:
    """Return the record of a chat with `turns`, in their order."""
    return written(facts, _readings(facts, turns), _digest(facts, turns))


def whole(title: str, sentence: str, turns: Sequence[ChatTurn]) -> Reading:
    """Return a chat without any cut, ready for a writer."""
    parts = [part for at, turn in enumerate(turns, 1) for part in _turn_parts(at, turn, turn.parts)]
    return read(title, sentence, parts)


# --- from the longest reading to the shortest


def _readings(facts: Facts, turns: Sequence[ChatTurn]) -> Iterator[Reading]:
    """Yield readings that may fit, by their estimated sizes: most turns of a long chat cannot, and
    writing them would take seconds."""
    count = len(turns)
    last: list[Part] = []
    while count:
        for bounds in LADDER if count == 1 else _READABLE:
            if count == 1 or _estimated_bytes(turns[-count:], bounds) <= HTML_BYTES:
                parts = _parts(turns, count, bounds)
                if parts != last:  # short answers are not cut by the next bounds either
                    yield read(facts.title[:NAME_CHARS], facts.sentence, parts)
                last = parts
        count //= 2
    yield read(facts.title[:NAME_CHARS], facts.sentence, _parts(turns, 0, LADDER[-1]))


def _estimated_bytes(turns: Sequence[ChatTurn], bounds: Bounds) -> int:
    """Return about how many bytes of HTML the turns take; never much more than they do."""
    return sum(
        min(len(turn.question), bounds.text_chars)
        + sum(min(len(str(part.get("text", ""))), bounds.text_chars) for part in turn.parts)
        for turn in turns
    )


def _parts(turns: Sequence[ChatTurn], newest_count: int, bounds: Bounds) -> list[Part]:
    """Return the newest turns, with a note before them that counts the others."""
    first = len(turns) - newest_count
    share = dataclasses.replace(bounds, pictures_bytes=bounds.pictures_bytes // max(1, len(turns)))
    parts = (
        _note("left-out", f"Left out in this record: {counted(first, 'turn')}.") if first else []
    )
    for at, turn in enumerate(turns[first:], first + 1):
        kept, omitted = cut_parts(turn.parts, share)
        parts += _turn_parts(at, _cut_question(turn, share, omitted), kept)
        words = rest_words(omitted, turn.journal)
        parts += _note(f"turn-{at}.rest", words) if words else []
    return parts


def _cut_question(turn: ChatTurn, bounds: Bounds, omitted: Omitted) -> ChatTurn:
    return dataclasses.replace(turn, question=cut_text(turn.question, bounds.text_chars, omitted))


def _turn_parts(at: int, turn: ChatTurn, parts: Sequence[Part]) -> list[Part]:
    """Return the question as a quotation, the answer, its citations as text, and how it ended."""
    name = f"turn-{at}"
    quoted = "\n".join(f"> {line}".rstrip() for line in turn.question.splitlines() or [""])
    shown: list[Part] = [{"id": name, "kind": "text", "text": quoted, "step_id": None}]
    shown += [_moved(part, name) for part in parts if part["kind"] != "source"]
    sources = [part for part in parts if part["kind"] == "source"]
    if sources:
        text = source_lines(sources)
        shown.append({"id": f"{name}.sources", "kind": "text", "text": text, "step_id": None})
    if turn.status not in _EXPLAINED:
        shown += _note(f"{name}.end", turn.sentence)
    return shown


def _moved(part: Part, name: str) -> Part:
    """Return a part with IDs that are unique in the whole chat."""
    moved = {**part, "id": f"{name}.{part['id']}"}
    for key in ("step_id", "parent_id"):
        if part.get(key):
            moved[key] = f"{name}.{part[key]}"
    return moved


def _note(part_id: str, words: str) -> list[Part]:
    return [{"id": part_id, "kind": "notice", "level": "info", "message": words, "at_s": None}]


# --- for programs


def _digest(facts: Facts, turns: Sequence[ChatTurn]) -> str:
    """Return the newest turns, one line for each question and each answer, oldest first."""
    head = "\n".join([facts.title, facts.sentence, f"status: {facts.status}"])
    room = DIGEST_BYTES - len(head.encode()) - _LINE_CHARS
    lines: list[str] = []
    for left, turn in zip(range(len(turns) - 1, -1, -1), reversed(turns), strict=True):
        both = _question_and_answer(turn)
        room -= len(both.encode()) + 1
        if room < 0:
            lines.append(f"… {counted(left + 1, 'earlier turn')}")
            break
        lines.append(both)
    return "\n".join([head, *reversed(lines)])


def _question_and_answer(turn: ChatTurn) -> str:
    text = "".join(str(part["text"]) for part in turn.parts if part["kind"] == "text")
    answer = excerpt(text, _LINE_CHARS) or turn.sentence
    state = "" if turn.status in _EXPLAINED else f" [{turn.status}]"
    return f"Q: {excerpt(turn.question, _LINE_CHARS)}\nA: {answer}{state}"
