"""`Chat`: a conversation in the notebook, in which each answer is one run.

A chat has one comm for all its turns: their messages travel together, and a page requests the
answers that it does not have.
"""

from __future__ import annotations

import contextvars
import time
import uuid
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, get_args

import traitlets

from ...attachments import attached
from ...budget import Budget, check_bounds
from ...emit.asking import Ask
from ...errors import UsageError
from ...export.as_messages import messages
from ...journal.writer import Redact
from ...limits import DEFAULT_LIMITS, Limits
from ...message import HistoryFormat, Message, history_format
from ...run import StopCause
from ...run.journaling import JournalOption
from ...sources.answering import Answer, Answering, answering
from ...terminal import follow_in_script
from .. import headless, kinds, notebook_cells, routes
from ..asked import answer_oldest
from ..attempt import Recipe
from ..end_hook import OnEnd
from ..hosts import ends_at_error, is_headless
from ..images import Images, images_option
from ..live import Conversing, OnRerun, check_on_rerun, register
from ..marimo_export import Exported, is_exporting
from ..page_widget import SentWidget
from ..publisher import publisher
from ..saved_output import Persist, persist_option
from ..texts import check_height, shown_text, shown_texts
from .chat_messages import Outbox
from .chat_port import ChatPort
from .conversation import Conversation
from .saved_chat import ChatKept, SavedChat, turn_record
from .scheduler import Scheduler, WhenBusy, exchange
from .turn import Turn

if TYPE_CHECKING:
    from ...io.websocket import WebSocketSource
    from ...sources.peer import Decode, Encode, Peer


_TITLE = "Chat"
_BUSY = "An answer is streaming. Wait for it, or stop it: chat.stop()."
_CLOSING_S = 5.0


