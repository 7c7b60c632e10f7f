"""Detects whether the process that writes a journal is still running.

The writer holds an advisory lock on the file; the system releases it when the process ends, however
it ends. Without such locks the state of the writer is unknown.

A forked child inherits the open file and with it the lock, so it closes its copy at once: otherwise
a child that outlives the writer would make a dead run look live.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]
if not hasattr(fcntl, "flock"):  # in a browser the module exists without its locks
    fcntl = None  # type: ignore[assignment]

Writer: TypeAlias = Literal["live", "ended", "unknown"]

_held: dict[int, tuple[int, int]] = {}
"""Descriptors of the files that this process writes, and the device and inode of each. A number
that was closed may belong to another file by now, so it counts only while it is the same file."""


def writer_facts() -> dict[str, Any]:
    """Return what identifies this process in a header."""
    return {"pid": os.getpid(), "host": socket.gethostname(), "locked": fcntl is not None}


def hold(descriptor: int) -> None:
    """Mark a file as being written, until it is closed or this process ends."""
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # a file system without locks
        for number in [number for number in _held if _file_of(number) != _held[number]]:
            del _held[number]
        file = _file_of(descriptor)
        if file is not None:
            _held[descriptor] = file


def has_open(pid: int, descriptor: int) -> bool:
    """Return whether a process has the same file open; True where the system does not show it.

    Its process ID alone is not enough: another process may have it by now.
    """
    folder = f"/proc/{pid}/fd"
    if not os.path.isdir("/proc/self/fd"):
        return True
    try:
        numbers = os.listdir(folder)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # a process of another user
    file = _file_of(descriptor)
    return any(_file_of(f"{folder}/{number}") == file for number in numbers)


def _file_of(file: int | str) -> tuple[int, int] | None:
    """Return the device and the inode of an open file or a path; None if there is none."""
    try:
        facts = os.stat(file)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _give_up() -> None:
    """Close the inherited locks in a forked child, without unlocking them for the writer.

    The number stays open, on the null device: closing it later closes no other file, and
    what the child writes to it cannot reach the journal.
    """
    numbers = [number for number, file in _held.items() if _file_of(number) == file]
    _held.clear()
    if numbers:
        null = os.open(os.devnull, os.O_RDWR)
        for number in numbers:
            os.dup2(null, number, inheritable=False)
        os.close(null)


if fcntl is not None:
    os.register_at_fork(after_in_child=_give_up)


def writer_of(descriptor: int, header: Mapping[str, Any]) -> Writer:
    """Return whether the writer still runs: a lock of another machine may not be visible here."""
    if fcntl is None or not header.get("locked"):
        return "unknown"
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return "live"
    except OSError:
        return "unknown"
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return "ended" if header.get("host") == socket.gethostname() else "unknown"
