"""Hides credentials in everything that is shown; the only place that does.

`safe_url` shows an address without its credentials. A `Redaction` knows the secret values of one
request and hides them in any text, however the peer echoes them.
Pure; must not know HTTP clients.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlsplit

from ..errors import StreamWidgetError
from ..events import Event, Failure

SECRET_NAME: Final = re.compile(
    r"auth|key|token|secret|cookie|passw|pwd|session|credential|signature|^sig$", re.IGNORECASE
)
"""Names of headers, parameters and JSON members whose values identify the caller."""

SHARED_HEADERS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "last-event-id",
        "pragma",
        "range",
        "transfer-encoding",
        "user-agent",
    }
)
"""Headers whose values are never secret: a message may quote them."""

NAMED_CHARS: Final = 4
"""Shortest value that is hidden where its name says that it is secret."""

UNNAMED_CHARS: Final = 8
"""Shortest value that is hidden where its name does not say so: hiding every `1` or `true` would
make an error unreadable."""

BODY_DEPTH: Final = 32
HIDDEN: Final = "…"

_URL: Final = re.compile(r"""\b[a-z][a-z0-9+.-]{1,20}:[/\\]{2,}[^\s"'<>`|{}]+""", re.IGNORECASE)
_QUERY: Final = re.compile(r"""(?<=[\w/.~%-])\?[^\s"'<>?=|{}`()]*=[^\s"'<>|{}`()]*""")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:[/\\]*", re.IGNORECASE)
_PORT: Final = re.compile(r":\d*\Z")


def safe_url(url: str) -> str:
    """Return `url` without user info, query and fragment, so that it can be shown and logged.

    Accepts any text, also an invalid URL: a password that contains a slash or a backslash is
    removed as well.
    """
    text = re.split(r"[?#]", url.strip(), maxsplit=1)[0]
    text = "".join(char for char in text if char.isprintable())
    scheme = _SCHEME.match(text)
    if scheme is None or not scheme[0].endswith(("/", "\\")):
        return text.rpartition("@")[2]
    rest = text[scheme.end() :]
    authority, slash, path = _split_authority(rest)
    if "@" in path and not _is_host(authority.rpartition("@")[2]):
        authority, slash, path = _split_authority(rest.rpartition("@")[2])
    return scheme[0] + authority.rpartition("@")[2] + slash + path


def _split_authority(rest: str) -> tuple[str, str, str]:
    found = re.search(r"[/\\]", rest)
    return (
        (rest, "", "") if found is None else (rest[: found.start()], found[0], rest[found.end() :])
    )


def _is_host(authority: str) -> bool:
    """True if `authority` is certainly a host, not the beginning of a user name or password."""
    host = _PORT.sub("", authority).lower()
    return host == "localhost" or host.startswith("[") or ("." in host and ":" not in host)


def without_secrets(text: str) -> str:
    """Return `text` with each URL in it made safe to show, also one without its host.

    For text written by other libraries: log lines, messages of exceptions.
    """
    if "?" in text:
        text = _QUERY.sub("", text)
    return _URL.sub(lambda match: safe_url(match[0]), text) if "://" in text else text


def is_url(url: str) -> bool:
    """True if `url` can be parsed: a host, and a port from 1 to 65,535 if it names one."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def bad_header(headers: Iterable[tuple[object, object]]) -> str | None:
    """Return the name of the first header that HTTP cannot carry; None if there is none.

    Its name or value has a line break, a NUL or a character outside of ASCII.
    """
    for name, value in headers:
        for part in (name, value):
            if not isinstance(part, (str, bytes)):
                continue
            text = part.decode("latin-1") if isinstance(part, bytes) else part
            if not text.isascii() or any(char in text for char in "\r\n\0"):
                shown = name.decode("latin-1") if isinstance(name, bytes) else str(name)
                return shown if part is value and shown.isascii() else "headers"
    return None


Shown = TypeVar("Shown")


class Redaction:
    """The secret values of one request. Calling it hides them in a text.

    It also finds them percent-encoded, escaped as in JSON or HTML, and in base64.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return text

    def events(self, events: Sequence[Event], kinds: tuple[type, ...] = (Failure,)) -> list[Event]:
        """Return `events` with secrets hidden in those of `kinds`, as in the peer's failures."""
        return [self.hide(event) if type(event) in kinds else event for event in events]

    def error(self, error: StreamWidgetError) -> StreamWidgetError:
        """Hide secrets in the message of `error`, and return it."""
        error.message = self(error.message)
        error.args = (error.message, *error.args[1:])
        return error

    def hide(self, event: Shown) -> Shown:
        """Return the dataclass `event` with secrets hidden in each of its text fields."""
        changes: dict[str, Any] = {}
        for field in dataclasses.fields(event):  # type: ignore[arg-type]
            value = getattr(event, field.name)
            if isinstance(value, str) and (shown := self(value)) != value:
                changes[field.name] = shown
        return dataclasses.replace(event, **changes) if changes else event  # type: ignore[type-var]


