"""Rules for the addresses that may become links in a static export: the same as in the page.

`js/src/base/` has the same rules.
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
_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNENCODED = re.compile(r"%(?![0-9a-fA-F]{2})|[^\w\-.~:/?#@!$&'()*+,;=%]|[^\x00-\x7f]")
_WHOLE = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]\S*)?", re.IGNORECASE)
_WEB = re.compile(r"https?:/*(?P<authority>[^/?#]*)", re.IGNORECASE)
_HOST = re.compile(r"[\w.%\[\]:-]+", re.ASCII)


def show_bidi(text: str) -> str:
    """Return `text` with every character that changes the text direction written as its code."""
    return _BIDI.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def without_controls(text: str) -> str:
    """Return `text` without control characters; line feeds and tabs stay, and a carriage return is
    a line feed."""
    return _IN_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def harmless(text: str) -> str:
    """Return `text` without control characters, and with direction characters as codes."""
    return show_bidi(without_controls(text))


@dataclass(frozen=True, slots=True)
class Address:
    """An address that is allowed as a link."""

    href: str
    host: str
    """The host that it leads to; for `mailto:` the recipient."""


def address(raw: str) -> Address | None:
    """Return the address in `raw` if it is absolute http, https or mailto; None for all others."""
    if len(raw) > ADDRESS_CHARS:
        return None
    href = _encoded(raw)
    if href[:7].lower() == "mailto:":
        recipient = unquote(href[7:].partition("?")[0])[:HOST_CHARS]
        return Address(href, show_bidi(recipient))
    web = _WEB.match(href)
    host = web["authority"].rpartition("@")[2] if web else ""
    return Address(href, _shown(host)) if _HOST.fullmatch(host) else None


def web_address(value: object) -> Address | None:
    """Return the address if all of `value` is an http or https URL without user info, else None."""
    return address(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else None


def _encoded(raw: str) -> str:
    """Return `raw` without control characters, with invalid characters percent-encoded."""
    bare = _CONTROLS.sub(lambda run: "%20" * run.group().count(" "), raw)
    return _UNENCODED.sub(lambda found: quote(found.group(), safe="", errors="replace"), bare)


def _shown(host: str) -> str:
    """Return the host as a browser shows one that it does not trust: in ASCII (punycode)."""
    name = unquote(host).lower()
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return host.lower()


def names_host(words: str, target: Address) -> bool:
    """True if the text of a link already shows its address, and nothing else."""
    text = words.strip().lower()
    bare = re.sub(r"^(?:https?://|mailto:)", "", text)
    rest = bare.removeprefix(target.host) if bare.startswith(target.host) else None
    within = rest is not None and re.fullmatch(r"(?:[/?#]\S*)?", rest) is not None
    return text == target.href.lower() or within
