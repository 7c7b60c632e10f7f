"""Attachments of a question in a chat: texts, images, and tables as text."""

from .attachment import (
    ATTACHED_BYTES,
    ATTACHED_COUNT,
    Attachment,
    attached,
    detail_of,
    from_bytes,
    kind_of,
)

__all__ = [
    "ATTACHED_BYTES",
    "ATTACHED_COUNT",
    "Attachment",
    "attached",
    "detail_of",
    "from_bytes",
    "kind_of",
]
