"""Requests that go on where another broke off. Pure; builds, and sends nothing.

A body is never sent again, and nothing that tells who asks goes to another origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ..request import SECRET_NAME, HttpRequest

_OF_THE_BODY: Final = frozenset(
    {"content-type", "content-length", "content-encoding", "transfer-encoding", "expect", "host"}
)


def follow_up(
    first: HttpRequest,
    first_url: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    json: object = None,
) -> HttpRequest:
    """A GET of `url` with the headers of `first`, or a POST of `json` if that is not None.

    `first_url` is where `first` went: to another origin go no credentials.
    """
    foreign = origin_of(url) != origin_of(first_url)
    if not foreign:  # the same user, where the first address named one
        url = urlunsplit((*urlsplit(url)[:1], urlsplit(first_url).netloc, *urlsplit(url)[2:]))
    more = headers or {}
    replaced = {name.lower() for name in more} | _OF_THE_BODY
    kept = [
        (name, value)
        for name, value in first.header_pairs
        if name.lower() not in replaced and not (foreign and SECRET_NAME.search(name))
    ]
    options: dict[str, Any] = {"headers": [*kept, *more.items()]}
    if json is not None:
        options["json"] = json
    auth = None if foreign else first.auth
    method = "GET" if json is None else "POST"
    return HttpRequest(method, url, options, auth, first.follow_redirects, foreign=foreign)


def header(request: HttpRequest, name: str) -> str:
    """The value of a header that the caller gave; "" if there is none."""
    given = {key.lower(): value for key, value in request.header_pairs}
    return given.get(name.lower(), "")


def with_query(url: str, **values: str | None) -> str:
    """`url` with these parameters in its query in place of those it had; None removes one."""
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in values
    ]
    told = [(name, value) for name, value in values.items() if value is not None]
    return urlunsplit((*parts[:3], urlencode([*kept, *told]), ""))


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def below(url: str, *names: str) -> str:
    """`url` with `names` added to its path, its query kept."""
    parts = urlsplit(url)
    path = "/".join([parts.path.rstrip("/"), *names])
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port or usual
