"""The one shape of every pure stage: feed a piece, get results, say when it is over.

Knows only this shape. A stage is never fed after `flush`; any partition of the same input gives
the same output.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


class Decoder(Protocol[In, Out]):
    """A pure stage from pieces of `In` to results of `Out`."""

    def feed(self, piece: In, /) -> Sequence[Out]:
        """Results that this piece completed, in order; often none."""

    def flush(self) -> Sequence[Out]:
        """Results still held back, once the input is over."""


class Chain(Generic[A, B, C]):
    """Two decoders as one: what the first gives is fed to the second, at the end as well."""

    def __init__(self, first: Decoder[A, B], second: Decoder[B, C]) -> None:
        self._first = first
        self._second = second

    def feed(self, piece: A, /) -> list[C]:
        return [out for mid in self._first.feed(piece) for out in self._second.feed(mid)]

    def flush(self) -> list[C]:
        out = [result for mid in self._first.flush() for result in self._second.feed(mid)]
        out.extend(self._second.flush())
        return out
