"""`tqdm` and `trange`, as of the library of that name, with bars in the view of the running job.

Outside of a job, the bars of a cell are shown in a view of their own, and a script prints them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import length_hint
from time import monotonic
from typing import Any, Final, Generic, TextIO, TypeVar, cast

from .emit.event_sink import current_sink
from .emit.nested_bars import NestedBar
from .errors import UsageError
from .phrases import duration
from .run import TERMINAL
from .widget import StreamView, notebook_cells

T = TypeVar("T")

PRINT_S: Final = 0.1
"""Time between two lines of a bar that a script prints, as in tqdm."""
_DRAWING: Final = frozenset(
    {"ascii", "bar_format", "colour", "delay", "dynamic_ncols", "file", "gui", "lock_args"}
    | {"maxinterval", "mininterval", "miniters", "ncols", "nrows", "position", "smoothing"}
    | {"unit_divisor", "write_bytes"}
)
"""Options of tqdm about the drawing in a terminal, which a view does not need."""
_write_lock = threading.RLock()


class tqdm(Generic[T]):
    """A progress bar in the view of the running job: a drop-in for `tqdm.tqdm`.

    `for x in tqdm(items, desc="Reading"):`, or `with tqdm(total=100) as bar: bar.update(10)`.
    A loop inside another one takes over the bar of the inner loop before it, so that 40 nested
    epochs draw two bars. The page is updated about 30 times a second, however fast the loop is. A
    stop of the view ends the loop with `StopRequested`.

    Args:
        iterable: anything to iterate over, also asynchronous; None: call `update`.
        desc: heading of the bar.
        total: number of items; None: the length of the iterable, if it has one.
        leave: True to keep the bar after the loop; None: only if the loop is not nested. The bar
            of a nested loop stays until the loop around it ends.
        disable: True for no bar; None as False.
        unit: name of the items; `"B"` for bytes.
        unit_scale: a number that multiplies the counts; True and False change nothing, because
            large numbers are always shortened.
        initial: count at the start.
        postfix: a dict or a text that is shown beside the bar.
        drawing: tqdm's options about the drawing in a terminal, which change nothing here; nor does
            `position`, because the nesting of the loops decides.

    Raises:
        UsageError: tqdm has no such option.
    """

    def __init__(
        self,
        iterable: Iterable[T] | None = None,
        desc: str | None = None,
        total: float | None = None,
        leave: bool | None = True,
        *,
        disable: bool | None = False,
        unit: str = "it",
        unit_scale: bool | float = False,
        initial: float = 0,
        postfix: Mapping[str, object] | str | None = None,
        **drawing: object,
    ) -> None:
        unknown = sorted(drawing.keys() - _DRAWING)
        if unknown:
            raise UsageError(f"tqdm has no option {unknown[0]!r}.")
        self.iterable = iterable
        self.n = self.initial = initial
        """Number of items that are done."""
        self.total = _length_of(iterable) if total is None else total
        """Number of all items; None: unknown."""
        self.unit, self.leave, self.disable = unit, leave, bool(disable)
        self.desc = _label(desc)
        self.postfix = ""
        self.start_t = monotonic()
        self._scale = 1 if isinstance(unit_scale, bool) else unit_scale
        self._due = 0.0
        self._bar: NestedBar | _PrintedBar | None = None
        self._view: StreamView | None = None
        if postfix is not None:
            self._set_postfix(postfix)
        if not self.disable:
            self._open()

    def _open(self) -> None:
        sink = current_sink()
        if sink is None:
            self._view = _view_of_cell(self.desc)
            sink = None if self._view is None else self._view.emit._sink
        unit = None if self.unit in ("it", "") else self.unit
        total = None if self.total is None else self.total * self._scale
        self._bar = (
            _PrintedBar(self.desc, total, unit, self.leave is not False)
            if sink is None
            else NestedBar(sink, label=self.desc, total=total, unit=unit, leave=self.leave)
        )
        self._tick()

    def _tick(self) -> None:
        bar = self._bar
        if bar is None or bar.is_closed:
            self._due = float("inf")
            return
        self._fill(bar)
        bar.tick()
        self._due = bar.due

    def _fill(self, bar: NestedBar | _PrintedBar) -> None:
        bar.completed = self.n * self._scale
        bar.total = None if self.total is None else self.total * self._scale
        bar.label, bar.message = self.desc, self.postfix or None

    # --- what loops call

    def __iter__(self) -> Iterator[T]:
        if self.iterable is None:
            raise TypeError("This tqdm has no iterable: call update().")
        try:
            for item in self.iterable:
                yield item
                self.n += 1
                if monotonic() >= self._due:
                    self._tick()
        finally:
            self.close()

    async def __aiter__(self) -> AsyncIterator[T]:
        try:
            async for item in cast("Any", self.iterable):
                yield item
                self.n += 1
                if monotonic() >= self._due:
                    self._tick()
        finally:
            self.close()

    def update(self, n: float | None = 1) -> bool | None:
        """Add `n` to the count; True if that was shown at once."""
        self.n += 1 if n is None else n
        if monotonic() < self._due:
            return None
        self._tick()
        return True

    def close(self) -> None:
        """End the bar."""
        bar = self._bar
        if bar is None or bar.is_closed:
            return
        self._fill(bar)
        is_last = bar.close()
        self._due = float("inf")
        is_main = threading.current_thread() is threading.main_thread()
        if self._view is not None and is_last and not is_main:
            self._view.finish()  # no cell ends the view that a thread feeds

    def __enter__(self) -> tqdm[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_bar", None) is not None:
            self.close()

    # --- what is shown

    def set_description(self, desc: str | None = None, refresh: bool | None = True) -> None:
        """Set the heading of the bar."""
        self.desc = _label(desc)
        if refresh:
            self._tick()

    def set_description_str(self, desc: str | None = None, refresh: bool | None = True) -> None:
        """Set the heading of the bar."""
        self.set_description(desc, refresh)

    def set_postfix(
        self,
        ordered_dict: Mapping[str, object] | None = None,
        refresh: bool | None = True,
        **values: object,
    ) -> None:
        """Show values beside the bar: `bar.set_postfix(loss=0.12)`."""
        self._set_postfix({**(ordered_dict or {}), **values})
        if refresh:
            self._tick()

    def set_postfix_str(self, s: str = "", refresh: bool | None = True) -> None:
        """Show a text beside the bar."""
        self._set_postfix(s)
        if refresh:
            self._tick()

    def _set_postfix(self, postfix: Mapping[str, object] | str) -> None:
        if isinstance(postfix, str):
            self.postfix = postfix
        else:
            self.postfix = ", ".join(f"{name}={_short(value)}" for name, value in postfix.items())

    def reset(self, total: float | None = None) -> None:
        """Begin again at 0; `total` None keeps the number of items."""
        self.n = 0
        self.total = self.total if total is None else total
        self.start_t = monotonic()
        self._tick()

    def refresh(self, *_: object, **__: object) -> bool:
        """Show the current state at once."""
        self._tick()
        return True

    def display(self, *_: object, **__: object) -> bool:
        """Show the current state at once."""
        return self.refresh()

    def clear(self, *_: object, **__: object) -> None:
        """Do nothing: there is no line to clear."""

    def unpause(self) -> None:
        """Do nothing: the page measures the rate."""

    @property
    def format_dict(self) -> dict[str, object]:
        """The count, the total, the seconds since the start and the texts of the bar."""
        elapsed_s = monotonic() - self.start_t
        return {
            "n": self.n,
            "total": self.total,
            "elapsed": elapsed_s,
            "rate": (self.n - self.initial) / elapsed_s if elapsed_s > 0 else None,
            "unit": self.unit,
            "prefix": self.desc or "",
            "postfix": self.postfix,
            "initial": self.initial,
        }

    def __len__(self) -> int:
        if self.total is None:
            raise TypeError("This tqdm has no length: its total is unknown.")
        return int(self.total)

    def __bool__(self) -> bool:
        return self.total is None or self.total > 0

    def __contains__(self, item: object) -> bool:
        return item in cast("Any", self.iterable)

    def __reversed__(self) -> Iterator[T]:
        self.iterable = reversed(cast("Any", self.iterable))
        return iter(self)

    def __repr__(self) -> str:
        total = "?" if self.total is None else f"{self.total:,}"
        return f"tqdm({self.desc or ''!r}, {self.n:,} of {total})"

    @classmethod
    def write(cls, s: str, file: TextIO | None = None, end: str = "\n", **_: object) -> None:
        """Print a line, in the view where the bars are."""
        sink = current_sink()
        stream = {id(sys.stderr): "stderr", id(sys.stdout): "stdout"}.get(id(file or sys.stdout))
        if sink is None or stream is None:
            (file or sys.stdout).write(f"{s}{end}")
            return
        sink.check()
        sink.grow_output(cast("Any", stream), f"{s}{end}", sink.current_step())

    @classmethod
    @contextmanager
    def external_write_mode(cls, *_: object, **__: object) -> Iterator[None]:
        """Do nothing: lines and bars do not meet in a view."""
        yield

    @classmethod
    def get_lock(cls) -> threading.RLock:
        """Return a lock, for code that expects one; bars need none."""
        return _write_lock

    @classmethod
    def set_lock(cls, lock: object) -> None:
        """Do nothing: bars need no lock."""


def trange(*args: int, **options: Any) -> tqdm[int]:
    """Return `tqdm(range(*args), **options)`."""
    return tqdm(range(*args), **options)


class _PrintedBar:
    """A bar of a script, on one line of standard error."""

    _depth = 0

    def __init__(
        self, label: str | None, total: float | None, unit: str | None, leave: bool
    ) -> None:
        self.label, self.total, self.unit, self.completed = label, total, unit, 0.0
        self.message: str | None = None
        self.due = 0.0
        self.is_closed = False
        self._leave = leave
        self._started = monotonic()
        self._is_outer = _PrintedBar._depth == 0
        _PrintedBar._depth += 1

    def tick(self) -> None:
        self.due = monotonic() + PRINT_S
        if self._is_outer and sys.stderr is not None:
            sys.stderr.write(f"\r{self._line()}\x1b[K" if sys.stderr.isatty() else "")
            sys.stderr.flush()

    def close(self) -> bool:
        self.is_closed = True
        _PrintedBar._depth -= 1
        if self._is_outer and sys.stderr is not None:
            begin = "\r" if sys.stderr.isatty() else ""
            sys.stderr.write(f"{begin}{self._line()}\n" if self._leave else begin)
        return False

    def _line(self) -> str:
        total = "" if self.total is None else f"/{self.total:g}"
        facts = [f"{self.completed:g}{total} {self.unit or ''}".strip(), self.message or ""]
        facts.append(duration(monotonic() - self._started))
        return f"{self.label or 'Progress'}: {', '.join(filter(None, facts))}"


_cell: tuple[int | None, StreamView] | None = None


def _view_of_cell(label: str | None) -> StreamView | None:
    """Return the view for the bars of the running cell; None outside of a notebook."""
    global _cell
    number = notebook_cells.number()
    shell = notebook_cells.shell()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    if _cell is None or _cell[0] != number or _cell[1].status in TERMINAL:
        view = StreamView(title=label or "Progress")
        view._show()
        _cell = number, view
    return _cell[1]


def _length_of(iterable: object) -> float | None:
    if iterable is None:
        return None
    try:
        length = length_hint(iterable, -1)
    except Exception:  # a user-defined __len__
        return None
    return None if length < 0 else length


def _label(desc: str | None) -> str | None:
    return str(desc).rstrip().removesuffix(":") or None if desc is not None else None


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value).strip()
