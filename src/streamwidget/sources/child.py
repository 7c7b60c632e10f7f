"""One running command: its output as it comes, and the end of its whole process group.

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

TERM_WAIT_S: Final = 1.0
"""From SIGTERM to SIGKILL: half of `Limits.close_timeout_s`, so that a stop can see both."""
REST_WAIT_S: Final = 0.2
"""The same once the command itself is gone and its output closed: the rest may be dead already, and
not taken note of, because the first process of many containers never does."""
KILL_WAIT_S: Final = 0.5
"""How long a killed command may take to be gone; one stuck in the kernel takes longer."""
POLL_S: Final = 0.01
"""How often is looked whether the group is gone: nothing tells of other members than the leader."""
UNREAD_BYTES: Final = 1024 * 1024
"""Output held for a slow reader; beyond it the pipes are left full, and the command waits."""
STDOUT, STDERR = 1, 2


class Child(asyncio.SubprocessProtocol):
    """One running command: its output in the order of arrival, and the end of its group."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, bytes]] = deque()
        self._unread_bytes = 0
        self._paused = False
        self._over = False
        self._let_go = False
        self._closing = False
        self._changed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        self._group = transport.get_pid()
        # the loop's thread is a daemon: without this a command would outlive its kernel
        atexit.register(self._signal_at_exit)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if self._closing:
            return
        self._chunks.append((fd, data))
        self._unread_bytes += len(data)
        if self._unread_bytes > UNREAD_BYTES and not self._paused:
            self._pause(True)
        self._changed.set()

    def process_exited(self) -> None:
        self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._over = True
        self._changed.set()

    @property
    def status(self) -> int | None:
        """Exit status, or the signal's number below 0; None while the command runs."""
        return self._transport.get_returncode()

    async def read(self) -> tuple[int, bytes] | None:
        """File descriptor (1 or 2) and bytes; None once the command and its output are over."""
        while not self._chunks:
            if self._over:
                return None
            self._changed.clear()
            await self._changed.wait()
        fd, data = self._chunks.popleft()
        self._unread_bytes -= len(data)
        if self._paused and not self._chunks:
            self._pause(False)
        return fd, data

    def _pause(self, paused: bool) -> None:
        self._paused = paused
        for fd in (STDOUT, STDERR):
            pipe = self._transport.get_pipe_transport(fd)
            if isinstance(pipe, asyncio.ReadTransport) and not pipe.is_closing():
                if paused:
                    pipe.pause_reading()
                else:
                    pipe.resume_reading()

    def let_go(self) -> None:
        """All went well: what the command left in the background may go on."""
        self._let_go = True

    async def close(self) -> None:
        """Ends the whole group, if need be by force, and closes the pipes."""
        try:
            if not self._let_go:
                self._drop_output()
                self._signal(signal.SIGTERM)
                if await _until(lambda: self._over, TERM_WAIT_S):
                    await _until(lambda: not self._signal(0), REST_WAIT_S)
        finally:  # also when the wait is cancelled, because the loop goes down
            if not self._let_go:
                self._kill()
            atexit.unregister(self._signal_at_exit)
            try:
                await _until(lambda: self._over, KILL_WAIT_S)
            finally:
                # after the wait: closing earlier takes the exit status from whoever waits for it
                self._transport.close()

    def _drop_output(self) -> None:
        """Nobody reads any more: a full pipe must not hide that the command is gone."""
        self._closing = True
        self._chunks.clear()
        if self._paused:
            self._pause(False)

    def _kill(self) -> None:
        if sys.platform == "win32":
            self._signal(signal.SIGTERM)  # which ends it at once there
        else:
            self._signal(signal.SIGKILL)

    def _signal_at_exit(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> bool:
        """Whether there was anybody to take it. 0 only asks."""
        if sys.platform == "win32":
            if number and self.status is None:
                self._transport.terminate()
            return self.status is None
        try:
            os.killpg(self._group, number)
        except OSError:  # gone; or, on macOS, nothing but zombies left
            return False
        return True


async def _until(condition: Callable[[], bool], wait_s: float) -> bool:
    """Whether `condition` came true within `wait_s` seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + wait_s
    while not (true := condition()) and loop.time() < end:
        await asyncio.sleep(POLL_S)
    return true
