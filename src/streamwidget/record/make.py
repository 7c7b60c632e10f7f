"""Makes the record of a run from its document: HTML, Markdown, plain text and a digest. Pure.

All forms are written from one cut of the document, so they hold the same words; what is left out
is counted, and the end says where the rest is. The same document gives the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..characters import clean
from ..export.addresses import harmless
from ..export.as_html import fragment_pieces
from ..export.as_markdown import to_markdown
from ..export.tree import Part, Reading, read
from ..phrases import counted
from .bounds import DIGEST_BYTES, HTML_BYTES, LADDER, NAME_CHARS, TEXT_BYTES, Bounds
from .cut import Omitted, cut_parts
from .digest import digest

_LEVEL = 3
"""Level of the title's heading: a notebook's own headings stand above it."""
_NEEDLESS = re.compile(
    r"\n+(?=<(?:t[dh]|/(?:tr|li|ul|ol|thead|tbody|table|div|details|blockquote))[ >])"
)
"""Line ends before these tags: a notebook file spends 15 bytes on each line. In code every `<` is
escaped, so none of them is part of a text."""
_FETCHES = frozenset({"image", "html_inline", "html_block"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts about the run that are not in its document."""

    title: str
    sentence: str
    """How the run ended, or its progress."""
    status: str
    run_id: str
    journal: str | None = None
    """Path of the journal with all events of the run; None: there is none."""


@dataclass(frozen=True, slots=True)
class Record:
    """One run as a cell's output."""

    html: str
    """At most `HTML_BYTES`; needs no style sheet, script, request or widget."""
    text: str
    """Markdown of at most `TEXT_BYTES`, which may be cut further than the HTML; showing it never
    loads anything."""
    digest: str
    """At most `DIGEST_BYTES`, for programs."""
    metadata: dict[str, object]
    """`v`, `run`, `journal`, `status`, and the SHA-256 of the HTML."""

    @property
    def data(self) -> dict[str, str]:
        """The MIME bundle of the output."""
        return {
            "text/html": self.html,
            "text/llm+plain": self.digest,
            "text/markdown": self.text,
            "text/plain": self.text,
        }

    @property
    def output_metadata(self) -> dict[str, object]:
        """The metadata of the output."""
        return {"streamwidget": self.metadata}


def make(facts: Facts, parts: Sequence[Part]) -> Record:
    """Return the record of the run whose document has `parts` (wire values, in their order)."""
    head = [facts.title, facts.sentence, f"status: {facts.status}"]
    tail = [f"All events: {facts.journal}"] if facts.journal else []
    return written(facts, _readings(facts, parts), digest(head, parts, tail))


def written(facts: Facts, readings: Iterable[Reading], digest: str) -> Record:
    """Return the record whose forms are the first of `readings` that fit.

    Each reading is shorter than the previous one, and the last one fits.
    """
    shortened = iter(readings)
    digest = _within_digest(digest)
    html, reading = "", None
    for reading in shortened:
        html = _html(reading)
        if _bytes(html) <= HTML_BYTES:
            break
    text = _markdown(reading) if reading else ""
    while _bytes(text) > TEXT_BYTES:
        reading = next(shortened, None)
        text = _markdown(reading) if reading else digest
    return Record(html, text, digest, _metadata(facts, html))


def _html(reading: Reading) -> str:
    """Return the HTML of a reading, or of its beginning if that alone is too long."""
    pieces: list[str] = []
    size = 0
    for piece in fragment_pieces(reading, level=_LEVEL):
        pieces.append(_NEEDLESS.sub("", clean(piece)))
        size += _bytes(pieces[-1])
        if size > HTML_BYTES:
            break
    return _NEEDLESS.sub("", "\n".join(pieces))


def _readings(facts: Facts, parts: Sequence[Part]) -> Iterator[Reading]:
    for bounds in LADDER:
        yield _reading(facts, parts, bounds)
    everything = rest(Counter(part=len(parts)), facts.journal)
    yield read(facts.title[:NAME_CHARS], facts.sentence, everything)


def _reading(facts: Facts, parts: Sequence[Part], bounds: Bounds) -> Reading:
    kept, omitted = cut_parts(parts, bounds)
    kept += rest(omitted, facts.journal)
    return read(facts.title[:NAME_CHARS], facts.sentence, kept)


def rest(omitted: Omitted, journal: str | None) -> list[Part]:
    """Return a notice that says what is left out and where it is; none if nothing is left out."""
    words = rest_words(omitted, journal)
    if not words:
        return []
    return [{"id": "rest", "kind": "notice", "level": "info", "message": words, "at_s": None}]


def rest_words(omitted: Omitted, journal: str | None) -> str:
    """Return what is left out and where it can be found; "" if nothing is left out."""
    counts = [counted(count, noun) for noun, count in omitted.items() if count > 0]
    if not counts:
        return f"The journal of this run: {journal}" if journal else ""
    where = (
        f"The whole run is in {journal}."
        if journal
        else "The notebook has only this; view.to_jsonl(path) writes the whole run."
    )
    return f"Left out in this record: {', '.join(counts)}. {where}"


def _markdown(reading: Reading) -> str:
    for part in _all_parts(reading):
        if part["kind"] == "text" and not part.get("plain"):
            part["fenced"] = _fetches(part["text"])  # type: ignore[index]
        elif part["kind"] == "artifact" and "text/markdown" in part["data"]:
            part["fenced"] = _fetches(part["data"]["text/markdown"])  # type: ignore[index]
        elif part["kind"] == "reasoning":
            part["fenced"] = _fetches(part["text"])  # type: ignore[index]
    return harmless(clean(to_markdown(reading, level=_LEVEL)))


def _all_parts(reading: Reading) -> Iterator[Part]:
    pending = list(reading.nodes)
    while pending:
        node = pending.pop()
        yield node.part
        pending += node.children


def _fetches(text: str) -> bool:
    """True if Markdown has an image or HTML, for which a viewer might load something."""
    if "![" not in text and "<" not in text:
        return False
    from markdown_it import MarkdownIt  # an import of 50 ms that few runs need

    try:
        tokens = MarkdownIt("commonmark").parse(text)
    except RecursionError:
        return True
    found = {token.type for token in tokens}
    found |= {child.type for token in tokens for child in token.children or ()}
    return bool(found & _FETCHES)


def _within_digest(text: str) -> str:
    return harmless(clean(text)).encode()[:DIGEST_BYTES].decode("utf-8", "ignore")


def _metadata(facts: Facts, html: str) -> dict[str, object]:
    return {
        "v": 1,
        "run": facts.run_id,
        "journal": facts.journal,
        "sha256": hashlib.sha256(html.encode()).hexdigest(),
        "status": facts.status,
    }


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
