"""What a run has given beside its text, by name: tables, values, metrics. Live while it goes on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ..document import Document
from ..document.metric import SeriesData
from ..export.table import Table
from ..ops import Json

T = TypeVar("T")


class Readable(Protocol):
    """What a run is to those who read it."""

    @property
    def document(self) -> Document: ...

    def reading(self) -> AbstractContextManager[object]:
        """Holds the run still."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """All points of one series of a metric so far, in the order in which they came."""

    name: str
    """The name as `emit.metric` was given it: `loss`, or `loss/train`."""
    x: list[float]
    y: list[float | None]
    """None where there is a gap."""
    last: float | None
    """None while there is no point."""
    min: float | None
    max: float | None

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        return f"Series({self.name!r}, {len(self):,} points, last={self.last})"


class Data(Mapping[str, T]):
    """What a run has of one kind, by name; each look sees the run as it is then."""

    def __init__(self, run: Readable, read: Callable[[Document], dict[str, T]]) -> None:
        self._run = run
        self._read = read

    def _now(self) -> dict[str, T]:
        with self._run.reading():
            return self._read(self._run.document)

    def __getitem__(self, name: str) -> T:
        now = self._now()
        if name not in now:
            raise KeyError(f"{name!r}; there is {', '.join(map(repr, now)) or 'nothing so far'}")
        return now[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def __repr__(self) -> str:
        return repr(self._now())


class Values(Data[Json]):
    """The JSON values of a run by name: what of them has arrived, as Python values.

    The last string or number of a value that is still growing is a part of what it will be.
    """

    def __init__(self, run: Readable) -> None:
        super().__init__(
            run, lambda document: {name: one.value for name, one in _named(document.values)}
        )

    def open_path(self, name: str) -> tuple[str | int, ...] | None:
        """Where in the value the string or number stands that may still grow, by keys and indices;
        None: all that has arrived is certain.

        Raises:
            KeyError: there is no such value (yet).
        """
        with self._run.reading():
            return dict(_named(self._run.document.values))[name].open_path


def tables(run: Readable) -> Mapping[str, Table]:
    """The tables of a run by name."""

    def read(document: Document) -> dict[str, Table]:
        return {name: Table(one, run.reading) for name, one in _named(document.tables)}

    return Data(run, read)


def metrics(run: Readable) -> Mapping[str, Series]:
    """The series of a run by name: the chart's, and after a slash the series' own if it differs."""

    def read(document: Document) -> dict[str, Series]:
        return {
            told: _series(told, series)
            for chart, metric in _named(document.metrics)
            for name, series in metric.series.items()
            for told in (chart if name == chart else f"{chart}/{name}",)
        }

    return Data(run, read)


def _series(name: str, data: SeriesData) -> Series:
    return Series(
        name=name,
        x=data.x.tolist(),
        y=[None if math.isnan(y) else y for y in data.y],
        last=data.last,
        min=data.least,
        max=data.greatest,
    )


def _named(things: Mapping[str, N]) -> Iterator[tuple[str, N]]:
    """Things with their names, numbered where two have the same."""
    taken: set[str] = set()
    for thing in things.values():
        name, n = thing.name, 1
        while name in taken:
            n += 1
            name = f"{thing.name} {n}"
        taken.add(name)
        yield name, thing
