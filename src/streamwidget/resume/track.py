"""Decides which records of a resumed stream are new. Pure; must not know the source of the keys.

A record may have a key (an event ID, a sequence number); records without a key are followers of the
last record with one. After a resume, the server sends the records after the key in the request.
Some servers send more: the record with that key too, everything from the beginning, or the
followers of the key. So a repeated record is recognised by its key, and a repeated follower by its
place after the key and its content.
"""

from __future__ import annotations

from array import array

from ..errors import TransportError
from .keys import Key, Keys


class Track:
    """The keys so far; `admit` returns True for each new record.

    `ordered`: keys are numbers that only grow, so only the last one is kept. Otherwise about the
    last `kept_count` keys are kept; records with older keys count as new.
    """

    def __init__(
        self, key: Key | None = None, *, ordered: bool = False, kept_count: int = 1_000_000
    ) -> None:
        self.key = key
        """The last new key; None before the first."""
        self.count = 0
        """Records admitted."""
        self.missing_count = 0
        """Number of keys skipped where a resume began; only with ordered keys."""
        self._ordered = ordered
        self._seen = Keys(kept_count)
        if key is not None:
            self._seen.add(key)
        self._carried = True  # True if a record had the key, False if only its block did
        self._followers = array("q")  # digests of the records after the key
        # The current connection, after a resume:
        self._resumed = False
        self._caught_up = True
        self._trusted = False
        self._from_start = False
        self._at = 0
        self._here: Key | None = None
        self._here_is_old = False

    def resume(self, *, from_start: bool = False, exact: bool = False) -> None:
        """Begin a new connection after `key`.

        `from_start`: it begins at the start of the stream, so everything up to here must repeat.
        `exact`: it begins right after the last record, so records without a key are new.
        """
        self._resumed = True
        self._caught_up = exact
        self._trusted = exact
        self._from_start = from_start
        self._at = 0
        self._here = None
        self._here_is_old = False

    def admit(self, key: Key | None, data: str) -> bool:
        """True if the record is new; it is counted then.

        Raises:
            TransportError: the stream restarted with different content.
        """
        new = self._is_new(key, data) if self._resumed else True
        if new:
            self._take(key, data)
        return new

    def move(self, key: Key) -> None:
        """Note a key that arrived without a record."""
        self._here, self._here_is_old = key, self._resumed and self._is_old(key)
        if key != self.key and not self._here_is_old:
            self._check_whole(key)
            self._begin(key, carried=False)

    # --- inside

    def _is_new(self, key: Key | None, data: str) -> bool:
        if key is None or key == self._here:
            return not self._here_is_old and (self._caught_up or self._is_new_follower(data))
        self._here, self._here_is_old = key, False
        if key == self.key:
            if self._trusted:
                return False
            self._caught_up = False
            self._at = 0
            return not self._carried and self._is_new_follower(data)
        self._here_is_old = self._is_old(key)
        if not self._here_is_old:
            self._check_whole(key)
        return not self._here_is_old

    def _is_new_follower(self, data: str) -> bool:
        expected = self._at < len(self._followers)
        if expected and self._followers[self._at] == hash(data):
            self._at += 1
            return False
        if expected and self._from_start:
            raise _started_over()
        self._caught_up = True
        return True

    def _is_old(self, key: Key) -> bool:
        if self._ordered and isinstance(key, int) and isinstance(self.key, int):
            return key <= self.key
        return key in self._seen

    def _check_whole(self, key: Key) -> None:
        if not self._resumed or self._caught_up:
            return
        if self._from_start and self._at < len(self._followers):
            raise _started_over()
        if self._ordered and isinstance(key, int) and isinstance(self.key, int):
            self.missing_count += max(0, key - self.key - 1)

    def _take(self, key: Key | None, data: str) -> None:
        self.count += 1
        if key is None or key == self.key:
            self._followers.append(hash(data))
        else:
            self._begin(key, carried=True)

    def _begin(self, key: Key, *, carried: bool) -> None:
        self.key = key
        self._carried = carried
        self._caught_up = True
        if len(self._followers):
            self._followers = array("q")
        if not self._ordered:
            self._seen.add(key)


def _started_over() -> TransportError:
    return TransportError(
        "The connection was lost, and the server restarted with different content instead of "
        "continuing: its stream has no positions to resume from.",
        retryable=False,
    )
