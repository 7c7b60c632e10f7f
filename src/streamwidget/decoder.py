"""The one shape of every pure stage: feed a piece, get results, say when it is over.

Knows only this shape. A stage is never fed after `flush`; any partition of the same input gives
the same output.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out")


class Decoder(Protocol[In, Out]):
    """A pure stage from pieces of `In` to results of `Out`."""

    def feed(self, piece: In, /) -> list[Out]:
        """Results that this piece completed, in order; often none."""

    def flush(self) -> list[Out]:
        """Results still held back, once the input is over."""
