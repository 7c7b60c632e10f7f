"""Failures reported by a peer, as events: flat, nested in `error`, or a bare string.

Holds the only list of words and codes that make a failure retryable. Pure.
"""

from __future__ import annotations

import re
from typing import Final

from ..decode.records import parse
from ..errors import excerpt
from ..events import Failure
from .fields import (
    JsonObject,
    as_integer,
    as_mapping,
    as_text,
    json_text,
    mapping,
    text,
    text_or_none,
)
from .fields import (
    code as code_in,
)

MESSAGE_CHARS: Final = 1_000
"""A longer message is cut, and the whole message becomes the detail."""
_MESSAGES: Final = (
    "message",
    "detail",
    "error_description",
    "errorText",
    "errorMessage",
    "error_message",
    "error_msg",
    "msg",
    "errmsg",
    "err_msg",
    "status_msg",
    "faultstring",
    "Message",
    "title",
    "content",
    "reason",
    "text",
    "exception_message",
)
_CODES: Final = ("code", "status_code", "status", "error_code", "errorCode", "errcode", "Code")
_TYPES: Final = ("type", "error_type", "errorType", "__type")
_FAILED: Final = frozenset({"error", "failed", "failure", "fail"})
_ERRORS: Final = ("error", "errors", "err", "exception", "fault", "last_error", "errorDetail")
"""Members that hold an error object or its message."""
_ENVELOPES: Final = ("base_resp", "header")
"""Members in which some vendors put a code and a message in every record; code 0 is success."""
_OF_AN_ERROR: Final = frozenset(
    {*_CODES, *_MESSAGES, *_TYPES, "details", "success", "data", "request_id", "requestId", "state"}
    | {"log_id", "logid", "sid", "trace", "trace_id", "timestamp", "path", "instance"}
)
"""Members of a record that is only an error."""
_FAILED_NAME: Final = re.compile(
    r"(?:.*[._\-/])?(?:run|chat|turn|response|workflow|stream|task|job|session|completion|request|"
    r"execution|generation|prediction|agent|server|api|provider|pipeline|flow)"
    r"[._\-](?:failed|failure|error|errored)|error|exception|failed|failure|fatal"
)
"""Names of events that report a failed run, not a failed tool or step."""

_PART: Final = re.compile(r"tool|step|node|function|attempt|retry")

_RETRYABLE: Final = (
    "overloaded",
    "rate_limit",
    "ratelimit",
    "rate limit",
    "too_many_requests",
    "too many requests",
    "throttl",
    "server_error",
    "internal",
    "unavailable",
    "timeout",
    "timed out",
    "api_error",
)
_RETRYABLE_CODES: Final = frozenset({"408", "409", "429", "500", "502", "503", "504", "529"})


def is_retryable(*words: str | None) -> bool:
    """True if one of the peer's words means overload, a rate limit, or an internal error."""
    return any(
        word in _RETRYABLE_CODES or any(part in word.lower() for part in _RETRYABLE)
        for word in words
        if word
    )


def failure_of(error: object, *, code: str | None = None, error_type: str | None = None) -> Failure:
    """Return the failure in an error object, an object that holds one, or a message.

    `code` and `error_type` are the peer's, if they are not in `error`.
    """
    fields = error_object(error)
    message = _message_of(fields)
    if not message:
        excerpt_of = json_text(error) if fields or not isinstance(error, str) else ""
        shown = f": {excerpt_of}" if excerpt_of not in ("", "{}", "null") else "."
        message = f"The server reported an error without a message{shown}"
    code = code or code_in(fields, *_CODES)
    kind = error_type or text(fields, *_TYPES)
    kind = "" if kind.lower() in _FAILED else kind
    short = excerpt(message, MESSAGE_CHARS) if len(message) > MESSAGE_CHARS else message
    raw = text_or_none(mapping(fields, "metadata"), "raw")
    return Failure(
        short,
        fault="provider",
        error_type=kind or "ProviderError",
        retryable=is_retryable(code, kind) or (not kind and is_retryable(short)),
        code=code,
        detail=raw or (None if short == message else message),
    )


def _message_of(fields: JsonObject) -> str:
    """Return the message of an error object; "" if it has none.

    Source: RFC 9457, problem details: `title` names the kind of problem, `detail` explains it.
    """
    title, detail = text(fields, "title"), text(fields, "detail")
    if title and detail and not text(fields, "message"):
        return f"{title}: {detail}"
    return text(fields, *_MESSAGES) or as_text(fields.get("error"))


