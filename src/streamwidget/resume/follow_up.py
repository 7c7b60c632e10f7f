"""Requests that continue an interrupted response. Pure: builds requests and sends none.

A body is never sent again, and no credential is sent to another origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ..io.redirects import SAFE_HEADERS, origin_of
from ..io.request import HttpRequest

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
    """Return a GET of `url` with the headers of `first`, or a POST of `json` if that is not None.

    `first_url` is the address of `first`: credentials are not sent to another origin.
    """
    foreign = origin_of(url) != origin_of(first_url)
    if not foreign:  # the same user, where the first address named one
        url = urlunsplit((*urlsplit(url)[:1], urlsplit(first_url).netloc, *urlsplit(url)[2:]))
    more = headers or {}
    replaced = {name.lower() for name in more} | _OF_THE_BODY
    kept = [
        (name, value)
        for name, value in first.header_pairs
        if name.lower() not in replaced and (not foreign or name.lower() in SAFE_HEADERS)
    ]
    options: dict[str, Any] = {"headers": [*kept, *more.items()]}
    if json is not None:
        options["json"] = json
    auth = None if foreign else first.auth
    method = "GET" if json is None else "POST"
    return HttpRequest(
        method,
        url,
        options,
        auth,
        first.follow_redirects,
        timeout_s=first.timeout_s,
        foreign=foreign,
    )


def header(request: HttpRequest, name: str) -> str:
    """Return the value of a header of the request; "" if it has none."""
    headers = {key.lower(): value for key, value in request.header_pairs}
    return headers.get(name.lower(), "")


def with_query(url: str, **values: str | None) -> str:
    """Return `url` with these query parameters replaced; None removes one."""
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in values
    ]
    added = [(name, value) for name, value in values.items() if value is not None]
    return urlunsplit((*parts[:3], urlencode([*kept, *added]), ""))


def query_of(url: str) -> dict[str, str]:
    """Return the query parameters of `url`, decoded."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def below(url: str, *names: str) -> str:
    """Return `url` with `names` appended to its path; the query stays."""
    parts = urlsplit(url)
    path = "/".join([parts.path.rstrip("/"), *names])
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
