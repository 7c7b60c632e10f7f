"""Tables, values and metrics of a run by name; live while the run is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, Literal, Protocol, TypeVar

from ..document import Document
from ..document.metric import SeriesData
from ..document.values import ValueData
from ..export.table import Table, missing
from ..ops import Json
from .readable import Readable

T = TypeVar("T")
D = TypeVar("D")


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """All points of one series of a metric so far, in the order of arrival."""

    name: str
    """The name as passed to `emit.metric`: `loss`, or `loss/train`."""
    x: list[float]
    y: list[float | None]
    """The values; None is a gap."""
    last: float | None
    """The last value; None without any."""
    min: float | None
    max: float | None

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        return f"Series({self.name!r}, {len(self):,} points, last={self.last})"


def text_of(run: Readable, kind: Literal["text", "reasoning"]) -> str:
    """Return the text of all parts of a kind, with nothing between them.

    It is joined without the run's lock: a long text must not hold up its stream.
    """
    with run.reading():
        pieces = run.document.pieces(kind)
    return "".join(pieces)


class Data(Mapping[str, T], Generic[T, D]):
    """Tables, values or series of a run by name; each is created when it is read."""

    def __init__(
        self,
        run: Readable,
        things: Callable[[Document], Mapping[str, D]],
        size: Callable[[Document], object],
        reader: Callable[[str, D], Callable[[], T]],
    ) -> None:
        """`reader` is called under the lock of the run; what it returns makes the result, without
        the lock."""
        self._run = run
        self._read = things
        self._size = size
        self._reader = reader
        self._index: tuple[object, Mapping[str, D]] = (None, {})

    def _things(self) -> Mapping[str, D]:
        """Return the data by name; the list is cached until something is added or removed."""
        document = self._run.document
        size = self._size(document)
        if self._index[0] != size:
            self._index = size, self._read(document)
        return self._index[1]

    def __getitem__(self, name: str) -> T:
        with self._run.reading():
            things = self._things()
            if name not in things:
                raise KeyError(missing(name, things))
            make = self._reader(name, things[name])
        return make()

    def __contains__(self, name: object) -> bool:
        with self._run.reading():
            return name in self._things()

    def __iter__(self) -> Iterator[str]:
        with self._run.reading():
            return iter(list(self._things()))

    def __len__(self) -> int:
        with self._run.reading():
            return len(self._things())

    def __repr__(self) -> str:
        return repr(dict(self))


class Values(Data[Json, ValueData]):
    """The JSON values of a run by name, as Python values, complete or not.

    In a value that is still growing, the last string or number may be incomplete.
    """

    def __init__(self, run: Readable) -> None:
        super().__init__(
            run,
            lambda document: dict(_named(document.values)),
            lambda document: (len(document.values), document.removed_count),
            lambda _, value: partial(_same, value.value),
        )

    def open_path(self, name: str) -> tuple[str | int, ...] | None:
        """Return the path, by keys and indices, of the string or number that may still grow.

        None: the whole value is final.

        Raises:
            KeyError: no such value exists yet.
        """
        with self._run.reading():
            values = dict(_named(self._run.document.values))
            if name not in values:
                raise KeyError(missing(name, values))
            return values[name].open_path


def tables(run: Readable) -> Mapping[str, Table]:
    """Return the tables of a run by name."""
    return Data(
        run,
        lambda document: dict(_named(document.tables)),
        lambda document: (len(document.tables), document.removed_count),
        lambda _, table: partial(Table, table, run.reading),
    )


def metrics(run: Readable) -> Mapping[str, Series]:
    """Return the series of a run: by the chart's name, then a slash and their own if it differs."""

    def read(document: Document) -> dict[str, SeriesData]:
        return {
            chart if name == metric.name else f"{chart}/{name}": series
            for chart, metric in _named(document.metrics)
            for name, series in metric.series.items()
        }

    def size(document: Document) -> object:
        return document.series_count, len(document.metrics), document.removed_count

    return Data(run, read, size, lambda name, series: partial(_series, name, series.copy()))


def _same(value: T) -> T:
    return value


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
    """Yield things with their names, numbered where two have the same."""
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for thing in things.values():
        name, count = thing.name, counts.get(thing.name, 1)
        while name in taken:
            count += 1
            name = f"{thing.name} {count}"
        counts[thing.name] = count
        taken.add(name)
        yield name, thing
