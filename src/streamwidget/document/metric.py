"""A metric in Python: all points of all series, and the few that the page draws.

The page draws its whole list of points. When the list grows beyond its cap, x is divided into
stretches, and each keeps its least and its greatest point, so that no peak is lost. The cost for
each point is constant, however many there are.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from copy import copy
from itertools import islice
from typing import cast

from ..events import Metric
from ..ops import Fields, Json

SHOWN_SERIES = 100
"""First series of one chart that are sent to the page: more lines cannot be distinguished, and each
point sends a summary of all of them. Python keeps all."""

Point = list[Json]
"""`[series_index, x, y]`; y None is a gap."""


class SeriesData:
    """All points of one series."""

    __slots__ = ("greatest", "index", "last", "least", "x", "y")

    def __init__(self, index: int) -> None:
        self.index = index
        """Position among the chart's series, from 0."""
        self.x = array("d")
        self.y = array("d")
        """NaN for a gap."""
        self.last: float | None = None
        self.least: float | None = None
        self.greatest: float | None = None

    def copy(self) -> SeriesData:
        """Return an independent series of the same points."""
        series = copy(self)
        series.x, series.y = self.x[:], self.y[:]
        return series

    def add(self, x: float, y: float | None) -> None:
        """Add a point; y None is a gap."""
        self.x.append(x)
        self.y.append(math.nan if y is None else y)
        if y is not None:
            self.last = y
            self.least = y if self.least is None else min(self.least, y)
            self.greatest = y if self.greatest is None else max(self.greatest, y)


class MetricData:
    """All points of one chart."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.by_time = False
        self.series: dict[str, SeriesData] = {}
        self.point_count = 0
        self.thin_at = 0
        """Number of points on the page at which they are thinned next; 0: at the cap."""
        self.owner: object = None
        """The document that may change this chart; others copy it first."""

    def copy(self) -> MetricData:
        """Return an independent chart of the same points."""
        metric = copy(self)
        metric.series = {name: series.copy() for name, series in self.series.items()}
        return metric

    def take(self, event: Metric) -> list[Point]:
        """Add the points of an event and return those that the page shows."""
        self.by_time = self.by_time or event.by_time
        points = [self._take(event, name, _finite(y)) for name, y in event.points]
        if len(self.series) <= SHOWN_SERIES:
            return points
        return [point for point in points if cast("int", point[0]) < SHOWN_SERIES]

    def _take(self, event: Metric, name: str, y: float | None) -> Point:
        series = self.series.get(name)
        if series is None:
            series = self.series[name] = SeriesData(len(self.series))
        x = _finite(event.at_s if event.by_time and event.x is None else event.x)
        if x is None:
            x = float(len(series.x))
        series.add(x, y)
        self.point_count += 1
        return [series.index, x, y]

    def summary(self) -> Fields:
        """Return the point count, and the last, least and greatest value of each shown series."""
        series = list(islice(self.series.values(), SHOWN_SERIES))
        return {
            "point_count": self.point_count,
            "last": [data.last for data in series],
            "min": [data.least for data in series],
            "max": [data.greatest for data in series],
        }


def thinned(points: Sequence[Json], most: int) -> list[Json]:
    """Return about `most` of `points` at most: the least and the greatest of each stretch of x.

    The first and the last point of each series are kept, so that the line neither shrinks nor lags.
    """
    of_series: dict[Json, list[Point]] = {}
    for point in cast("Sequence[Point]", points):
        of_series.setdefault(point[0], []).append(point)
    stretch_count = max(1, most // (2 * len(of_series)) - 1)
    kept: list[Json] = []
    for series in of_series.values():
        kept += _thinned_series(series, stretch_count)
    return kept


def _thinned_series(series: list[Point], stretch_count: int) -> list[Point]:
    xs = [cast("float", point[1]) for point in series]
    low = min(xs)
    width = max(xs) / stretch_count - low / stretch_count  # the span itself may overflow
    extremes: dict[int, list[int]] = {}
    gaps: dict[int, int] = {}
    for at, x in enumerate(xs):
        y = series[at][2]
        stretch = int(x / width - low / width) if width > 0 else 0
        if y is None:
            gaps.setdefault(stretch, at)
            continue
        known = extremes.get(stretch)
        if known is None:
            extremes[stretch] = [at, at]
            continue
        if y < series[known[0]][2]:  # type: ignore[operator]
            known[0] = at
        if y > series[known[1]][2]:  # type: ignore[operator]
            known[1] = at
    chosen = {0, len(series) - 1}.union(gaps.values(), *extremes.values())
    return [series[at] for at in sorted(chosen)]


def _finite(value: object) -> float | None:
    """Return `value` as a finite float; None if it is not one."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
