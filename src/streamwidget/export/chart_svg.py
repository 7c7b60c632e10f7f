"""A line chart as SVG, made from numbers only. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

Point = tuple[float, "float | None"]
"""`(x, y)`; y None is a gap."""

POINTS_COUNT: Final = 400
"""Most points of one series that are drawn: the greatest and the least of each two pixels."""
_COLORS: Final = ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#6e7781")


def line_chart(series: Sequence[Sequence[Point]]) -> str:
    """Return a chart of 400 by 100 pixels; "" if no series has a point."""
    xs = [x for points in series for x, y in points if y is not None]
    ys = [y for points in series for _, y in points if y is not None]
    if not xs:
        return ""
    box = min(xs), max(xs), min(ys), max(ys)
    lines = [
        f'<path fill="none" stroke="{_COLORS[at % len(_COLORS)]}" stroke-width="1.5" d="{path}"/>'
        for at, points in enumerate(series)
        if (path := _path(_thinned(points), box))
    ]
    frame = '<path fill="none" stroke="#808080" stroke-opacity="0.4" d="M0.5 0V99.5H400"/>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 100" width="400" height="100">'
        f"{frame}{''.join(lines)}</svg>"
    )


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """Return at most `POINTS_COUNT` points: the least and the greatest of each stretch."""
    if len(points) <= POINTS_COUNT:
        return points
    stretch = -(-2 * len(points) // POINTS_COUNT)
    kept: list[Point] = []
    for at in range(0, len(points), stretch):
        known = [point for point in points[at : at + stretch] if point[1] is not None]
        if not known:
            kept.append(points[at])
            continue
        ends = {min(known, key=_height), max(known, key=_height)}
        kept += sorted(ends, key=lambda point: point[0])
    return kept


def _height(point: Point) -> float:
    return point[1] or 0.0


def _path(points: Sequence[Point], box: tuple[float, float, float, float]) -> str:
    """Return the path of one series; `box` has the least and greatest x and y of the chart."""
    left, right, low, high = box
    path, pen = [], "M"
    for x, y in sorted(points, key=lambda point: point[0]):
        if y is None:
            pen = "M"
            continue
        across = 400 * ((x - left) / (right - left) if right > left else 0.5)
        down = 95 - 90 * ((y - low) / (high - low) if high > low else 0.5)
        path.append(f"{pen}{across:.1f} {down:.1f}")
        pen = "L"
    return "".join(path)