class Chat(Conversing, SentWidget):
    """Shows a conversation in the notebook: questions, and answers that stream.

    `Chat(answer)` shows an input line; each question is passed to `answer(message, history)`, which
    returns anything that `StreamView` takes: the stream of an SDK, a generator, a request, a
    coroutine, a text. `answer(message, history, emit)` gets an emitter.

    Args:
        answer: answers one question. `message` is its text, a `str` whose `attachments` are what
            is attached to it, `history` the messages of the earlier
            turns, oldest first. It may also take the message alone. Or `websocket(...)`: one
            connection for all turns, in which the end marker of an answer ends its turn.
        encode: for a WebSocket, the message for a question: `encode(message)` or
            `encode(message, history)` returns text, bytes or a dict; None: the question itself.
        decode: for a WebSocket, the meaning of each message of the peer, which is a dict if it is a
            JSON object: a text of the answer, a dict as a record of the format, an event or a list
            of events, or None. `streamwidget.events.RunEnd("complete")` ends the answer. None: the
            messages are records of the format, whose end marker ends the answer.
        title: the heading.
        placeholder: shown in the empty input line.
        suggestions: questions that the reader can ask with one click while there are none.
        when_busy: what happens to a question while an answer streams: `"queue"` asks it next,
            `"interrupt"` stops the answer and asks it, `"refuse"` does not ask it.
        history: the shape of the messages in `history`, as in `chat.history(format)`.
        format: as in `StreamView`, for each answer, like the following arguments.
        limits: bounds of each answer.
        budget: limits of tokens or money for all answers together, or of the time of each.
        images: which images in Markdown the page may load.
        journal: records each answer: True for files in `runs/`, or a folder.
        redact: called with each event before it is written to a journal.
        height: height of the box in CSS pixels; None: at most 640 while it fits the window.
        on_rerun: what happens to live answers when the cell that created the chat runs again.
        persist: what the saved notebook keeps. `"record"`: a static record; `"none"`: one line.
        max_time: how long a cell waits for its answers if a program executes the notebook.
        on_end: called with the `Result` of each answer on another thread.

    Raises:
        UsageError: `answer` is neither a function of one to three arguments nor a WebSocket, an
            option is unknown, or the library that `history` needs is not installed.
    """

    _chat = traitlets.Dict().tag(sync=True)
    """The options for the page, by which it recognises a chat."""
    _owners: frozenset[Hashable]
    _saved: SavedChat

    def __init__(
        self,
        answer: Answer | WebSocketSource,
        *,
        encode: Encode | None = None,
        decode: Decode | None = None,
        title: str = _TITLE,
        placeholder: str = "",
        suggestions: Sequence[str] = (),
        when_busy: WhenBusy = "queue",
        history: HistoryFormat = "openai",
        format: str = "auto",
        limits: Limits = DEFAULT_LIMITS,
        budget: Budget | None = None,
        images: Images = "none",
        journal: JournalOption = None,
        redact: Redact | None = None,
        height: int | None = None,
        on_rerun: OnRerun = "stop",
        persist: Persist = "record",
        max_time: float | None = None,
        on_end: OnEnd | None = None,
    ) -> None:
        answering = _answering(answer, encode, decode)
        if when_busy not in get_args(WhenBusy):
            known = ", ".join(get_args(WhenBusy))
            raise UsageError(f"when_busy={when_busy!r} is unknown. Pass one of {known}.")
        check_on_rerun(on_rerun)
        check_height(height)
        check_bounds(limits, budget)
        if persist == "widget":
            raise UsageError("persist='widget' is for views. A chat keeps a record, or nothing.")
        placeholder = shown_text("placeholder", placeholder)
        suggestions = shown_texts("suggestions", suggestions)
        self._title, history = shown_text("title", title), history_format(history)
        recipe = Recipe(
            format=format,
            limits=limits,
            budget=budget,
            images=images_option(images),
            markdown=None,
            height=None,
            capture=False,
            journal=journal,
            redact=redact,
            on_end=on_end,
            renderer_of=kinds.renderers(),
        )
        self._saved = SavedChat(persist_option(persist), is_headless=is_headless())
        self._max_time = max_time
        if self._saved.is_static and is_exporting():
            self._display_ = self._record_for_marimo
        self._id = uuid.uuid4().hex
        self._conversation = Conversation()
        self._kept = ChatKept(self._title, self._conversation, self._id, answering.close)
        self._outbox = Outbox(self._conversation)
        self._channel = publisher().open(self)
        self._scheduler = Scheduler(
            self._conversation,
            answering,
            recipe=recipe,
            chat_id=self._id,
            when_busy=when_busy,
            history=history,
            channel=self._channel,
            note=self._outbox.note,
            again=lambda turn: self.ask(turn.question, instead=turn),
        )
        self._port = ChatPort(
            self._kept,
            self._saved,
            self._scheduler,
            self._outbox,
            hurry=self._channel.hurry,
            send=self.send,
        )
        options = {
            "id": self._id,
            "title": self._title,
            "placeholder": placeholder,
            "suggestions": suggestions,
            "when_busy": when_busy,
            "height": height,
        }
        super().__init__(model_id=self._id, _chat=options)
        self.on_msg(self._on_message)
        routes.install(self._port, self.comm)
        register(self, on_rerun)

    @property
    def _run(self) -> ChatKept:
        return self._kept

    # --- what people call

    @property
    def title(self) -> str:
        """The heading."""
        return self._title

    @property
    def turns(self) -> list[Turn]:
        """The turns that are shown, from the first to the last."""
        return self._kept.path

    @property
    def busy(self) -> bool:
        """True while an answer streams, or a question waits for one."""
        return not self._kept.over

    def ask(
        self,
        message: str,
        *,
        attach: object = (),
        instead: Turn | None = None,
    ) -> Turn:
        """Ask a question and return its turn at once: `chat.ask("Why?").wait()`, or
        `await chat.ask("Why?")` for the `Result`.

        `instead` is a turn whose place the question takes, as after an edit: that turn and those
        after it are no longer shown, but `versions` and `show` lead back to them.

        `attach` adds texts, files (`pathlib.Path`), data frames of pandas or polars, images (bytes,
        Pillow, matplotlib): one, a list, or a dict with their names. `answer` finds them in
        `message.attachments`, and `message.content("openai")` is the content for a model.

        Raises:
            UsageError: the question is empty, something cannot be attached, `instead` is not a turn
                of this chat, the chat is closed, or an answer streams and `when_busy` is
                `"refuse"`.
        """
        attachments = attached(attach, notebook_cells.names())
        if attachments and isinstance(message, str):
            message = Message(message, attachments)
        turn = self._scheduler.add(message, instead)
        if turn is None:
            raise UsageError(_BUSY)
        self._channel.context = contextvars.copy_context()
        if self._saved.is_headless:
            notebook_cells.at_end_of_cell(self._end_of_cell)
        self._scheduler.begin_next()
        if notebook_cells.shell() is None:
            follow_in_script(turn._run, turn.title)
        return turn

    def versions(self, turn: Turn) -> list[Turn]:
        """Return the turns that were asked in the place of `turn`, itself included, oldest first:
        there are several after an edit or a retry."""
        with self._conversation.lock:
            return self._conversation.versions(self._scheduler.mine(turn))

    def show(self, turn: Turn) -> None:
        """Show the conversation that leads through `turn`, which an edit or a retry replaced.

        Raises:
            UsageError: it is not a turn of this chat.
        """
        self._scheduler.show(self._scheduler.mine(turn))

    def stop(self) -> None:
        """Stop the answer that streams; questions that wait are not asked."""
        self._kept.request_stop()

    @property
    def asks(self) -> tuple[Ask, ...]:
        """The questions of the answers that wait for the reader, oldest first, as `view.asks`."""
        return tuple(ask for turn in self._unfinished() for ask in turn.asks)

    def answer(self, value: object) -> bool:
        """Answer the oldest open question of an answer, as `view.answer`; return False if it was
        answered elsewhere meanwhile.

        Raises:
            UsageError: no question is open, or this one does not take the answer.
        """
        return answer_oldest(self.asks, value, asker="chat")

    def history(self, format: HistoryFormat | None = None) -> list[Any]:
        """Return the turns that are shown as messages for a model, oldest first.

        `openai` (also for Ollama and most servers) and `anthropic`: dicts with `role` and
        `content`. `gemini`: dicts with `role` and `parts`. `langchain`: pairs of a role and a text.
        `pydantic-ai`: its messages. None: the format that `answer` gets. The partial text of an
        answer that was stopped counts; a question without any answer is left out.

        Raises:
            UsageError: the format is unknown, or the library that it needs is not installed.
        """
        return messages(map(exchange, self.turns), format or self._scheduler.history)

    def to_markdown(self) -> str:
        """Return the turns that are shown as Markdown."""
        from ...export import as_markdown
        from ...record.chat_record import whole

        turns = [turn_record(turn) for turn in self.turns]
        return as_markdown.to_markdown(whole(self._title, self._saved.sentence(self._kept), turns))

    def close(self) -> None:
        """Stop all answers and close the widget; everything received can still be read."""
        scheduler = getattr(self, "_scheduler", None)
        if scheduler is not None:  # ipywidgets also closes a chat whose __init__ failed
            scheduler.close()
            self._kept.request_stop(by=StopCause("closed"))
        super().close()

    # --- called by the publisher

    @property
    def unseen(self) -> bool:
        """True if the chat is visible on no page; for the publisher."""
        return self._port.pages.unseen

    def flush(self, *, repeat: bool) -> bool:
        """Send all changes, for the publisher; return True once the end was acknowledged."""
        for outcome in self._outbox.take_outcomes():
            self.send(outcome)
        message, news = self._port.message(repeat=repeat)
        if message:
            self.patch = message
        for turn in news:
            for content, buffers in turn._port.answers.take():
                self.send(content, buffers=buffers)
        self._send_code(self._port.take_code_asked(news))
        if self._kept.over and self._saved.is_due(self._kept):
            self._saved.write_soon(self._kept)
        return self._kept.final_seen

    def flush_failed(self, error: Exception) -> None:
        """Show that an update could not be sent; for the publisher."""
        self._outbox.ask(0)
        for turn in self._port.unacknowledged():
            turn._port.flush_failed(error)

    def _snapshot(self) -> dict[str, Any]:
        return self._outbox.snapshot()

    def _on_message(self, _: object, content: object, __: object) -> None:
        self._note_code(content)
        self._port.on_command(content)

    # --- how it is shown

    def _unfinished(self) -> list[Turn]:
        with self._conversation.lock:
            return self._conversation.unfinished()

    def _about(self) -> ChatKept:
        return self._kept

    def _is_live_output(self) -> bool:
        return True  # more questions may follow

    def _record_for_marimo(self) -> Exported:
        """Wait for the answers, and return their record: the `_display_` in an export."""
        self._end_of_cell(None)
        return self._exported()

    def _end_of_cell(self, error: BaseException | None) -> None:
        """Wait for the answers in the cell that asked, if a program executes the notebook."""
        deadline = time.monotonic() + headless.max_time_s(self._max_time)
        if isinstance(error, KeyboardInterrupt) or (error is not None and ends_at_error()):
            self.stop()
            deadline = time.monotonic() + _CLOSING_S
        while (unfinished := self._conversation.unfinished()) and unfinished[0]._can_block():
            if not headless.follow(
                unfinished[0]._run, unfinished[0].title, deadline - time.monotonic()
            ):
                break
        self._saved.write(self._kept)

    def __repr__(self) -> str:
        return f"Chat({self._title!r}, {len(self.turns)} turns)"


def _answering(
    answer: Answer | WebSocketSource, encode: Encode | None, decode: Decode | None
) -> Answering | Peer:
    if not callable(answer):
        from ...io.websocket import WebSocketSource  # here, because it loads every format
        from ...sources.peer import Peer

        if isinstance(answer, WebSocketSource):
            return Peer(answer, encode, decode)
    if encode is not None or decode is not None:
        raise UsageError("encode= and decode= are for a WebSocket: Chat(websocket(url), ...).")
    return answering(answer)
