"""The runs of a folder as a table, from the first and the last lines of their journals."""

from __future__ import annotations

import dataclasses
import html
import importlib
import math
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, overload

from ..characters import clean
from ..errors import DecodeError, UsageError, excerpt
from ..phrases import counted
from .journal_file import JournalFile

if TYPE_CHECKING:
    from types import ModuleType

    import duckdb
    import pandas

_LIVE = {"live": "live", "ended": "incomplete", "unknown": "unknown"}
_ENDS = frozenset({"finished", "incomplete", "stopped", "failed"})
_SHOWN = ("title", "status", "started", "duration_s", "output_tokens", "cost", "path")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """The facts of one journal."""

    path: Path
    """Path of the journal."""
    run_id: str
    """Identifies the run; "" if the header has no ID."""
    title: str
    """Title of the run; "" if it had none."""
    source: str
    """Name of the source; never holds credentials."""
    status: str
    """`finished`, `incomplete`, `stopped` or `failed`. Without a closing line: `live` while the
    writer is running, `incomplete` after that, `unknown` if the file has no locks."""
    started: datetime | None
    """Start of the run, with its time zone; None: not in the header."""
    duration_s: float
    """Time of the last line, in seconds since the start."""
    model: str | None
    """Name of the model that answered; None: not reported."""
    input_tokens: int | None
    """All input tokens; None: not reported."""
    output_tokens: int | None
    """All output tokens; None: not reported."""
    token_count: int | None
    """Tokens counted in the text; None without a closing line."""
    cost: float | None
    """In the currency of the run's prices; None: without prices."""
    error: str | None
    """Message of the error that ended the run; None: no error."""
    summary: str | None
    """How the run ended, in one sentence; None without a closing line."""
    parent: str | None
    """ID of the run that this one retried; None: it is the first."""


class RecordedRuns(Sequence[RecordedRun]):
    """The journals of a folder, oldest first."""

    def __init__(self, runs: Sequence[RecordedRun]) -> None:
        self._runs = list(runs)

    @overload
    def __getitem__(self, at: int) -> RecordedRun: ...
    @overload
    def __getitem__(self, at: slice) -> RecordedRuns: ...
    def __getitem__(self, at: int | slice) -> RecordedRun | RecordedRuns:
        return RecordedRuns(self._runs[at]) if isinstance(at, slice) else self._runs[at]

    def __len__(self) -> int:
        return len(self._runs)

    def __repr__(self) -> str:
        lines = [
            f"  {run.status:<10} {_time(run.started):<16} {run.duration_s:>9.1f} s  "
            f"{run.title[:40]:<40}  {run.path.name}"
            for run in self._runs
        ]
        return "\n".join([f"{len(self)} runs", *lines])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in _SHOWN)
        rows = "".join(
            "<tr>" + "".join(f"<td>{_cell(getattr(run, name))}</td>" for name in _SHOWN) + "</tr>"
            for run in self._runs
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def rows(self) -> list[dict[str, Any]]:
        """Return a dict for each run, with its path as text."""
        return [{**dataclasses.asdict(run), "path": str(run.path)} for run in self._runs]

    def to_pandas(self) -> pandas.DataFrame:
        """Return a data frame with a row for each run.

        Raises:
            UsageError: pandas is not installed.
        """
        names = [field.name for field in dataclasses.fields(RecordedRun)]
        return _module("pandas").DataFrame(self.rows(), columns=names)

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """Return the answer of DuckDB to a query over two tables: `runs` and `events`.

        `runs` has the columns of this table. `events` has `path`, `seq`, `at_ms` (milliseconds
        since the run began), `kind` and `data` (JSON) of every line of these journals.

        Raises:
            UsageError: DuckDB is not installed (`pip install "streamwidget[sql]"`).
        """
        connection: duckdb.DuckDBPyConnection = _module("duckdb").connect()
        connection.execute(_RUNS)
        rows = [tuple(row.values()) for row in self.rows()]
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO runs VALUES ({marks})", rows)
        files = [file for run in self._runs for file in _files(run.path)]
        paths = ", ".join("'" + path.replace("'", "''") + "'" for path, _, _ in files)
        connection.execute("CREATE TABLE files (path VARCHAR, first VARCHAR, starts_ms BIGINT)")
        if files:
            connection.executemany("INSERT INTO files VALUES (?, ?, ?)", files)
        connection.execute(_EVENTS.replace("PATHS", paths) if files else _NO_EVENTS)
        return connection.sql(query)


_RUNS = """CREATE TABLE runs (path VARCHAR, run_id VARCHAR, title VARCHAR, source VARCHAR,
    status VARCHAR, started TIMESTAMPTZ, duration_s DOUBLE, model VARCHAR, input_tokens BIGINT,
    output_tokens BIGINT, token_count BIGINT, cost DOUBLE, error VARCHAR, summary VARCHAR,
    parent VARCHAR)"""

# No quote and a delimiter that JSON escapes: each line is one cell. Half a line is not valid JSON.
# Without ignore_errors or with strict_mode, one line that is not UTF-8 would fail the whole query.
_EVENTS = """CREATE VIEW events AS
    SELECT first AS path, TRY_CAST(line->>'$[1]' AS BIGINT) AS seq,
        starts_ms + TRY_CAST(sum(TRY_CAST(line->>'$[0]' AS BIGINT)) OVER
            (PARTITION BY path ORDER BY TRY_CAST(line->>'$[1]' AS BIGINT)) AS BIGINT) AS at_ms,
        line->>'$[2]' AS kind, line->'$[3]' AS data
    FROM files JOIN (SELECT filename AS path, line::JSON AS line
        FROM read_csv([PATHS], columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '',
            escape = '', header = false, filename = true, max_line_size = 1000000000,
            auto_detect = false, ignore_errors = true, strict_mode = false)
        WHERE line LIKE '[%' AND json_valid(line)) USING (path)
    WHERE line->>'$[2]' NOT IN ('snapshot', 'position')"""

_NO_EVENTS = """CREATE TABLE events
    (path VARCHAR, seq BIGINT, at_ms BIGINT, kind VARCHAR, data JSON)"""


def journals(folder: str | Path = "runs") -> RecordedRuns:
    """Return the journals of a folder, oldest first; other files are left out.

    Reads the first and the last lines of each file only. Files that cannot be read are left out
    too, with one warning for all of them.

    Raises:
        UsageError: there is no such folder, or it cannot be read.
    """
    path = Path(folder)
    try:
        names = [name for name in os.listdir(path) if name.endswith(".jsonl")]
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            f"There is no folder {str(folder)!r}: journal=True makes `runs`."
        ) from None
    except OSError as error:
        raise UsageError(
            f"The folder {excerpt(str(folder))!r} cannot be read: {error.strerror}."
        ) from None
    unreadable: list[str] = []
    runs = sorted(_runs(path, names, unreadable), key=lambda run: (_time(run.started), run.path))
    if unreadable:
        count = counted(len(unreadable), "file")
        warnings.warn(f"{count} left out: {excerpt('; '.join(unreadable))}", stacklevel=2)
    return RecordedRuns(runs)


