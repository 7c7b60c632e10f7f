"""MIME bundles of objects with a rich representation, as IPython would show them.

Uses IPython's formatters if it runs, else the `_repr_*_` methods and the `save` methods of figures,
charts and images. No plotting library is imported.
"""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Mapping
from typing import Any

from ..document.table_cells import plain_json
from ..phrases import capped

Bundle = tuple[dict[str, str], dict[str, object], tuple[str, ...]]
"""Texts by MIME type (binary data in base64), their metadata, and the MIME types left out."""

BINARY = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
PLAIN_CHARS = 20_000
"""Most characters of an object's plain text."""

_METHODS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
    "application/pdf": "_repr_pdf_",
    "application/json": "_repr_json_",
    "text/latex": "_repr_latex_",
}
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
)


def mime_bundle(obj: object, most_bytes: int) -> Bundle:
    """Return the representations of `obj`; those of more than `most_bytes` as sent are left out."""
    representations, metadata = _representations(obj)
    representations.setdefault("text/plain", _plain_repr(obj))
    return bundle_of(representations, metadata, most_bytes)


def bundle_of(
    representations: Mapping[str, object], metadata: Mapping[str, object], most_bytes: int
) -> Bundle:
    """Return representations by MIME type as texts; those of more than `most_bytes` are left
    out."""
    data, omitted = {}, []
    for mime, value in representations.items():
        mime = str(mime)
        text = _text(mime, value)
        if mime == "text/plain":
            text = capped(text, PLAIN_CHARS)
        if len(text.encode("utf-8", "replace")) > most_bytes:
            omitted.append(mime)
        else:
            data[mime] = text
    kept: dict[str, object] = {
        mime: plain_json(fields) for mime, fields in metadata.items() if mime in data
    }
    return data, kept, tuple(omitted)


def _representations(obj: object) -> tuple[dict[str, object], Mapping[str, object]]:
    if isinstance(obj, (bytes, bytearray)):
        return _from_bytes(bytes(obj)), {}
    data, metadata = _by_ipython(obj)
    if not set(data) - {"text/plain"}:
        data, metadata = _by_methods(obj)
    if not any(mime.startswith("image/") or mime == "text/html" for mime in data):
        data |= _drawn(obj)
    return data, metadata


def _plain_repr(obj: object) -> str:
    try:
        return repr(obj)
    except Exception:
        return f"<{type(obj).__name__} whose repr() failed>"


def _from_bytes(data: bytes) -> dict[str, object]:
    for magic, mime in _MAGIC:
        if data.startswith(magic):
            return {mime: data, "text/plain": f"{mime}, {len(data):,} bytes"}
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return {"image/webp": data, "text/plain": f"image/webp, {len(data):,} bytes"}
    return {}


def _by_ipython(obj: object) -> tuple[dict[str, object], Mapping[str, object]]:
    module = sys.modules.get("IPython.core.getipython")
    shell = None if module is None else module.get_ipython()
    if shell is None or hasattr(obj, "_ipython_display_"):  # it displays itself in the cell
        return {}, {}
    data, metadata = shell.display_formatter.format(obj)
    return dict(data), metadata


def _by_methods(obj: object) -> tuple[dict[str, object], Mapping[str, object]]:
    if isinstance(obj, type):
        return {}, {}
    bundle = _call(obj, "_repr_mimebundle_")
    if isinstance(bundle, tuple) and len(bundle) == 2 and isinstance(bundle[0], Mapping):
        return dict(bundle[0]), bundle[1] if isinstance(bundle[1], Mapping) else {}
    if isinstance(bundle, Mapping):
        return dict(bundle), {}
    called = {mime: _call(obj, method) for mime, method in _METHODS.items()}
    # a method may return its value with metadata
    data = {mime: value[0] if isinstance(value, tuple) else value for mime, value in called.items()}
    metadata = {mime: value[1] for mime, value in called.items() if isinstance(value, tuple)}
    return {mime: value for mime, value in data.items() if value is not None}, metadata


def _call(obj: object, method: str) -> Any:
    function = getattr(obj, method, None)
    if not callable(function):
        return None
    try:
        return function()
    except Exception:  # this representation failed; another one may work
        return None


def _drawn(obj: object) -> dict[str, object]:
    """Return the picture of a matplotlib figure or axes, or of an Altair chart."""
    figure = obj if hasattr(obj, "savefig") else getattr(obj, "figure", None)
    if hasattr(figure, "savefig"):
        out = io.BytesIO()
        figure.savefig(out, format="png", bbox_inches="tight", dpi=144)
        return {"image/png": out.getvalue()}
    if hasattr(obj, "save") and hasattr(obj, "to_json") and hasattr(obj, "mark_line"):
        text = io.StringIO()
        try:
            obj.save(text, format="svg")  # needs an optional dependency of Altair
        except Exception:
            return {}
        return {"image/svg+xml": text.getvalue()}
    return {}


def _text(mime: str, value: object) -> str:
    if isinstance(value, (bytes, bytearray)):
        if mime in BINARY:
            return base64.b64encode(value).decode()
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, str):
        return value.replace("\n", "") if mime in BINARY else value
    return json.dumps(plain_json(value), ensure_ascii=False)
