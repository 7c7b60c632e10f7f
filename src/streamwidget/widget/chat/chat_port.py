"""The kernel's side of the protocol for a chat: the commands of its pages, and what they have seen.

It sends nothing itself. ARCHITECTURE.md describes the protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ...errors import UsageError
from ...message import Message
from ..answers import give_record
from ..visitors import Pages, Requests
from .attaching import attachable, attached_by_page
from .chat_messages import Outbox
from .saved_chat import ChatKept, SavedChat
from .scheduler import Scheduler
from .turn import Turn

QUESTION_CHARS = 100_000
"""Longest question from a page, which allows no more either."""


class ChatPort:
    """A chat as its pages see it."""

    def __init__(
        self,
        kept: ChatKept,
        saved: SavedChat,
        scheduler: Scheduler,
        outbox: Outbox,
        *,
        hurry: Callable[[], None],
        send: Callable[[dict[str, object]], object],
    ) -> None:
        self.pages = Pages()
        """The pages that show the chat."""
        self.code_asked: set[str] = set()
        """Names of the code that pages have requested, "" for the app."""
        self._requests = Requests()
        self._kept, self._saved = kept, saved
        self._scheduler, self._outbox = scheduler, outbox
        self._hurry, self._send = hurry, send

    @property
    def control(self) -> bool:
        """True if a stop needs the control channel while a cell is running (see `routes`)."""
        return self._scheduler.control

    @control.setter
    def control(self, control: bool) -> None:
        self._scheduler.control = control

    def request_stop(self) -> None:
        """Ask every producer to stop."""
        self._kept.request_stop()

    def on_command(self, content: object) -> None:
        """Handle one custom message of a front end; malformed ones are ignored."""
        if not isinstance(content, Mapping):
            return
        run_id = str(content.get("run_id", ""))
        turn = self._turn(run_id.rpartition(".")[2]) if run_id else None
        if turn is not None and content.get("cmd") != "retry":
            turn._port.on_command(content)
            return
        handle = _COMMANDS.get(str(content.get("cmd")))
        request_id = str(content.get("request_id", ""))[:64]
        if handle is None:
            return
        if self._requests.note(request_id):
            handle(self, content, request_id)
        else:
            self._outbox.report_again(request_id)
        self._hurry()

    def message(self, *, repeat: bool) -> tuple[dict[str, Any], list[Turn]]:
        """Return the next value of the `patch` trait (`{}`: nothing has changed), and the turns
        that have news."""
        news = self._outbox.take_news()
        if repeat:
            news += [turn for turn in self.unacknowledged() if turn not in news]
        return self._outbox.message(news, self._requests.take_acks(), repeat=repeat), news

    def unacknowledged(self) -> list[Turn]:
        """Return the turns that pages may have to get again: live ones, and the newest one."""
        conversation = self._scheduler.conversation
        with conversation.lock:
            path = conversation.path()[-1:]
            unfinished = conversation.unfinished()
        return [*(turn for turn in path if turn.over), *unfinished]

    def take_code_asked(self, news: list[Turn]) -> set[str]:
        """Return the names of the code that was requested, by these turns too."""
        asked, self.code_asked = self.code_asked, set()
        return asked.union(*(turn._port.take_code_asked() for turn in news))

    def _turn(self, turn_id: object) -> Turn | None:
        return self._scheduler.conversation.get(str(turn_id))

    def _hello(self, content: Mapping[str, object], _: str) -> None:
        page, rev = content.get("page"), content.get("rev")
        if isinstance(page, str):
            self.pages.note(page)
        self._kept.savers.add(str(content.get("saves"))[:16])
        if not self._kept.attached:
            self._kept.attached = True
            self._scheduler.attach()
        self._outbox.ask(rev if isinstance(rev, int) and rev >= 0 else 0)

    def _look(self, content: Mapping[str, object], _: str) -> None:
        page, seen = content.get("page"), content.get("seen")
        if isinstance(page, str) and isinstance(seen, bool):
            self.pages.note(page, seen)

    def _ask(self, content: Mapping[str, object], request_id: str) -> None:
        """Take a question of the reader; the page gets its outcome."""
        text = content.get("text")
        if not isinstance(text, str) or not text.strip():
            return
        instead = self._turn(content.get("instead"))
        try:
            attachments = attached_by_page(content.get("attach"))
        except UsageError as error:
            self._outbox.report(request_id, "refused", error.message)
            return
        if not attachments and instead is not None:
            attachments = instead.question.attachments  # an edit keeps what was attached
        message = Message(text[:QUESTION_CHARS], attachments)
        taken = self._scheduler.offer(message, instead)
        self._outbox.report(request_id, "taken" if taken else "refused")

    def _retry(self, content: Mapping[str, object], request_id: str) -> None:
        """Ask the question of a turn whose answer has ended again; the page gets the outcome."""
        turn = self._turn(str(content.get("run_id", "")).rpartition(".")[2])
        taken = turn is not None and turn.over and self._scheduler.offer(turn.question, turn)
        self._outbox.report(request_id, "taken" if taken else "refused")

    def _list(self, _: Mapping[str, object], request_id: str) -> None:
        """Send the names of the notebook that can be attached."""
        self._outbox.answer({"attachable": request_id, "items": attachable()})

    def _show(self, content: Mapping[str, object], _: str) -> None:
        turn = self._turn(content.get("turn"))
        if turn is not None:
            self._scheduler.show(turn)

    def _record(self, _: Mapping[str, object], request_id: str) -> None:
        make = partial(self._saved.answer, self._kept)
        give_record(make, self._send, request_id, f"chat {self._kept.title!r}")

    def _code(self, content: Mapping[str, object], _: str) -> None:
        self.code_asked.add(str(content.get("what", "")))


_COMMANDS: dict[str, Callable[[ChatPort, Mapping[str, object], str], None]] = {
    "hello": ChatPort._hello,
    "look": ChatPort._look,
    "ask": ChatPort._ask,
    "retry": ChatPort._retry,
    "show": ChatPort._show,
    "attachable": ChatPort._list,
    "record": ChatPort._record,
    "code": ChatPort._code,
}
