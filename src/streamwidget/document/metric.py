"""A metric as Python holds it: all points of all series, and the few that draw its chart.

The page gets a list that is always drawn whole. When it grows past its cap, each of some stretches
of x keeps its least and its greatest point, so that no peak is lost; that costs a fixed number of
steps for each point, however many come.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import cast

from ..events import Metric
from ..ops import Fields, Json

Point = list[Json]
"""`[series_index, x, y]`; y None is a gap."""


class SeriesData:
    """All points of one series."""

    __slots__ = ("greatest", "index", "last", "least", "x", "y")

    def __init__(self, index: int) -> None:
        self.index = index
        """Its place among the chart's series."""
        self.x = array("d")
        self.y = array("d")
        """NaN where there is a gap."""
        self.last: float | None = None
        self.least: float | None = None
        self.greatest: float | None = None

    def add(self, x: float, y: float | None) -> None:
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
        """How many points the page holds when they are thinned next; 0: at its cap."""

    def take(self, event: Metric) -> list[Point]:
        """Takes points in and gives them as the page has them."""
        self.by_time = self.by_time or event.by_time
        return [self._take(event, name, _finite(y)) for name, y in event.points]

    def _take(self, event: Metric, name: str, y: float | None) -> Point:
        series = self.series.get(name)
        if series is None:
            series = self.series[name] = SeriesData(len(self.series))
        told = event.at_s if event.by_time and event.x is None else event.x
        x = _finite(told)
        if x is None:
            x = float(len(series.x))
        series.add(x, y)
        self.point_count += 1
        return [series.index, x, y]

    def summary(self) -> Fields:
        """What the page shows beside the chart, for each series in order."""
        series = self.series.values()
        return {
            "point_count": self.point_count,
            "last": [one.last for one in series],
            "min": [one.least for one in series],
            "max": [one.greatest for one in series],
        }


def thinned(points: Sequence[Json], most: int) -> list[Json]:
    """At most about `most` of `points`, with the least and the greatest of each stretch of x.

    The first and the last point of each series stay, so that the line neither shrinks nor lags.
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
    low, width = min(xs), (max(xs) - min(xs)) / stretch_count
    extremes: dict[int, list[int]] = {}
    gaps: dict[int, int] = {}
    for at, x in enumerate(xs):
        y = series[at][2]
        stretch = int((x - low) / width) if width > 0 else 0
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
    """`value` as a finite float; None where it is none."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
