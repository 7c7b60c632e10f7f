"""One running command: its output, and the end of every process that it started.

Knows processes, not events.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import sys
from collections import deque
from collections.abc import Callable
from typing import Final

from .relatives import Relative, relatives

TERM_WAIT_S: Final = 1.0
"""Time from SIGTERM to SIGKILL: half of `Limits.close_timeout_s`, so that a stop includes both."""
REST_WAIT_S: Final = 0.2
"""The same after the command has ended and its output is closed. The rest of the group may have
ended without being reaped: the first process of many containers reaps nothing."""
KILL_WAIT_S: Final = 0.5
"""Longest wait for a killed command; one that is blocked in the kernel takes longer."""
POLL_S: Final = 0.01
"""Time between two checks of the group: the system reports only the end of its leader."""
UNREAD_BYTES: Final = 1024 * 1024
"""Output held for a slow reader; beyond it the pipes stay full, and the command waits."""
STDOUT, STDERR = 1, 2


class Child(asyncio.SubprocessProtocol):
    """One running command: its output in the order of arrival, and the end of its family."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, bytes]] = deque()
        self._unread_bytes = 0
        self._is_paused = False
        self._is_over = False
        self._leaves_background = False
        self._is_closing = False
        self._changed = asyncio.Event()
        self._others: set[Relative] = set()
        """Processes outside the group that a stop ends too."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport of the started command; called by asyncio."""
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        self._group = transport.get_pid()
        # the loop's thread is a daemon: without this, a command would outlive its kernel
        atexit.register(self._signal_at_exit)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Queue output, and pause the pipes if the reader is slow; called by asyncio."""
        if self._is_closing:
            return
        self._chunks.append((fd, data))
        self._unread_bytes += len(data)
        if self._unread_bytes > UNREAD_BYTES and not self._is_paused:
            self._pause(True)
        self._changed.set()

    def process_exited(self) -> None:
        """Wake the reader; called by asyncio."""
        self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Mark the end of the command and its output; called by asyncio."""
        self._is_over = True
        self._changed.set()

    @property
    def status(self) -> int | None:
        """Exit status, or the negative number of the signal that ended it; None while it runs."""
        return self._transport.get_returncode()

    async def read(self, timeout_s: float | None = None) -> tuple[int, bytes] | None:
        """Return a file descriptor (1 or 2) and bytes; None at the end of command and output.

        Raises asyncio.TimeoutError if there is no output within `timeout_s`; None: no limit.
        """
        while not self._chunks:
            if self._is_over:
                return None
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), timeout_s)
        fd, data = self._chunks.popleft()
        self._unread_bytes -= len(data)
        if self._is_paused and not self._chunks:
            self._pause(False)
        return fd, data

    def _pause(self, paused: bool) -> None:
        self._is_paused = paused
        for fd in (STDOUT, STDERR):
            pipe = self._transport.get_pipe_transport(fd)
            if isinstance(pipe, asyncio.ReadTransport) and not pipe.is_closing():
                if paused:
                    pipe.pause_reading()
                else:
                    pipe.resume_reading()

    def leave_background(self) -> None:
        """Keep background processes running, because the command has succeeded."""
        self._leaves_background = True

    async def close(self) -> None:
        """End the command and its descendants, by force if necessary, and close the pipes."""
        try:
            if not self._leaves_background:
                self._drop_output()
                self._others = relatives(self._transport.get_pid(), self._pipes())
                self._signal(signal.SIGTERM)
                if await _until(lambda: self._is_over, TERM_WAIT_S):
                    await _until(lambda: not self._signal(0), REST_WAIT_S)
        finally:  # also if the wait is cancelled because the loop closes
            if not self._leaves_background:
                self._kill()
            atexit.unregister(self._signal_at_exit)
            try:
                await _until(lambda: self._is_over, KILL_WAIT_S)
            finally:
                # after the wait: closing earlier would lose the exit status
                self._transport.close()

    def _drop_output(self) -> None:
        """Discard output: a full pipe would hide the end of the command."""
        self._is_closing = True
        self._chunks.clear()
        if self._is_paused:
            self._pause(False)

    def _pipes(self) -> set[str]:
        """Return the names of both pipes in `/proc`."""
        names: set[str] = set()
        for fd in (STDOUT, STDERR):
            pipe = self._transport.get_pipe_transport(fd)
            file = pipe.get_extra_info("pipe") if pipe is not None else None
            if file is not None and not file.closed:
                names.add(f"pipe:[{os.fstat(file.fileno()).st_ino}]")
        return names

    def _kill(self) -> None:
        if sys.platform == "win32":
            self._signal(signal.SIGTERM)  # ends the process at once on Windows
            return
        # search again: a process may have started others since
        self._others |= relatives(self._transport.get_pid(), self._pipes())
        self._signal(signal.SIGKILL)

    def _signal_at_exit(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> bool:
        """Send a signal to all; True if a process received it. Signal 0 only checks."""
        if sys.platform == "win32":
            if number and self.status is None:
                self._transport.terminate()
            return self.status is None
        is_taken = False
        try:
            os.killpg(self._group, number)
            is_taken = True
        except OSError:  # ended, or on macOS only zombies are left
            pass
        for relative in self._others:
            is_taken |= relative.signal(number)
        return is_taken


async def _until(condition: Callable[[], bool], wait_s: float) -> bool:
    """Wait up to `wait_s` seconds; True if `condition` became true."""
    loop = asyncio.get_running_loop()
    end = loop.time() + wait_s
    while not (true := condition()) and loop.time() < end:
        await asyncio.sleep(POLL_S)
    return true
