"""The title of an HTML page in place of a stream. Pure."""

from __future__ import annotations

import html
import re
from typing import Final

_TITLE: Final = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)


def title_of(text: str) -> str:
    """Return the title of an HTML page; "" if it has none."""
    match = _TITLE.search(text)
    return " ".join(html.unescape(match[1]).split()) if match else ""
