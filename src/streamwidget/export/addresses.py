"""Which addresses may become links in a static export: those that the page lets through.

The same rules as `js/src/safety.ts`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

ADDRESS_CHARS = 4000
"""A longer address is shown as text."""

HOST_CHARS = 300

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile("[\x00-\x20\x7f-\x9f]+")
_UNENCODED = re.compile(r"%(?![0-9a-fA-F]{2})|[^\w\-.~:/?#@!$&'()*+,;=%]|[^\x00-\x7f]")
_WEB = re.compile(r"https?:/*(?P<authority>[^/?#]*)", re.IGNORECASE)
_HOST = re.compile(r"[\w.%\[\]:-]+", re.ASCII)


def show_bidi(text: str) -> str:
    """`text` with every character that turns the direction of text shown as its code."""
    return _BIDI.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


@dataclass(frozen=True, slots=True)
class Address:
    """An address that was let through."""

    href: str
    host: str
    """Where it leads: the host, or of `mailto:` the recipient."""


def address(raw: str) -> Address | None:
    """The address `raw` if it may be a link: absolute http, https or mailto; None for others."""
    if len(raw) > ADDRESS_CHARS:
        return None
    href = _encoded(raw)
    if href[:7].lower() == "mailto:":
        recipient = unquote(href[7:].partition("?")[0])[:HOST_CHARS]
        return Address(href, show_bidi(recipient))
    web = _WEB.match(href)
    host = web["authority"].rpartition("@")[2] if web else ""
    return Address(href, _shown(host)) if _HOST.fullmatch(host) else None


def _encoded(raw: str) -> str:
    """`raw` without control characters, and with all encoded that an address cannot hold."""
    bare = _CONTROLS.sub(lambda run: "%20" * run.group().count(" "), raw)
    return _UNENCODED.sub(lambda found: quote(found.group(), safe="", errors="replace"), bare)


def _shown(host: str) -> str:
    """The host as a browser shows one that it does not trust: in letters that cannot deceive."""
    name = unquote(host).lower()
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return host.lower()


def names_host(words: str, target: Address) -> bool:
    """Whether a link's own words already say where it leads, and nothing else."""
    said = words.strip().lower()
    bare = re.sub(r"^(?:https?://|mailto:)", "", said)
    rest = bare.removeprefix(target.host) if bare.startswith(target.host) else None
    within = rest is not None and re.fullmatch(r"(?:[/?#]\S*)?", rest) is not None
    return said == target.href.lower() or within
