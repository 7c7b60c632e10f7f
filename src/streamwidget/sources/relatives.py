"""Processes that a command has started outside of its process group. Linux only.

A process that calls `setsid` leaves the group that a stop ends. It is found as a descendant or, if
its parent has ended, by the pipe to which it can still write. Other systems have no `/proc`: there
nothing is found, and such a process survives a stop.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

_PROC = "/proc"


@dataclass(frozen=True, slots=True)
class Relative:
    """One process; its start time distinguishes it from a later one with the same number."""

    pid: int
    started: str

    def signal(self, number: int) -> bool:
        """Send a signal; True if the process exists. Signal 0 only checks."""
        entry = _entry(self.pid)
        if entry is None or entry.started != self.started or entry.state == "Z":
            return False
        try:
            os.kill(self.pid, number)
        except OSError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Entry:
    pid: int
    parent: int
    group: int
    state: str
    started: str


def relatives(pid: int, pipes: set[str]) -> set[Relative]:
    """Return descendants of `pid` and writers to `pipes` that are outside of the group `pid`.

    `pipes` are names such as `pipe:[12345]`. This process is never among them.
    """
    entries = {entry.pid: entry for entry in _entries()}
    family = _descendants(pid, entries) | {
        other for other in entries if other != os.getpid() and _writes_to(other, pipes)
    }
    outside = (entries[other] for other in family if entries[other].group != pid)
    return {Relative(entry.pid, entry.started) for entry in outside}


def _descendants(pid: int, entries: dict[int, _Entry]) -> set[int]:
    children: dict[int, list[int]] = {}
    for entry in entries.values():
        children.setdefault(entry.parent, []).append(entry.pid)
    family: set[int] = set()
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            if child not in family:
                family.add(child)
                waiting.append(child)
    return family


def _entries() -> Iterator[_Entry]:
    try:
        names = os.listdir(_PROC)
    except OSError:
        return
    for name in names:
        if name.isdigit() and (entry := _entry(int(name))) is not None:
            yield entry


def _entry(pid: int) -> _Entry | None:
    """Return the process; None if it has ended. Source: proc_pid_stat(5), fields 3 to 5 and 22."""
    try:
        with open(f"{_PROC}/{pid}/stat", "rb") as file:
            # the program's name is in parentheses, and may contain spaces and parentheses
            fields = file.read().rpartition(b")")[2].decode("ascii").split()
        return _Entry(pid, int(fields[1]), int(fields[2]), fields[0], fields[19])
    except (OSError, ValueError, IndexError):  # has ended
        return None


def _writes_to(pid: int, pipes: set[str]) -> bool:
    """True if a descriptor of the process is the writing end of one of `pipes`.

    Our own forked children may hold the reading end, and are not relatives of the command.
    """
    if not pipes:
        return False
    folder = f"{_PROC}/{pid}/fd"
    try:
        for name in os.listdir(folder):
            path = f"{folder}/{name}"
            if os.readlink(path) in pipes and os.lstat(path).st_mode & stat.S_IWUSR:
                return True
    except OSError:  # ended meanwhile, or of another user
        pass
    return False