def secrets_of(
    url: str = "",
    headers: Iterable[tuple[str, str]] = (),
    *,
    auth: object = None,
    body: object = None,
) -> Iterator[str]:
    """Yield the secret values of a request, which a response may echo.

    `auth` is a pair of user and password; other kinds appear in the headers. `body` is the JSON or
    the form that was sent, parsed or as text: members with a secret name count.
    """
    yield from _of_url(url)
    for name, value in headers:
        if name.lower() not in SHARED_HEADERS:
            yield from _of_header(name, value)
    if isinstance(auth, (tuple, list)) and len(auth) == 2:
        yield from _long(map(_text, auth), NAMED_CHARS)
    yield from _of_body(body)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, (bytes, bytearray)) else str(value)


def _long(values: Iterable[str], least: int) -> Iterator[str]:
    return (value for value in values if len(value) >= least)


def _least(name: str) -> int:
    return NAMED_CHARS if SECRET_NAME.search(name) else UNNAMED_CHARS


def _of_url(url: str) -> Iterator[str]:
    base, _, query = url.partition("#")[0].partition("?")
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        yield from _long((value, unquote_plus(value)), _least(name))
    scheme = _SCHEME.match(base)
    user_info, at, _ = base[scheme.end() if scheme else 0 :].rpartition("@")
    if at and (":" in user_info or "/" not in user_info):
        user, _, password = user_info.partition(":")
        yield from _long((user, password, unquote(user), unquote(password)), NAMED_CHARS)


def _of_header(name: str, value: str) -> Iterator[str]:
    least = _least(name)
    parts = [value, *value.split()]
    for piece in re.split(r"[;,]", value):
        parts.append(piece.strip())
        parts.append(piece.partition("=")[2].strip().strip('"'))
    scheme, _, credentials = value.strip().partition(" ")
    if scheme.lower() == "basic":
        pair = _unbase64(credentials)
        parts += [pair, *pair.split(":", 1)]
        least = NAMED_CHARS
    yield from _long((part for part in parts if part.lower() not in _AUTH_WORDS), least)


_AUTH_WORDS: Final = frozenset({"basic", "bearer", "digest", "token", "apikey", "negotiate"})


def _unbase64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _of_body(body: object) -> Iterator[str]:
    if isinstance(body, (bytes, bytearray)):
        body = body[:1_000_000].decode(errors="replace")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            yield from _of_form(str(body))
            return
    yield from _of_value(body, secret=False, depth=0)


def _of_form(body: str) -> Iterator[str]:
    for name, value in parse_qsl(body)[:1000]:
        if SECRET_NAME.search(name):
            yield from _long([value], NAMED_CHARS)


def _of_value(value: object, *, secret: bool, depth: int) -> Iterator[str]:
    if depth > BODY_DEPTH:
        return
    if isinstance(value, Mapping):
        for name, member in value.items():
            inside = secret or SECRET_NAME.search(str(name)) is not None
            yield from _of_value(member, secret=inside, depth=depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        for member in value:
            yield from _of_value(member, secret=secret, depth=depth + 1)
    elif secret and isinstance(value, (str, bytes)):
        yield from _long([_text(value)], NAMED_CHARS)


def _forms(secret: str) -> Iterator[str]:
    """Yield the forms in which a peer may write `secret`."""
    raw = secret.encode(errors="replace")
    escaped = json.dumps(secret)[1:-1]
    forms = {secret, quote(secret, safe=""), quote(secret), escaped, html.escape(secret)}
    forms.add(base64.b64encode(raw).decode().rstrip("="))
    return _long(forms, NAMED_CHARS)


def checked_url(url: str, schemes: tuple[str, ...], what: str) -> str:
    """Return `url` if it can be requested; `what` describes it in the message.

    Raises:
        ValueError: it cannot; the message is safe to show.
    """
    if not is_url(url) or not url.lower().startswith(schemes):
        begins = " or ".join(schemes)
        raise ValueError(f"{safe_url(url)[:200]!r} is not {what} that begins with {begins}.")
    return url
