"""The turns of a chat: a tree, one path of which is shown, and the questions that wait.

Must not know widgets, and starts nothing itself. Everything is called under `lock`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator

from .turn import Turn


class Conversation:
    """The turns, and the order in which they are answered: one at a time."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.rev = 0
        """Number of the last change of a turn or of the path."""
        self.leaf: Turn | None = None
        """The last turn of the path that is shown; None: nothing was asked."""
        self.live: Turn | None = None
        """The turn whose answer started last."""
        self._waiting: deque[Turn] = deque()
        self._turns: dict[str, Turn] = {}
        self._children: dict[str | None, list[Turn]] = {}
        """The turns that follow each turn, by its ID, in the order in which they were asked; None:
        those that follow none."""
        self._shown: dict[str | None, Turn] = {}
        """The one of them that was shown last."""
        self._changed: OrderedDict[str, Turn] = OrderedDict()
        """The turns by the time of their last change, the latest last."""

    def __len__(self) -> int:
        return len(self._turns)

    def __iter__(self) -> Iterator[Turn]:
        return iter(list(self._turns.values()))

    def get(self, turn_id: str) -> Turn | None:
        """Return the turn with this ID; None: there is none."""
        return self._turns.get(turn_id)

    @property
    def busy(self) -> bool:
        """True if an answer is live, or a question waits for one."""
        return bool(self.unfinished())

    def unfinished(self) -> list[Turn]:
        """Return the turns that have not ended, in the order in which they are answered."""
        live = [] if self.live is None else [self.live]
        return [turn for turn in [*live, *self._waiting] if not turn.over]

    def add(self, turn: Turn) -> None:
        """Add a question, and show the path that ends with it."""
        self._turns[turn.id] = turn
        self._children.setdefault(_key(turn.parent), []).append(turn)
        self._waiting.append(turn)
        self.show(turn)
        self.note(turn)

    def waiting_from(self, turn: Turn) -> list[Turn]:
        """Return the turns that wait among `turn` and those after it, the last first."""
        branch = [turn]
        for one in branch:
            branch += self._children.get(one.id, ())
        return [one for one in reversed(branch) if one.queued]

    def versions(self, turn: Turn) -> list[Turn]:
        """Return the turns that were asked in the same place, this one included."""
        return list(self._children[_key(turn.parent)])

    def show(self, turn: Turn) -> None:
        """Show the path through `turn`, on to the turns that were shown last after it."""
        at: Turn | None = turn
        while at is not None:
            self._shown[_key(at.parent)] = at
            at = at.parent
        leaf = turn
        while (after := self._shown.get(leaf.id)) is not None:
            leaf = after
        if leaf is not self.leaf:
            self.leaf = leaf
            self.rev += 1

    def note(self, turn: Turn) -> None:
        """Note that a turn has changed in what pages list: its state, or its place."""
        self.rev += 1
        turn._rev = self.rev
        self._changed[turn.id] = turn
        self._changed.move_to_end(turn.id)

    def take_next(self) -> Turn | None:
        """Return the question to answer now; None: an answer is live, or nothing waits."""
        if self.live is not None and not self.live.over:
            return None
        while self._waiting and self._waiting[0].over:
            self._waiting.popleft()
        if not self._waiting or self._waiting[0]._run.stop_requested():
            return None  # a question that is being taken back calls again at its end
        turn = self.live = self._waiting.popleft()
        turn._is_claimed = True
        self.note(turn)
        return turn

    def path(self) -> list[Turn]:
        """Return the turns that are shown, from the first to the last."""
        return path_to(self.leaf)

    def since(self, rev: int) -> list[Turn]:
        """Return the turns that have changed after the change `rev`, the first change first."""
        changed = []
        for turn in reversed(self._changed.values()):
            if turn._rev <= rev:
                break
            changed.append(turn)
        return changed[::-1]


def _key(parent: Turn | None) -> str | None:
    return None if parent is None else parent.id


def path_to(leaf: Turn | None) -> list[Turn]:
    """Return the turns from the first one to `leaf`."""
    path = []
    at = leaf
    while at is not None:
        path.append(at)
        at = at.parent
    return path[::-1]
