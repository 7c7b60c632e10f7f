"""An HTTP request before it is sent, built for the library whose client will send it.

Recognises httpx and httpx2 by the names of their modules, and imports neither.
"""

from __future__ import annotations

import ipaddress
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from ..errors import UsageError
from ..limits import Limits
from .redaction import safe_url, secrets_of
from .redirects import SAFE_HEADERS

ACCEPT: Final = "text/event-stream, application/x-ndjson, text/plain, */*;q=0.1"
_OF_THE_BODY: Final = frozenset({"content-type", "content-length", "transfer-encoding"})
MOST_JSON_BYTES: Final = 4_000_000
"""The cost of a request with a larger body is not estimated."""
LIBRARY_TIMEOUT_S: Final = 5.0
"""The default of both libraries. It is not the user's choice, and too short for models that
think."""


@dataclass(frozen=True, slots=True, repr=False)
class HttpRequest:
    """A request to send; `ready` is a request of httpx or httpx2 that the caller has made."""

    method: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    auth: Any = None
    follow_redirects: bool = True
    ready: Any = None
    timeout_s: float | None = None
    """The longest silence; None: that of the client."""
    foreign: bool = False
    """True if it goes to another origin than the caller named: it then carries nothing that
    identifies the caller."""

    @property
    def name(self) -> str:
        """Name of the source, for people: the method unless it is GET, and the URL without
        secrets."""
        shown = safe_url(self.url)
        return shown if self.method == "GET" else f"{self.method} {shown}"

    @property
    def is_local(self) -> bool:
        """True if the server is on this machine or in its private network."""
        host = urlsplit(self.url).hostname or ""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return "." not in host or host.endswith((".localhost", ".local", ".internal"))
        return address.is_private or address.is_loopback

    @property
    def repeatable(self) -> bool:
        """True if the body can be sent again: sending an iterator uses it up."""
        content = self.options.get("content")
        if self.ready is not None:
            return hasattr(self.ready, "_content") or self.ready.method in {"GET", "HEAD"}
        return content is None or isinstance(content, (str, bytes))

    @property
    def header_pairs(self) -> list[tuple[str, str]]:
        """The headers that the caller gave."""
        if self.ready is not None:
            return list(self.ready.headers.multi_items())
        return header_items(self.options.get("headers"))

    def json_body(self) -> object:
        """Return the body as JSON values; None if it is not JSON, or too large to look at."""
        body = self.options.get("json")
        if body is not None:
            return body
        content = self.options.get("content", getattr(self.ready, "_content", None))
        if not isinstance(content, (str, bytes)) or len(content) > MOST_JSON_BYTES:
            return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            return None

    def secrets(self) -> Iterator[str]:
        """Yield the secret values that the caller put into this request."""
        headers = [(_shown(name), _shown(value)) for name, value in self.header_pairs]
        yield from secrets_of(self.url, headers, auth=self.auth)
        for part in ("json", "data", "content"):
            yield from secrets_of(body=self.options.get(part))
        params = self.options.get("params")
        if isinstance(params, Mapping):
            yield from secrets_of("?" + urlencode(params, doseq=True))
        yield from secrets_of(body=getattr(self.ready, "_content", None))

    def make(self, client: Any, limits: Limits, extensions: Mapping[str, Any]) -> Any:
        """Return a new request of the client's library; never changes what was passed in."""
        if self.ready is not None:
            return self._copy(client, limits, extensions)
        options = dict(self.options)
        headers = [*header_items(options.pop("headers", None))]
        names = {name.lower() for name, _ in headers}
        if "accept" not in names and client.headers.get("accept") == "*/*":
            headers.append(("accept", ACCEPT))
        if "accept-encoding" not in names:  # servers that compress tend to buffer
            headers.append(("accept-encoding", "identity"))
        built = client.build_request(
            self.method,
            self.url,
            headers=headers,
            timeout=self._timeout(client, limits),
            extensions=dict(extensions),
            **options,
        )
        if self.foreign:
            for name in set(built.headers) - names - SAFE_HEADERS - _OF_THE_BODY:
                del built.headers[name]
        return built

    def _timeout(self, client: Any, limits: Limits) -> Any:
        if self.timeout_s is not None:
            return type(client.timeout)(self.timeout_s)
        return _patient(client.timeout, limits)

    def _copy(self, client: Any, limits: Limits, extensions: Mapping[str, Any]) -> Any:
        library = sys.modules[library_of(client)]
        merged = {**self.ready.extensions, **extensions}
        chosen = merged.get("timeout")
        is_default = chosen is None or set(chosen.values()) == {LIBRARY_TIMEOUT_S}
        if is_default or self.timeout_s is not None:
            merged["timeout"] = self._timeout(client, limits).as_dict()
        same = library_of(self.ready) == library_of(client)
        body = {"stream": self.ready.stream} if same else {"content": self._body()}
        return library.Request(
            self.method, self.url, headers=list(self.ready.headers.raw), extensions=merged, **body
        )

    def _body(self) -> bytes:
        try:
            return bytes(self.ready.content)
        except Exception:
            raise UsageError(
                "A request whose body is an iterator can only be sent by a client of the same "
                "library: pass client=..., or open the response yourself."
            ) from None

    def send_options(self) -> dict[str, Any]:
        """Return the options of the client's `send`."""
        options: dict[str, Any] = {"stream": True, "follow_redirects": False}
        if self.auth is not None or self.foreign:
            options["auth"] = self.auth  # None: not even the client's own
        return options


def _patient(timeout: Any, limits: Limits) -> Any:
    """Return `timeout`, or a longer one if it is the default of its library."""
    if timeout != type(timeout)(LIBRARY_TIMEOUT_S):
        return timeout
    return type(timeout)(None, connect=limits.connect_timeout_s)


def header_items(headers: Any) -> list[tuple[str, str]]:
    """Return anything that httpx takes as `headers=` as pairs."""
    if headers is None:
        return []
    return list(headers.items()) if isinstance(headers, Mapping) else list(headers)


def _shown(part: str | bytes) -> str:
    return part.decode("latin-1") if isinstance(part, bytes) else part


def library_of(value: object) -> str:
    """Return `httpx` or `httpx2` for their objects and subclasses; else the top package."""
    for class_ in type(value).__mro__:
        package = class_.__module__.partition(".")[0]
        if package in {"httpx", "httpx2"}:
            return package
    return type(value).__module__.partition(".")[0]
