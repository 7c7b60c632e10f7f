"""Terminal output (bytes) to the text that a terminal would show.

Carriage return, backspace, erase and cursor movement edit a small model of the last rows of a
screen (`screen.py`). Colours, titles, hyperlinks, clipboard writes, character sets and private
modes are dropped: no escape sequence reaches the result.

Must not know progress bars, events or clocks. Pure.

Source: ECMA-48, fifth edition, section 5.4 (control sequences) and 8.3 (their meaning);
https://invisible-island.net/xterm/ctlseqs/ctlseqs.html (OSC, private modes).
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from .screen import Screen
from .screen_rows import Recogniser

SEQUENCE_CHARS: Final = 256
"""Longest control sequence that has an effect; longer ones are dropped."""

_PRELUDE_BYTES: Final = 12
"""Start of an AWS event stream, with a checksum: such output is not for a terminal."""

# String sequences (OSC, DCS, APC, PM, SOS) end at a line end too. A terminal would wait forever for
# the end of an unfinished one, and the rest of the output would be lost.
_BODY: Final = r"[^\x07\x0a\x18\x1a\x1b\x9c]*"
_BODY_END: Final = r"(?P<closed>\x07|\x1b\\|[\x18\x1a\x9c])?"
_SPECIAL: Final = re.compile(r"[\x00-\x08\x0b-\x1d\x1f\x7f\x90\x98\x9b-\x9f]")
_STYLE: Final = re.compile(
    r"\x1b(?:\[[\d;:]{0,200}m|[()*+][0-~]|[=>]|\[\?(?!(?:25|47|104[79])[hl;])[\d;]{1,200}[hl]"
    rf"|\]{_BODY}(?:\x07|\x1b\\))"
)
_TOKEN: Final = re.compile(
    r"(?P<text>[^\x00-\x08\x0a-\x1d\x1f\x7f\x90\x98\x9b-\x9f]+)"
    r"|(?P<line>[\n\x0b\x0c])"
    r"|(?P<back>\x08+)"
    r"|(?P<home>\r+)"
    r"|(?P<csi>(?:\x1b\[|\x9b)[ -?]*(?P<final>[@-~])?)"
    rf"|(?P<string>(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]){_BODY}{_BODY_END})"
    r"|(?P<escape>\x1b[ -/]*(?P<last>[0-~])?)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_ALTERNATE: Final = frozenset({"47", "1047", "1049"})
"""Private modes of the alternate screen."""
_CLOSED_BY: Final = {"csi": "final", "string": "closed", "escape": "last"}
_REST: Final = {
    "csi": re.compile(r"[ -?]*(?P<closed>[@-~])?"),
    "string": re.compile(_BODY + _BODY_END),
    "escape": re.compile(r"[ -/]*(?P<closed>[0-~])?"),
}
_CSI_PARTS: Final = re.compile(r"(?:\x1b\[|\x9b)([<-?]?)(\d{0,6})\d*[;:]?(\d{0,6})[ -?]*([@-~])")

Result = TypeVar("Result")


class Terminal(Generic[Result]):
    """A decoder from terminal output to bytes of text and results of the recogniser.

    The text and the last result of each bar do not depend on how the bytes are cut, but on where
    the output pauses, which the reader of the bytes reports. Bytes that are not UTF-8 pass
    unchanged. Memory is bounded (see `Screen`), and time is linear in the number of bytes.
    """

    def __init__(self, recogniser: Recogniser[Result]) -> None:
        self._recogniser = recogniser
        self._screen: Screen[Result] = Screen(recogniser)
        self._main: Screen[Result] | None = None
        """The normal screen, while a program draws on the alternate one."""
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._is_binary: bool | None = None
        """None until it is known."""
        self._start = b""
        """First bytes, while they may begin an AWS event stream."""
        self._unfinished = ""
        """The start of an incomplete sequence, at most `SEQUENCE_CHARS` long."""
        self._inside: str | None = None
        """Kind of the sequence whose rest is skipped; None: not inside one."""

    @property
    def is_holding(self) -> bool:
        """True if `settle` may return text."""
        return not self._is_binary and self._screen.is_holding

    def feed(self, piece: bytes, /) -> list[bytes | Result]:
        """Return the text and results that this piece completed."""
        if self._is_binary is None:
            piece = self._start + piece
            self._start = b""
            if piece.startswith(b"\0") and len(piece) < _PRELUDE_BYTES:
                self._start = piece
                return []
            self._is_binary = _is_event_stream(piece) if piece else None
        if self._is_binary:
            return [piece]
        self._read(self._decode(piece))
        self._screen.end_piece()
        return self._take_results()

    def pause(self) -> list[bytes | Result]:
        """Return the whole lines, because no more output is available at present.

        Until then they are held back, because the first drawing of several rows looks like lines.
        """
        (self._main or self._screen).show_ready()
        return self._take_results()

    def settle(self) -> list[bytes | Result]:
        """Return the text of an incomplete row, because the output has paused.

        If the row is redrawn after that, both this text and its last state remain.
        """
        self._screen.settle()
        return self._take_results()

    def flush(self) -> list[bytes | Result]:
        """Return the held-back text. An unfinished sequence is dropped."""
        self._read(self._decode(self._start, True))
        self._start = b""
        self._unfinished = ""
        self._inside = None
        if self._main is None:
            self._screen.finish()
            return self._screen.take_results()
        self._screen.take_results()
        self._main.finish()
        self._screen.finish()  # the program ended without leaving it: what it showed last
        return self._main.take_results() + self._screen.take_results()

    def _take_results(self) -> list[bytes | Result]:
        """Return the results of the normal screen; a full-screen program leaves none."""
        results = self._screen.take_results()
        return results if self._main is None else self._main.take_results()

    def _switch(self, to_alternate: bool) -> None:
        """Draw on an alternate screen, which disappears when the program leaves it."""
        if to_alternate and self._main is None:
            self._main, self._screen = self._screen, Screen(self._recogniser)
            self._screen.hold_all()
        elif not to_alternate and self._main is not None:
            self._screen, self._main = self._main, None

    def _read(self, text: str) -> None:
        text = self._unfinished + text
        self._unfinished = ""
        if self._inside is None:
            if self._read_lines(text):
                return
            # a piece that ends inside a sequence can be read quickly up to there
            at = text.rfind("\x1b")
            if at > 0 and self._read_lines(text[:at]):
                text = text[at:]
        for match in _TOKEN.finditer(text, self._skip_rest(text)):
            if not self._is_cut(match):
                self._apply(match)
            else:
                self._keep(match)
                break

    def _read_lines(self, text: str) -> bool:
        """Read `text` if its only sequences are styles, which is the usual, fast case."""
        if _SPECIAL.search(text):
            text = _STYLE.sub("", text)
            if _SPECIAL.search(text):
                return False
        return self._screen.append_lines(text)

    def _is_cut(self, match: re.Match[str]) -> bool:
        """True if more of the sequence may follow in the next piece."""
        kind = match.lastgroup or ""
        if kind not in _CLOSED_BY or match[_CLOSED_BY[kind]]:
            return False
        rest = match.string[match.end() : match.end() + 2]
        return not rest or (kind == "string" and rest == "\x1b")

    def _keep(self, match: re.Match[str]) -> None:
        if match.lastgroup == "string":
            self._inside = "string"
            self._unfinished = match.string[match.end() :]
        elif len(match[0]) > SEQUENCE_CHARS:
            self._inside = match.lastgroup
        else:
            self._unfinished = match[0]

    def _skip_rest(self, text: str) -> int:
        """Return the position in `text` after the sequence that is skipped."""
        if self._inside is None:
            return 0
        match = _REST[self._inside].match(text)
        assert match is not None
        rest = text[match.end() : match.end() + 2]
        if not match["closed"] and (not rest or (self._inside == "string" and rest == "\x1b")):
            self._unfinished = rest
            return len(text)
        self._inside = None
        return match.end()

    def _apply(self, match: re.Match[str]) -> None:
        screen, kind = self._screen, match.lastgroup
        if kind == "text":
            screen.write(match[0])
        elif kind == "line":
            screen.line_feed()
        elif kind == "home":
            screen.carriage_return()
        elif kind == "back":
            screen.move_left(len(match[0]))
        elif len(match[0]) > SEQUENCE_CHARS:
            return
        elif kind == "csi":
            self._control(match[0])
        elif kind == "escape" and match[0] in _ESCAPES:
            _ESCAPES[match[0]](screen)

    def _control(self, sequence: str) -> None:
        parts = _CSI_PARTS.fullmatch(sequence)
        if parts is None:
            return
        prefix, first, second, final = parts.groups()
        if prefix == "?" and first == "25" and final in "hl":
            self._screen.hide_cursor(final == "l")
        elif prefix == "?" and first in _ALTERNATE and final in "hl":
            self._switch(final == "h")
        elif not prefix and final in _CONTROLS:
            _CONTROLS[final](self._screen, int(first or 0), int(second or 0))


def without_sequences(text: str) -> str:
    """Return text without control sequences, for output that was cut into records."""
    if _SPECIAL.search(text) is None:
        return text
    kept = ("text", "line")
    return "".join(match[0] for match in _TOKEN.finditer(text) if match.lastgroup in kept)


def _is_event_stream(piece: bytes) -> bool:
    """True if `piece` begins with two lengths and their CRC-32, all big-endian.

    Source: AWS, event stream encoding.
    """
    checksum = int.from_bytes(piece[8:_PRELUDE_BYTES], "big")
    return piece.startswith(b"\0") and zlib.crc32(piece[:8]) == checksum


_CONTROLS: Final[dict[str, Callable[..., None]]] = {
    "A": lambda screen, count, _: screen.move_up(count or 1),
    "B": lambda screen, count, _: screen.move_down(count or 1),
    "C": lambda screen, count, _: screen.move_right(count or 1),
    "D": lambda screen, count, _: screen.move_left(count or 1),
    "E": lambda screen, count, _: screen.move_down(count or 1, to_start=True),
    "F": lambda screen, count, _: screen.move_up(count or 1, to_start=True),
    "G": lambda screen, column, _: screen.move_to_column((column or 1) - 1),
    "H": lambda screen, row, column: screen.move_to((row or 1) - 1, (column or 1) - 1),
    "J": lambda screen, mode, _: screen.erase_display(mode),
    "K": lambda screen, mode, _: screen.erase_line(mode),
    "P": lambda screen, count, _: screen.delete(count or 1),
    "X": lambda screen, count, _: screen.blank(count or 1),
    "@": lambda screen, count, _: screen.insert(count or 1),
    "a": lambda screen, count, _: screen.move_right(count or 1),
    "b": lambda screen, count, _: screen.repeat(count or 1),
    "e": lambda screen, count, _: screen.move_down(count or 1),
    "f": lambda screen, row, column: screen.move_to((row or 1) - 1, (column or 1) - 1),
    "s": lambda screen, *_: screen.save_cursor(),
    "u": lambda screen, *_: screen.restore_cursor(),
    "`": lambda screen, column, _: screen.move_to_column((column or 1) - 1),
}
"""Effects of control sequences by their final character; all others do not change the text."""
_ESCAPES: Final[dict[str, Callable[..., None]]] = {
    "\x1b7": lambda screen: screen.save_cursor(),
    "\x1b8": lambda screen: screen.restore_cursor(),
    "\x1bD": lambda screen: screen.line_feed(),
    "\x1bE": lambda screen: screen.line_feed(),
    "\x1bM": lambda screen: screen.move_up(1),
    "\x1bc": lambda screen: screen.reset(),
}
