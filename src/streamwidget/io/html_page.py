"""Recognises an HTML page where a stream was expected: a login page, or the error page of a proxy.

Pure. Servers send such pages with status 200, and sometimes under the content type of a stream.
"""

from __future__ import annotations

import re
from typing import Final

from ..decode.loose import title_of
from ..errors import excerpt

PAGE_BYTES: Final = 4096
"""How much of the page is read to find its title."""

_BOM: Final = b"\xef\xbb\xbf"
_STARTS: Final = (b"<!doctype html", b"<html")
_COMMENT: Final = re.compile(rb"\s*<!--.*?-->", re.DOTALL)
_TITLE_END: Final = re.compile(rb"</title", re.IGNORECASE)


def page_title(body: bytes) -> str:
    """Return the title of a page for use in a sentence: ` (“Sign in”)`; "" if it has none."""
    title = excerpt(title_of(body.decode(errors="replace")))
    return f" (“{title}”)" if title else ""


class PageDetector:
    """Holds back the beginning of a body until it is clear that it is not an HTML document."""

    def __init__(self) -> None:
        self.page: bytes | None = None
        """The beginning of the page, title included; None while there is none."""
        self.decided = False
        """True once the body can no longer be a page; then `feed` must not be called again."""
        self._head = b""

    @property
    def is_empty(self) -> bool:
        """True while nothing is held back."""
        return not self._head

    @property
    def is_begun(self) -> bool:
        """True if the bytes held back begin a page."""
        return _begins_page(self._head) is True

    def feed(self, chunk: bytes) -> bytes:
        """Return the bytes that can be passed on."""
        self._head += chunk
        match _begins_page(self._head):
            case True:
                if len(self._head) >= PAGE_BYTES or _TITLE_END.search(self._head):
                    self.page = self._head
                return b""
            case False:
                return self._release()
            case _:
                return b"" if len(self._head) < PAGE_BYTES else self._release()

    def flush(self) -> bytes:
        """Return the bytes still held back at the end of the body."""
        if self.is_begun:
            self.page = self._head
            return b""
        return self._release()

    def _release(self) -> bytes:
        self.decided = True
        head, self._head = self._head, b""
        return head


def _begins_page(head: bytes) -> bool | None:
    """True if `head` begins an HTML page; None while more bytes are needed."""
    if _BOM.startswith(head):
        return None
    text = head.removeprefix(_BOM)
    while comment := _COMMENT.match(text):
        text = text[comment.end() :]
    text = text.lstrip()
    if not text:
        return None
    lowered = text[:32].lower()
    for start in _STARTS:
        if lowered.startswith(start):
            after = lowered[len(start) :]
            return after[0] in b">\t\n\r /" if after else None
        if start.startswith(lowered):
            return None
    return None if lowered.startswith(b"<!--") or b"<!--".startswith(lowered) else False
