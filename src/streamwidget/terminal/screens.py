"""Where a run is printed: a terminal with rich, a terminal with plain lines, or a pipe."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, TextIO

from .transcript import Piece, Style

_ANSI: dict[Style, str] = {
    "text": "",
    "quiet": "2",
    "step": "1",
    "good": "32",
    "bad": "31",
    "warning": "33",
    "status": "2",
}
_RICH: dict[Style, str] = {
    "text": "",
    "quiet": "dim",
    "step": "bold",
    "good": "green",
    "bad": "red",
    "warning": "yellow",
    "status": "dim",
}


class Screen(Protocol):
    """Prints pieces in order."""

    def put(self, piece: Piece) -> None:
        """Write a piece."""

    def tick(self, status: str) -> None:
        """Show the progress of the run, where the screen can."""

    def hold(self) -> None:
        """Leave the terminal to something else, on a new line, until `resume`."""

    def resume(self) -> None:
        """Use the terminal again."""

    def close(self) -> None:
        """End the last line and restore the terminal."""


def screen_for(stream: TextIO) -> Screen:
    """Return the best screen for `stream`: rich's if it is installed and this is a terminal."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return PlainScreen(stream, colors=False)
    if find_spec("rich") is not None:
        return RichScreen(stream)
    return PlainScreen(stream, colors="NO_COLOR" not in os.environ and sys.platform != "win32")


class PlainScreen:
    """Text as it arrives, and a line for everything else; the status is not shown."""

    def __init__(self, stream: TextIO, *, colors: bool) -> None:
        self._stream, self._colors = stream, colors
        self._in_line = False

    def put(self, piece: Piece) -> None:
        """Write a piece at once."""
        if piece.style == "status":
            return
        text = self._painted(piece)
        if piece.is_line:
            text = f"{text}\n"
        if piece.is_line or piece.at_line_start:
            text = f"{self._line_end()}{text}"
        self._in_line = not text.endswith("\n")
        self._write(text)

    def tick(self, status: str) -> None:
        """Do nothing: each status would be another line."""

    def close(self) -> None:
        """End the last line."""
        self._write(self._line_end())
        self._in_line = False

    def hold(self) -> None:
        """End the line: something else is about to be written."""
        self._write(self._line_end())
        self._in_line = False

    def resume(self) -> None:
        """Do nothing: the next piece begins on its own line."""

    def _line_end(self) -> str:
        return "\n" if self._in_line else ""

    def _painted(self, piece: Piece) -> str:
        code = _ANSI[piece.style]
        return f"\x1b[{code}m{piece.text}\x1b[0m" if code and self._colors else piece.text

    def _write(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()


class RichScreen:
    """Complete lines above, the growing line and the status below, drawn by rich."""

    def __init__(self, stream: TextIO) -> None:
        self._text: Any = import_module("rich.text").Text
        console: Any = import_module("rich.console").Console(file=stream, highlight=False)
        self._console = console
        self._live: Any = import_module("rich.live").Live(
            console=console, auto_refresh=False, transient=True
        )
        self._live.start()
        self._line: list[Piece] = []
        self._status = self._bar = ""

    def put(self, piece: Piece) -> None:
        """Write complete lines, and keep the rest for the growing line."""
        if piece.style == "status":
            self._bar = piece.text
            return
        if piece.is_line:
            self._end_line()
            self._line.append(piece)
            self._end_line()
            return
        if piece.at_line_start:
            self._end_line()
        *whole, rest = piece.text.split("\n")
        for text in whole:
            self._line.append(Piece(text, piece.style))
            self._end_line(even_empty=True)
        if rest:
            self._line.append(Piece(rest, piece.style))

    def tick(self, status: str) -> None:
        """Draw the growing line and the status."""
        self._status = " · ".join(filter(None, [status, self._bar]))
        below = self._assembled(self._line)
        if self._line:
            below.append("\n")
        below.append(self._status, style="dim")
        self._live.update(below, refresh=True)

    def close(self) -> None:
        """Write the last line and remove the status."""
        self._end_line()
        self._live.update(self._text(""), refresh=True)
        self._live.stop()

    def hold(self) -> None:
        """Write the last line, and take the status away."""
        self._end_line()
        self._live.update(self._text(""), refresh=True)
        self._live.stop()

    def resume(self) -> None:
        """Show the status again with the next tick."""
        self._live.start()

    def _end_line(self, *, even_empty: bool = False) -> None:
        if self._line or even_empty:
            self._console.print(self._assembled(self._line), soft_wrap=True)
            self._line = []

    def _assembled(self, pieces: list[Piece]) -> Any:
        line = self._text()
        for piece in pieces:
            line.append(piece.text, style=_RICH[piece.style])
        return line


class SplitScreen:
    """The text to one stream, for a file or a pipe, and everything else to another screen."""

    def __init__(self, text: TextIO, rest: Screen) -> None:
        self._text, self._rest = PlainScreen(text, colors=False), rest

    def put(self, piece: Piece) -> None:
        """Write a piece to its stream."""
        is_text = piece.style == "text" and not piece.is_line
        (self._text if is_text else self._rest).put(piece)

    def tick(self, status: str) -> None:
        """Show the progress on the other screen."""
        self._rest.tick(status)

    def hold(self) -> None:
        """Hold both."""
        self._text.hold()
        self._rest.hold()

    def resume(self) -> None:
        """Resume both."""
        self._text.resume()
        self._rest.resume()

    def close(self) -> None:
        """Close both."""
        try:
            self._text.close()
        finally:  # rich must restore the terminal
            self._rest.close()
