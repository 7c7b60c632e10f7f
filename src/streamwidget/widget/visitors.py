"""The pages of one widget: which of them see it, and which of their requests were received."""

from __future__ import annotations

import threading
from collections import OrderedDict

REMEMBERED_REQUESTS = 256
"""Requests that are recognised if they arrive again."""
_REMEMBERED_PAGES = 16
_ID_CHARS = 64


class Requests:
    """The requests received so far. A request may arrive more than once, by different routes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._acks: list[str] = []

    def note(self, request_id: str) -> bool:
        """Note a request, to be acknowledged; return False if it was received before."""
        with self._lock:
            if request_id and request_id in self._known:
                return False
            self._known[request_id] = None
            if len(self._known) > REMEMBERED_REQUESTS:
                self._known.popitem(last=False)
            self._acks.append(request_id)
            return True

    def take_acks(self) -> list[str]:
        """Return the IDs that are not acknowledged yet, and clear them."""
        with self._lock:
            acks, self._acks = self._acks, []
            return acks


class Pages:
    """The pages that have attached; only those that reported it, the latest last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: OrderedDict[str, bool] = OrderedDict()
        self._numbers: OrderedDict[str, int] = OrderedDict()
        """By page, the number of its newest change of a knob."""

    def note(self, page: str, seen: bool | None = None) -> None:
        """Note a page, and whether the widget is visible there; None: as it reported before."""
        page = page[:_ID_CHARS]
        with self._lock:
            self._pages[page] = self._pages.get(page, True) if seen is None else seen
            self._pages.move_to_end(page)
            if len(self._pages) > _REMEMBERED_PAGES:
                self._pages.popitem(last=False)

    def is_news(self, page: str, number: int) -> bool:
        """True if `number` is greater than those that the page has sent before; note it."""
        page = page[:_ID_CHARS]
        with self._lock:
            if number <= self._numbers.get(page, -1):
                return False
            self._numbers[page] = number
            self._numbers.move_to_end(page)
            if len(self._numbers) > _REMEMBERED_PAGES:
                self._numbers.popitem(last=False)
            return True

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def unseen(self) -> bool:
        """True if every page reports that the widget is not visible."""
        with self._lock:
            return bool(self._pages) and not any(self._pages.values())
