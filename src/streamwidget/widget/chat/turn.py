"""One question of a chat with its answer, which is one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from datetime import datetime, timezone
from typing import Any

from ...errors import StreamWidgetError, UsageError, excerpt
from ...io.source import Source
from ...message import Message
from ...run import TERMINAL, Result, Run, check_blocking, check_not_on_our_loop
from ...run.readings import Readings
from ...run.waiting import wait, wait_async
from ...threads import check_can_block
from ..asked import Asked
from ..attempt import Attempt, Recipe
from ..port import Port
from ..publisher import Channel

_TITLE_CHARS = 80


class TurnChannel:
    """Has the changes of one turn sent by the channel of its chat."""

    def __init__(self, channel: Channel, note: Callable[[], None]) -> None:
        self._channel = channel
        self._note = note

    def wake(self) -> None:
        """Note that there is something to send."""
        self._note()
        self._channel.wake()

    def hurry(self) -> None:
        """Send soon."""
        self._note()
        self._channel.hurry()


class Turn(Asked, Readings):
    """One question of a `Chat` with its answer: `turn.text`, `turn.tables`, `await turn`.

    The answer is read as a view is. While the question waits for an earlier answer, `status` is
    `idle`.
    """

    def __init__(
        self,
        number: int,
        question: Message,
        *,
        parent: Turn | None,
        recipe: Recipe,
        chat_id: str,
        make_channel: Callable[[Turn], TurnChannel],
        again: Callable[[], Turn],
    ) -> None:
        self.id = str(number)
        """Identifies the turn in its chat."""
        self.question: Message = question
        """The question, as it was asked: a `str`, with what is attached in `attachments`."""
        self.parent = parent
        """The turn that it follows; None: it is the first one."""
        self.asked_at = time.time()
        """When it was asked, in seconds since 1970."""
        self._rev = 0
        self._is_claimed = False
        """True once its answer is being started; set under the lock of the conversation."""
        title = excerpt(question, _TITLE_CHARS) or "Question"
        self._port = Port(recipe.new_run(), run_id=f"{chat_id}.{number}", title=title)
        self._again = again
        self._port.can_retry = True
        channel = make_channel(self)
        self._port.wake = channel.hurry
        self._attempt = Attempt(recipe, self._port, channel)

    @property
    def _state(self) -> Run:
        return self._port.run

    @property
    def _run(self) -> Run:
        return self._port.run

    @property
    def _source(self) -> Source | None:
        return self._attempt.source

    @property
    def title(self) -> str:
        """The beginning of the question."""
        return self._port.title

    @property
    def result(self) -> Result:
        """The answer so far, or how it ended, as a value that never changes."""
        return self._run.result()

    @property
    def over(self) -> bool:
        """True if the answer has ended."""
        return self._run.status in TERMINAL

    @property
    def queued(self) -> bool:
        """True while the question waits for an earlier answer."""
        return not self._is_claimed and not self.over

    @property
    def _listed_state(self) -> str:
        """The state that pages show while they do not show the answer."""
        if self.queued:
            return "queued"
        status = self.status
        return "connecting" if status == "idle" else status

    def retry(self) -> Turn:
        """Ask the same question again, in the place of this one, and return the new turn.

        This turn can still be shown and read: `chat.versions(turn)`, `chat.show(turn)`.

        Raises:
            UsageError: an answer streams, and the chat refuses questions meanwhile.
        """
        return self._again()

    def stop(self) -> None:
        """Stop the answer and keep everything received; a question that waits is not asked."""
        self._run.request_stop()

    def wait(self, timeout: float | None = None) -> Result:
        """Block until the answer has ended, or for `timeout` seconds (None: no limit).

        Raises:
            TimeoutError: the answer has not ended in time; it continues.
            KeyboardInterrupt: the kernel was interrupted; the answer has been stopped first.
            UsageError: the wait would block an event loop that the source or this coroutine needs;
                in a browser, where Python has no threads, it always would.
        """
        self._check_blocking()
        return wait(self._run, timeout)

    def __await__(self) -> Generator[Any, None, Result]:
        return wait_async(self._run).__await__()

    def _begin(self, source: object) -> None:
        """Start the answer; the time that the question waited does not count."""
        self._run.stats.set_time(0.0)
        self._run.started = datetime.now(timezone.utc)
        self._attempt.begin(source)
        self._attempt.record()

    def _fail(self, error: StreamWidgetError) -> None:
        """End the turn by an error that was raised before its answer could stream."""
        if self.status == "idle":
            self._run.start("answer")
        self._run.end("fail", error)

    def _check_blocking(self) -> None:
        if not self.over:
            check_can_block("`await chat.ask(...)`")
            check_not_on_our_loop()
            if self._source is not None:
                check_blocking(self._source)

    def _can_block(self) -> bool:
        try:
            self._check_blocking()
        except UsageError:
            return False
        return True

    def __repr__(self) -> str:
        state = "queued" if self.queued else self.status
        return f"Turn({self.title!r}, {state}, {self.token_count} tokens)"
