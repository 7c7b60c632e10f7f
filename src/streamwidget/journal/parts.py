"""The files of one journal, read as one: a long run continues in a second file, a third, and so on.

`run.jsonl` is followed by `run.2.jsonl`. Each begins with a header that names the run, and each but
the first with a snapshot, so that the oldest can be dropped. Where the first was dropped, its name
keeps the header alone. Offsets count through all files that are kept.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import DecodeError, UsageError
from .journal_lines import is_time_ms, parse_header

HEADER_BYTES = 64 * 1024
"""Longest header that is read."""
MARK_BYTES = 80
"""Beginning of a header that shows whether it is still the same file."""


@dataclass(frozen=True, slots=True)
class Part:
    """One open file of a journal."""

    path: Path
    file: BinaryIO
    header: Mapping[str, Any]
    head: bytes
    """The line of the header."""
    number: int
    base: int
    """Offset of its first byte."""

    @property
    def size(self) -> int:
        """Size of the file now, in bytes."""
        return os.fstat(self.file.fileno()).st_size

    @property
    def starts_ms(self) -> int:
        """Time of the run at which it begins, in milliseconds."""
        starts_ms = self.header.get("t_ms")
        return starts_ms if is_time_ms(starts_ms) else 0


class Parts:
    """The open files of a journal, oldest first. Not safe to use from several threads at once."""

    def __init__(self, path: Path) -> None:
        """Open all files of the journal that `path`, any of them, belongs to.

        Raises:
            UsageError: the file cannot be read.
            DecodeError: it is not a journal, or one of a later version.
        """
        self._parts: list[Part] = []
        try:
            self._open_all(path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close all files."""
        for part in self._parts:
            part.file.close()

    @property
    def first(self) -> Part:
        """The first file, or what is left of it."""
        return self._parts[0]

    @property
    def last(self) -> Part:
        """The file that is written to."""
        return self._parts[-1]

    @property
    def is_cut(self) -> bool:
        """True if the oldest events were dropped."""
        return self.first.number > 1 or (len(self._parts) > 1 and self._parts[1].number > 2)

    @property
    def starts_ms(self) -> int:
        """Time of the first event that is kept, in milliseconds."""
        return (self._parts[1] if self.is_cut and self.first.number == 1 else self.first).starts_ms

    @property
    def files(self) -> list[tuple[Path, int]]:
        """The path of each file, and the time of the run at which it begins, in milliseconds."""
        return [(part.path, part.starts_ms) for part in self._parts]

    @property
    def size(self) -> int:
        """Bytes in all files."""
        return self.last.base + self.last.size

    def base_of(self, offset: int) -> int:
        """Return where the file begins that an offset is in."""
        return self._part_at(offset).base

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes; fewer only at the end."""
        pieces: list[bytes] = []
        for at in range(self._parts.index(self._part_at(offset)), len(self._parts)):
            part = self._parts[at]
            part.file.seek(offset - part.base)
            most = self._parts[at + 1].base - offset if at + 1 < len(self._parts) else count
            while count > 0 and most > 0 and (piece := part.file.read(min(count, most))):
                pieces.append(piece)
                offset, count, most = offset + len(piece), count - len(piece), most - len(piece)
            if count <= 0:
                break
        return b"".join(pieces)

    def find_next(self) -> bool:
        """Open the next file if there is one by now."""
        following = self._open(self.last.number + 1)
        if following is not None:
            self._parts.append(following)
        return following is not None

    def is_left_behind(self) -> bool:
        """True if the next file was dropped before it was opened here, and there are later ones."""
        for number in numbers_of(self._base_path()):
            part = self._open(number) if number > self.last.number else None
            if part is not None:
                part.file.close()
                return True
        return False

    def is_same(self) -> bool:
        """True unless the file that is written to was emptied or replaced in place."""
        mark = self.last.head[:MARK_BYTES]
        self.last.file.seek(0)
        return self.last.file.read(len(mark)) == mark

    # --- inside

    def _open_all(self, path: Path) -> None:
        opened = _opened(path, 1, 0)
        if opened.number > 1:
            first = path.with_name(os.path.basename(str(opened.header.get("first") or path.name)))
            try:
                begun = _opened(first, 1, 0)
            except (DecodeError, UsageError):
                pass
            else:
                same = _is_same_run(begun.header, opened.header)
                opened, other = (begun, opened) if same else (opened, begun)
                other.file.close()
        self._parts.append(opened)
        if opened.header.get("dropped"):
            self._open_kept()
        while self.find_next():
            pass

    def _open_kept(self) -> None:
        """Open the oldest file that is kept after the first one was dropped."""
        for number in numbers_of(self._base_path()):
            if number > 1 and (part := self._open(number)) is not None:
                self._parts.append(part)
                return

    def _base_path(self) -> Path:
        first = self.first
        name = first.header.get("first") if first.number > 1 else None
        return first.path.with_name(os.path.basename(name)) if isinstance(name, str) else first.path

    def _open(self, number: int) -> Part | None:
        path = part_path(self._base_path(), number)
        try:
            part = _opened(path, number, 0)
        except (DecodeError, UsageError):
            return None  # there is none, it has just been created, or it is another file
        # only now: the file before is written to until this one exists
        part = replace(part, base=self.size)
        if part.number != number or not _is_same_run(part.header, self.first.header):
            part.file.close()
            return None
        return part

    def _part_at(self, offset: int) -> Part:
        place = bisect_right(self._parts, offset, key=lambda part: part.base)
        return self._parts[max(0, place - 1)]


def part_path(first: Path, number: int) -> Path:
    """Return the path of a file of the journal that begins in `first`; numbers count from 1."""
    return first if number == 1 else first.with_name(f"{first.stem}.{number}{first.suffix}")


def numbers_of(first: Path) -> list[int]:
    """Return the numbers beyond 1 that files beside `first` have, in order."""
    pattern = re.compile(re.escape(first.stem) + r"\.(\d{1,9})" + re.escape(first.suffix))
    try:
        names = os.listdir(first.parent)
    except OSError:
        return []
    matches = (pattern.fullmatch(name) for name in names)
    return sorted(int(match[1]) for match in matches if match is not None)


def _opened(path: Path, number: int, base: int) -> Part:
    try:
        file = path.open("rb", buffering=0)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path.name} cannot be read: {reason}.") from None
    try:
        head = _first_line(file)
        header = parse_header(head)
        own = header.get("part")
        if isinstance(own, int) and not isinstance(own, bool) and own > 0:
            number = own
        return Part(path, file, header, head, number, base)
    except BaseException:
        file.close()
        raise


def _first_line(file: BinaryIO) -> bytes:
    """The header; what there is of a line that is not complete is given too, for the error."""
    return file.read(HEADER_BYTES).partition(b"\n")[0] + b"\n"


def _is_same_run(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.get("run_id") is not None and one.get("run_id") == other.get("run_id")
