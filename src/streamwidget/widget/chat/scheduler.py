"""The order of the answers of a chat: takes questions, starts one answer at a time, ends each turn.

Must not know widgets or pages. Whatever the user's code raises ends its own turn only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias

from ...characters import clean
from ...errors import StreamWidgetError, UsageError, excerpt
from ...export.as_messages import Exchange, messages
from ...message import HistoryFormat, Message
from ...run.words import source_error
from ...threads import in_background
from ..attempt import Recipe
from ..publisher import Channel
from .conversation import Conversation, path_to
from .turn import Turn, TurnChannel

WhenBusy: TypeAlias = Literal["queue", "interrupt", "refuse"]
_CLOSED = "The chat is closed, so it takes no more questions. Create another Chat."
_THREAD = "streamwidget-chat"


class Answerer(Protocol):
    """Who answers: a function, or the other end of a WebSocket."""

    def source(self, message: str, history: list[Any]) -> object:
        """Return what `StreamView` takes, for one question."""


class Scheduler:
    """Takes the questions of one chat, and has them answered one at a time, in their order."""

    def __init__(
        self,
        conversation: Conversation,
        answerer: Answerer,
        *,
        recipe: Recipe,
        chat_id: str,
        when_busy: WhenBusy,
        history: HistoryFormat,
        channel: Channel,
        note: Callable[[Turn], None],
        again: Callable[[Turn], Turn],
    ) -> None:
        """`note` notes that the run of a turn has something to send; `again` asks the question of
        a turn again."""
        self.conversation = conversation
        self.history = history
        self.attached = False
        """True once a page has attached."""
        self.control = False
        """True if a stop needs the control channel while a cell is running."""
        self._answerer = answerer
        self._channel = channel
        self._note = note
        self._again = again
        self._recipe = recipe
        self._chat_id = chat_id
        self._when_busy = when_busy
        self._is_closed = False

    def close(self) -> None:
        """Take no more questions."""
        with self.conversation.lock:
            self._is_closed = True

    def attach(self) -> None:
        """Note that a page has attached, which gets the messages of all runs."""
        with self.conversation.lock:
            self.attached = True
            for turn in self.conversation:
                turn._port.attached = True

    def show(self, turn: Turn) -> None:
        """Show the path through a turn of this chat."""
        with self.conversation.lock:
            self.conversation.show(turn)
        self._channel.hurry()

    def mine(self, turn: object) -> Turn:
        """Return `turn`, if it is one of this chat.

        Raises:
            UsageError: it is not.
        """
        if not isinstance(turn, Turn) or self.conversation.get(turn.id) is not turn:
            raise UsageError(f"{excerpt(repr(turn))} is not a turn of this chat.")
        return turn

    def add(self, message: str, instead: Turn | None = None) -> Turn | None:
        """Add a question, which may be a `Message` with attachments; None: it was refused, because
        an answer streams.

        Raises:
            UsageError: the question is empty, `instead` is not a turn of this chat, or the chat
                is closed.
        """
        if not isinstance(message, str):
            kind = type(message).__name__
            raise UsageError(f'A question is a text, not {kind}: chat.ask("Why?").')
        attachments = message.attachments if isinstance(message, Message) else ()
        question = Message(clean(message), attachments)
        if not question.strip():
            raise UsageError("The question is empty.")
        conversation = self.conversation
        with conversation.lock:
            if self._is_closed:
                raise UsageError(_CLOSED)
            unfinished = conversation.unfinished()
            if unfinished and self._when_busy == "refuse":
                return None
            turn = self._new_turn(question, instead)
            replaced = [] if instead is None else conversation.waiting_from(instead)
            conversation.add(turn)
        self._channel.hurry()  # a question that waits is shown at once
        if self._when_busy == "interrupt":
            replaced = unfinished[::-1]
        for other in replaced:  # the last first, so that none of them is asked meanwhile
            other.stop()
        return turn

    def offer(self, question: str, instead: Turn | None = None) -> bool:
        """Take a question of a page, and start its answer soon; return False if it was refused."""
        try:
            turn = self.add(question, instead)
        except UsageError:  # the chat is closed
            return False
        self.begin_soon()  # commands of a page run on the kernel's message thread
        return turn is not None

    def _new_turn(self, question: Message, instead: Turn | None) -> Turn:
        leaf = self.conversation.leaf
        turn = Turn(
            len(self.conversation) + 1,
            question,
            parent=leaf if instead is None else self.mine(instead).parent,
            recipe=self._recipe,
            chat_id=self._chat_id,
            make_channel=lambda turn: TurnChannel(self._channel, lambda: self._note(turn)),
            again=lambda: self._again(turn),
        )
        port, run = turn._port, turn._run
        port.control, port.attached = self.control, self.attached
        run.on_stop = lambda: self._take_back(turn)
        run.on_end = self._ended(turn, run.on_end)
        return turn

    def begin_soon(self) -> None:
        """Start the next answer on another thread, which may open a journal or hold a lock."""
        in_background(self.begin_next, name=_THREAD)

    def begin_next(self) -> None:
        """Start the answer to the next question that waits, if no answer is live.

        What fails before the answer streams fails this turn, and the next one follows.
        """
        with self.conversation.lock:
            turn = self.conversation.take_next()
            past = [] if turn is None else path_to(turn.parent)
        if turn is None:
            return
        self._channel.begin_again()
        try:
            self._begin(turn, past)
        except BaseException as error:  # an interrupt of the kernel also has to end the turn
            turn._fail(error if isinstance(error, StreamWidgetError) else source_error(error))
            if not isinstance(error, Exception):
                raise
        self._channel.hurry()

    def _begin(self, turn: Turn, past: list[Turn]) -> None:
        history = messages(map(exchange, past), self.history)
        source = self._answerer.source(turn.question, history)
        if turn._run.stop_requested():
            turn._run.producer_closed()
        else:
            turn._begin(source)

    def _take_back(self, turn: Turn) -> None:
        """End a question that was stopped before its answer started."""
        with self.conversation.lock:
            if not turn.queued:
                return  # its answer is being started, and the stop is seen there
        turn._run.producer_closed()

    def _ended(self, turn: Turn, also: Callable[[], None]) -> Callable[[], None]:
        """Return the function to call when the answer of `turn` has ended: the next one starts."""

        def ended() -> None:
            with self.conversation.lock:
                self.conversation.note(turn)
            also()
            # on another thread: the end may be reported while a lock of this run is held
            self.begin_soon()

        return ended


def exchange(turn: Turn) -> Exchange:
    """Return a turn as a question with its answer, for the messages that a model takes."""
    return Exchange(turn.question, turn.text, turn.question.attachments)