def error_object(error: object) -> JsonObject:
    """Return the object that holds message and code: `error` itself or an object inside it."""
    if isinstance(error, str):
        inner = parse(error) if error.lstrip()[:1] == "{" else None  # an error body in a string
        return error_object(inner) if isinstance(inner, dict) and inner else {"message": error}
    if isinstance(error, list) and error:
        return error_object(error[0])
    outer = as_mapping(error)
    for key in (*_ERRORS, *_ENVELOPES):
        inner = outer.get(key)
        if isinstance(inner, list) and inner:
            inner = inner[0]
        if isinstance(inner, dict) and inner:
            return (
                inner
                if text(inner, *_MESSAGES) or isinstance(inner.get("error"), str)
                else (error_object(inner) if as_mapping(inner.get("error")) else {**outer, **inner})
            )
        if isinstance(inner, str) and inner:
            return {**outer, **error_object(inner)}
    if text(outer, "message"):
        return outer
    if (inner := nested_error(outer)) is not None:
        return error_object(inner)
    return outer if text(outer, *_MESSAGES) else _with_message(outer)


def _with_message(outer: JsonObject) -> JsonObject:
    """Return the one object inside `outer` that has a message, with the other members of `outer`.

    Kubernetes and ComfyUI report failures so: `{"type": "ERROR", "object": {"message": ...}}`.
    """
    inner = [value for value in outer.values() if text(value, *_MESSAGES)]
    return {**outer, **inner[0]} if len(inner) == 1 else outer


def reports_failure(value: object) -> bool:
    """True if an unknown record reports a failure."""
    record = as_mapping(value)
    if not record:
        return False
    if any(_is_error(record.get(key)) for key in ("error", "errors", "err", "exception", "fault")):
        return True
    if text(record, "object") == "error" or text(record, "type").lower() in ("error", "exception"):
        return True
    if text(record, "errorMessage", "error_msg", "error_message"):
        return True
    if envelope_error(record) is not None or as_integer(record.get("errcode")):
        return True
    if text(record, "__type").endswith(("Exception", "Error")):
        return True
    has_message = bool(text(record, *_MESSAGES))
    if record.get("success") is False or record.get("ok") is False:
        return has_message and not _is_of_a_part(record)
    if any(text(record, key).lower() in _FAILED for key in ("status", "state")):
        is_alone = record.keys() <= _OF_AN_ERROR
        return (has_message or is_alone) and not _is_of_a_part(record)
    status = as_integer(record.get("code", record.get("status_code", record.get("status"))))
    if status is not None and (400 <= status < 600 or _is_error_code(status, record)):
        return has_message
    return record.keys() == {"detail"} and isinstance(record["detail"], str | list)


def _is_of_a_part(record: JsonObject) -> bool:
    """True if the record is about a tool or a step, whose failure is not that of the run."""
    return _PART.search(text(record, "type", "event", "kind").lower()) is not None


def _is_error_code(code: int, record: JsonObject) -> bool:
    """True if a code outside of HTTP is an error: the record holds nothing else but a message."""
    is_success = code == 0 or 100 <= code < 400
    is_alone = record.keys() <= _OF_AN_ERROR
    return is_alone and not is_success and (code > 600 or "msg" in record or "details" in record)


def envelope_error(record: JsonObject) -> JsonObject | None:
    """Return the vendor's envelope of a code and a message if it reports a failure; else None."""
    for key in _ENVELOPES:
        envelope = mapping(record, key)
        if as_integer(envelope.get("status_code", envelope.get("code"))) and text(
            envelope, *_MESSAGES
        ):
            return envelope
    return None


def names_failure(name: str) -> bool:
    """True if the name of an event means that the run failed, not a step or a tool."""
    return _FAILED_NAME.fullmatch(name.lower()) is not None


def nested_error(value: JsonObject, depth: int = 3) -> object:
    """Return the error in a vendor-specific object inside `value`; None if there is none."""
    for inner in value.values():
        if not isinstance(inner, dict):
            continue
        error = inner.get("error")
        if _is_error(error):
            return error
        if depth > 1 and (error := nested_error(inner, depth - 1)) is not None:
            return error
    return None


def _is_error(value: object) -> bool:
    return bool(value) and isinstance(value, str | dict | list)


def error_of(value: object) -> tuple[str, str | None]:
    """Return the message and the code of an error object, flat or nested; code None: missing."""
    failure = failure_of(value)
    return failure.detail or failure.message, failure.code