def _runs(folder: Path, names: Sequence[str], unreadable: list[str]) -> Iterator[RecordedRun]:
    """The runs of these files; why a file cannot be read is added to `unreadable`."""
    for name in names:
        path = folder / name
        if os.path.exists(path) and not os.path.isfile(path):
            continue  # a folder, or a pipe, which may never get data
        try:
            with JournalFile(path) as file:
                if file.files[0][0].name == name:  # else it is a later part of another one
                    yield _recorded_run(path, file)
        except DecodeError:
            continue  # a file of another kind
        except UsageError as error:
            unreadable.append(str(error))
        except (ArithmeticError, OSError, ValueError) as error:
            unreadable.append(f"{name}: {error}")


def _files(path: Path) -> list[tuple[str, str, int]]:
    """The files of a journal, the path of the first one, and the time at which each begins, in
    milliseconds; none if it was deleted."""
    try:
        with JournalFile(path) as file:
            return [(str(part), str(path), starts_ms) for part, starts_ms in file.files]
    except (DecodeError, UsageError):
        return []


def _recorded_run(path: Path, file: JournalFile) -> RecordedRun:
    header: Mapping[str, Any] = file.header
    end = file.end()
    facts: Mapping[str, Any] = end or {}
    return RecordedRun(
        path=path,
        run_id=_text(header.get("run_id")) or "",
        title=_text(header.get("title")) or "",
        source=_text(header.get("source")) or "",
        status=_LIVE[file.writer()] if end is None else _status(facts.get("status")),
        started=_moment(header.get("started")),
        duration_s=file.duration_ms() / 1000,
        model=_text(facts.get("model")),
        input_tokens=_count(facts.get("input_tokens")),
        output_tokens=_count(facts.get("output_tokens")),
        token_count=_count(facts.get("token_count")),
        cost=_number(facts.get("cost")),
        error=_text(facts.get("error")),
        summary=_text(facts.get("summary")),
        parent=_text(header.get("parent")),
    )


# A file can be written by hand, so a fact of the wrong type counts as not reported.


def _status(value: object) -> str:
    return value if isinstance(value, str) and value in _ENDS else "incomplete"


def _text(value: object) -> str | None:
    return clean(value) if isinstance(value, str) else None


def _count(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return cast("int", value) if is_count else None


def _number(value: object) -> float | None:
    if isinstance(value, int):
        value = _count(value)
    return value if isinstance(value, (int, float)) and math.isfinite(value) else None


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        _time(moment)  # fails for a year that no local time has
    except (OverflowError, ValueError):
        return None
    return moment


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return _time(value)
    return "" if value is None else html.escape(str(value))


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(f"This needs {name}: pip install {name}.") from None
