"""The `images` option of a view: which images in Markdown the page may load.

An image from the network reveals to its server who reads what, and when, so none is loaded unless
the user allows it. The page enforces this (`js/src/base/`); here the option is only checked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from ..errors import UsageError

Images = Literal["none", "data", "click"] | Sequence[str]

_WORDS = ("none", "data", "click")
_HOST = re.compile(r"[a-z0-9_.:-]+")
_PORTS = {"http": 80, "https": 443}


def images_option(images: Images) -> str | list[str]:
    """Return `images` as the page takes it: one of the three words, or a list of origins.

    Raises:
        UsageError: it is another word, or an item of the list is not an http or https origin.
    """
    if isinstance(images, str):
        if images in _WORDS:
            return images
        raise UsageError(
            f"images={images!r} is unknown. Pass 'none', 'data', 'click', or a list of origins."
        )
    return [_origin(one) for one in images]


def _origin(value: object) -> str:
    """Return the origin as browsers write it: lower case, without the default port."""
    try:
        parts = urlsplit(str(value))
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # an invalid port or host
        host = ""
    alone = _HOST.fullmatch(host) and not (parts.path.strip("/") or parts.query or parts.fragment)
    if not alone or parts.scheme not in _PORTS or "@" in parts.netloc:
        raise UsageError(
            f"{str(value)[:200]!r} in images is not an origin such as 'https://host' or "
            "'https://host:8443', without a path."
        )
    if ":" in host:
        host = f"[{host}]"
    return f"{parts.scheme}://{host}" + ("" if port in (None, _PORTS[parts.scheme]) else f":{port}")
