"""A peer's report of a failure as an event: flat, nested in `error`, or a bare string.

Knows JSON values and the canonical events.
"""

from __future__ import annotations

from typing import Final

from ..events import Failure
from .fields import as_mapping, as_text, code, is_retryable, json_text, mapping, text, text_or_none

_MESSAGE_KEYS: Final = ("message", "detail", "error_description", "errorText", "msg", "title")
_CODE_KEYS: Final = ("code", "status_code", "status")


def provider_failure(value: object) -> Failure:
    """The failure that `value` tells of: an error object, one that holds it in `error`, or text.

    `code` is the peer's code, `error_type` its type (`ProviderError` if it gives none).
    """
    inner = as_mapping(value).get("error")
    if isinstance(inner, dict) and inner:
        return _of_object(inner)
    if isinstance(inner, str) and inner:
        return _failure(inner, code(value, *_CODE_KEYS), text(value, "error_type", "type"))
    if isinstance(value, dict):
        return _of_object(value)
    return _failure(as_text(value) or f"The provider reported an error: {json_text(value)}")


def _of_object(error: dict[str, object]) -> Failure:
    kind = text(error, "type", "error_type")
    message = text(error, *_MESSAGE_KEYS)
    if not message:
        message = f"The provider reported an error without a message: {json_text(error)}"
    detail = text_or_none(mapping(error, "metadata"), "raw")
    return _failure(message, code(error, *_CODE_KEYS), kind, detail)


def _failure(
    message: str, code: str | None = None, kind: str = "", detail: str | None = None
) -> Failure:
    return Failure(
        message,
        fault="provider",
        error_type="ProviderError" if kind in ("", "error") else kind,
        retryable=is_retryable(code, kind),
        code=code,
        detail=detail,
    )
