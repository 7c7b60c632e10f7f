"""The live views as a list that is shown as a table."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

from ..phrases import capped, counted, duration, money

if TYPE_CHECKING:
    from .chat.turn import Turn
    from .view import StreamView

_HEAD: Final = ("title", "status", "time", "tokens", "cost")
_TITLE_CHARS: Final = 60


class LiveViews(list["StreamView | Turn"]):
    """Views whose runs were live when the list was made, oldest first, and turns of chats.

    Its display shows the status, time, tokens and cost of each run as they are at that moment.
    """

    def stop(self) -> None:
        """Ask every run to stop; everything received is kept."""
        for view in self:
            view.stop()

    @property
    def cost(self) -> float | None:
        """The cost of all runs so far; None if no cost is known, or the currencies differ."""
        spent = [(view.cost, _currency(view)) for view in self]
        known = [(cost, currency) for cost, currency in spent if cost is not None]
        return sum(cost for cost, _ in known) if len({unit for _, unit in known}) == 1 else None

    def _rows(self) -> list[tuple[str, ...]]:
        return [_cells(view) for view in self]

    def __repr__(self) -> str:
        lines = [
            f"  {status:<12} {time:>12} {tokens:>9} tokens  {cost:>10}  {title}"
            for title, status, time, tokens, cost in self._rows()
        ]
        return "\n".join([counted(len(self), "live run"), *lines])

    def _repr_html_(self) -> str:
        rows = "".join(_row("td", cells) for cells in self._rows())
        if not self:
            return "<p>0 live runs</p>"
        caption = f"<caption>{counted(len(self), 'live run')}</caption>"
        return f"<table>{caption}<thead>{_row('th', _HEAD)}</thead><tbody>{rows}</tbody></table>"


def _cells(view: StreamView | Turn) -> tuple[str, ...]:
    cost = view.cost
    return (
        capped(view.title, _TITLE_CHARS),
        "queued" if getattr(view, "queued", False) else view.status,
        duration(view.elapsed_s),
        f"{view.token_count:,}",
        "" if cost is None else money(cost, _currency(view)),
    )


def _currency(view: StreamView | Turn) -> str:
    return view._run.spent().currency or ""


def _row(tag: str, cells: tuple[str, ...]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
