"""The messages of a chat to its pages: the list of turns, and those of the runs that have news.

ARCHITECTURE.md describes the messages.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from ..visitors import REMEMBERED_REQUESTS
from .conversation import Conversation
from .turn import Turn

SNAPSHOT_CHARS = 60_000
"""Text of the newest answers that a page gets at once; it requests the others to show them."""


class Outbox:
    """The news of a chat that are not sent yet."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._lock = threading.Lock()
        self._news: dict[str, Turn] = {}
        self._sent_rev = 0
        self._asked_rev: int | None = None
        self._outcomes: list[dict[str, Any]] = []
        self._reported: OrderedDict[str, dict[str, Any]] = OrderedDict()
        """The outcome of each request, for pages that lost their connection before it was sent."""

    def report(self, request_id: str, outcome: str, reason: str = "") -> None:
        """Send the page that asked a question what happened to it: `taken` or `refused`, with the
        reason if it is not that an answer streams."""
        fields = {"asked": request_id, "outcome": outcome, "reason": reason}
        with self._lock:
            self._outcomes.append(fields)
            self._reported[request_id] = fields
            if len(self._reported) > REMEMBERED_REQUESTS:
                self._reported.popitem(last=False)

    def report_again(self, request_id: str) -> None:
        """Send the outcome of a request again, which has arrived again."""
        with self._lock:
            if request_id in self._reported:
                self._outcomes.append(self._reported[request_id])

    def answer(self, fields: dict[str, Any]) -> None:
        """Send the answer to another request of a page."""
        with self._lock:
            self._outcomes.append(fields)

    def take_outcomes(self) -> list[dict[str, Any]]:
        """Return the outcomes that are not sent yet, and clear them."""
        with self._lock:
            outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def note(self, turn: Turn) -> None:
        """Note that the run of a turn has something to send."""
        if turn.id not in self._news:
            with self._lock:
                self._news[turn.id] = turn

    def ask(self, rev: int) -> None:
        """Send the turns that have changed after `rev` again, with the next message."""
        with self._lock:
            self._asked_rev = rev if self._asked_rev is None else min(rev, self._asked_rev)

    def take_news(self) -> list[Turn]:
        """Return the turns that have something to send, and clear them."""
        with self._lock:
            news, self._news = self._news, {}
        return list(news.values())

    def message(self, news: Sequence[Turn], acks: list[str], *, repeat: bool) -> dict[str, Any]:
        """Return the next message; `{}` if there is nothing to send."""
        with self._lock:
            asked, self._asked_rev = self._asked_rev, None
            from_rev = self._sent_rev if asked is None else min(asked, self._sent_rev)
        runs = [message for turn in news for message in _run_messages(turn, repeat=repeat)]
        listed = _listed(self._conversation, from_rev)
        with self._lock:
            self._sent_rev = int(listed["rev"])
        if not (runs or acks or asked is not None or listed["rev"] > from_rev):
            return {}
        return {**listed, "runs": runs, "acks": acks}

    def snapshot(self) -> dict[str, Any]:
        """Return everything that a page needs first: all turns, and the newest answers."""
        with self._conversation.lock:
            path = self._conversation.path()
        listed = _listed(self._conversation, 0)
        runs: list[dict[str, Any]] = []
        chars = 0
        for turn in reversed(path):
            chars += turn.document.char_count
            if runs and chars > SNAPSHOT_CHARS and turn.over:
                break
            if not turn.queued:
                runs.append(turn._port.snapshot())
        return {**listed, "runs": runs[::-1], "acks": []}


def _listed(conversation: Conversation, from_rev: int) -> dict[str, Any]:
    with conversation.lock:
        leaf, rev, turns = conversation.leaf, conversation.rev, conversation.since(from_rev)
    # without the lock, because the end of a run may need it while the run is locked
    return {
        "from_rev": from_rev,
        "rev": rev,
        "leaf": None if leaf is None else leaf.id,
        "turns": [_facts(turn) for turn in turns],
    }


def _facts(turn: Turn) -> dict[str, Any]:
    """Return what the page lists of a turn whose answer it does not show yet."""
    return {
        "id": turn.id,
        "parent": None if turn.parent is None else turn.parent.id,
        "run_id": turn._port.run_id,
        "question": turn.question,
        "state": turn._listed_state,
        "char_count": turn.document.char_count,
        "attachments": [
            {"name": one.name, "kind": one.kind, "size_bytes": one.size_bytes}
            for one in turn.question.attachments
        ],
    }


def _run_messages(turn: Turn, *, repeat: bool) -> list[dict[str, Any]]:
    """Return the message of a run, and its snapshot if a page needs it."""
    port = turn._port
    message = port.message(repeat=repeat and not port.final_seen)
    messages = [] if message is None else [message]
    if port.take_snapshot_asked():
        messages.append(port.snapshot())
    return messages
