"""A question with what is attached to it, and its content in the shapes of several libraries."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeAlias, cast, get_args

from .attachments import Attachment
from .errors import UsageError

HistoryFormat: TypeAlias = Literal["openai", "anthropic", "gemini", "langchain", "pydantic-ai"]
_LIBRARIES: dict[str, str] = {"pydantic-ai": "pydantic_ai"}
"""The formats whose messages are objects of a library, with the name of its module."""


class Message(str):
    """A question, which is a `str`, with what is attached to it."""

    attachments: tuple[Attachment, ...]
    """The attachments, in the order in which it was passed."""

    def __new__(cls, text: str, attachments: Iterable[Attachment] = ()) -> Message:
        message = super().__new__(cls, text)
        message.attachments = tuple(attachments)
        return message

    def content(self, format: str = "openai") -> Any:
        """Return the `content` of a message for a model, as `chat.history(format)` has it.

        It is the text alone if nothing is attached, else a list of content parts.

        Raises:
            UsageError: the format is unknown, or the library that it needs is not installed.
        """
        return content(self, format)


def history_format(value: str) -> HistoryFormat:
    """Return `value` if it is the name of a format of messages that can be made here.

    Raises:
        UsageError: it is not, or the library whose messages these are is not installed.
    """
    known = get_args(HistoryFormat)
    if value not in known:
        raise UsageError(f"history={value!r} is unknown. Pass one of {', '.join(known)}.")
    if value in _LIBRARIES and importlib.util.find_spec(_LIBRARIES[value]) is None:
        raise _not_installed(value)
    return cast("HistoryFormat", value)


def content(message: str, format: str = "openai") -> Any:
    """Return the content of a question for a model: its text, or a list of content parts.

    Raises:
        UsageError: the format is unknown, or the library that it needs is not installed.
    """
    name = history_format(format)
    attachments = message.attachments if isinstance(message, Message) else ()
    if not attachments:
        return [{"text": str(message)}] if name == "gemini" else str(message)
    make = _PARTS[name]
    return [*(make(one) for one in attachments), make(str(message))]


def _openai_part(value: str | Attachment) -> object:
    if isinstance(value, Attachment) and value.kind == "image":
        return {"type": "image_url", "image_url": {"url": value.url}}
    return {"type": "text", "text": _text_of(value)}


def _anthropic_part(value: str | Attachment) -> object:
    if isinstance(value, Attachment) and value.kind == "image":
        source = {"type": "base64", "media_type": value.mime, "data": value.base64}
        return {"type": "image", "source": source}
    return {"type": "text", "text": _text_of(value)}


def _gemini_part(value: str | Attachment) -> object:
    if isinstance(value, Attachment) and value.kind == "image":
        return {"inline_data": {"mime_type": value.mime, "data": value.base64}}
    return {"text": _text_of(value)}


def _pydantic_ai_part(value: str | Attachment) -> object:
    if isinstance(value, Attachment) and value.kind == "image":
        return pydantic_messages().BinaryContent(data=value.data, media_type=value.mime)
    return _text_of(value)


def _text_of(value: str | Attachment) -> str:
    return value.as_text if isinstance(value, Attachment) else value


_PARTS: dict[HistoryFormat, Callable[[str | Attachment], object]] = {
    "openai": _openai_part,
    "anthropic": _anthropic_part,
    "gemini": _gemini_part,
    "langchain": _openai_part,
    "pydantic-ai": _pydantic_ai_part,
}


def pydantic_messages() -> Any:
    """Return the module of pydantic-ai with its messages.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return importlib.import_module("pydantic_ai.messages")
    except ImportError as error:
        raise _not_installed("pydantic-ai") from error


def _not_installed(library: str) -> UsageError:
    return UsageError(f"history={library!r} needs {library}: pip install {library}.")
