"""Bytes to records: framings, how they are recognised, and how they are chained. Pure."""

from .sse import ServerSentEvent, SSEDecoder

__all__ = ["SSEDecoder", "ServerSentEvent"]
