"""The saved output of a chat: its turns so far, and the record of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from ...phrases import counted
from ...run import Status, StopCause
from ..saved_output import SavedOutput
from ..saved_view import so_far
from .conversation import Conversation
from .turn import Turn

if TYPE_CHECKING:
    from ...export.tree import Part
    from ...record import ChatTurn, Record


_READER = StopCause()


class ChatKept:
    """The turns of a chat as one: it is over while no answer is live and no question waits."""

    def __init__(
        self,
        title: str,
        conversation: Conversation,
        chat_id: str,
        disconnect: Callable[[], None],
    ) -> None:
        """`disconnect` closes what is still open for further questions."""
        self.title = title
        self.conversation = conversation
        self._chat_id = chat_id
        self._disconnect = disconnect
        self.attached = False
        self.savers: set[str] = set()

    @property
    def path(self) -> list[Turn]:
        """The turns that are shown."""
        with self.conversation.lock:
            return self.conversation.path()

    @property
    def run_id(self) -> str:
        """Names the chat, and changes with each turn."""
        return f"{self._chat_id}.{self.conversation.rev}"

    @property
    def status(self) -> Status:
        """`streaming` while an answer is live or a question waits, else `finished`."""
        return "finished" if self.over else "streaming"

    def request_stop(self, *, by: StopCause = _READER) -> None:
        """Stop the answer that streams, after the questions that wait were taken back."""
        with self.conversation.lock:
            unfinished = self.conversation.unfinished()
        for turn in reversed(unfinished):
            turn._run.request_stop(by=by)
        if by.code != "reader":
            self._disconnect()

    @property
    def over(self) -> bool:
        """True if no answer is live, and no question waits."""
        with self.conversation.lock:
            return not self.conversation.busy

    @property
    def final_seen(self) -> bool:
        """True if a page has acknowledged the end of the newest answer."""
        path = self.path
        return not path or path[-1]._port.final_seen


class SavedChat(SavedOutput[ChatKept]):
    """The saved output of one chat."""

    def live_data(self, kept: ChatKept) -> dict[str, str]:
        """Return the questions, each with how far its answer is."""
        if self.persist == "none":
            words = f"{kept.title}: not kept in the notebook."
            return {"text/plain": words, "text/markdown": words}
        record = self.record(kept)
        return {"text/plain": record.text, "text/markdown": record.text}

    def record(self, kept: ChatKept) -> Record:
        """Return the record of all turns; while one is live, with its last state."""
        from ...record import Facts, make_chat  # the writers of HTML are not needed before

        path = [] if self.persist == "none" else kept.path
        statuses = Counter(str(turn.status) for turn in path)
        facts = Facts(
            title=kept.title,
            sentence=self.sentence(kept),
            status=next(iter(statuses)) if len(statuses) == 1 else "mixed",
            run_id=kept.run_id,
        )
        return make_chat(facts, [turn_record(turn) for turn in path])

    def sentence(self, kept: ChatKept) -> str:
        """Return how long the chat is."""
        count = len(kept.path)
        words = counted(count, "turn") if count else "No questions yet"
        return f"{words}." if kept.over else self._last_known(words)


def _attached(turn: Turn) -> str:
    """Return a line that names what is attached to a question."""
    names = [f"{one.name} ({one.kind})" for one in turn.question.attachments]
    return f"\n\nAttached: {', '.join(names)}" if names else ""


def turn_record(turn: Turn) -> ChatTurn:
    """Return a turn as it is now, for the record and for exports."""
    from ...record import ChatTurn

    run = turn._run
    with run.reading():
        document, status = run.still(), str(run.status)
        sentence = run.summary or ("Waiting." if status == "idle" else f"So far: {so_far(run)}.")
    return ChatTurn(
        question=turn.question + _attached(turn),
        status=status,
        sentence=sentence,
        parts=cast("list[Part]", document.snapshot()["parts"]),
        journal=turn._port.journal,
    )
