"""Events of every kind, made at random, and runs that record them."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from streamwidget import events as ev
from streamwidget.document import Document
from streamwidget.events import Event
from streamwidget.journal.writer import Journal, header_facts
from streamwidget.limits import DEFAULT_JOURNAL_LIMITS, JournalLimits
from streamwidget.run import Run

CELLS = (None, 1, 2.5, float("nan"), "text", date(2026, 1, 2), datetime(2026, 1, 2, 3, 4), True)
ODD_CELLS = (Decimal("1.50"), [1, 2], {"$date": "x"}, {"a": None})


def any_event(rng: random.Random, number: int) -> Event:
    """Return one event that a source could give, of any kind."""
    some = str(rng.randrange(6))
    at_s = number / 1000
    cells = CELLS + ODD_CELLS
    choices: Sequence[Event] = (
        ev.TextDelta(f"t{some}", f"word{number} \n"),
        ev.TextEnd(f"t{some}"),
        ev.ReasoningDelta(f"r{some}", f"thought {number} "),
        ev.ReasoningEnd(f"r{some}", at_s),
        ev.StepStart(f"s{number}", f"step {number}", None, at_s),
        ev.StepEnd(f"s{number - 3}", "done", at_s, "ok"),
        ev.ToolCallDelta(f"c{some}", '{"a":', "search"),
        ev.ToolCallDelta(f"c{some}", "1}"),
        ev.ToolCallEnd(f"c{some}", None, at_s),
        ev.ToolResult(f"c{some}", "found ünï", False, at_s),
        ev.Citation(f"https://example.org/{some}", None if number % 2 else "Title"),
        ev.Usage(number, None, call=some, model="m"),
        ev.Progress(f"p{some}", number, 1000, at_s=at_s, removed=rng.random() < 0.1),
        ev.Notice(f"notice {number}", at_s=at_s, part_id=rng.choice([None, "n1"])),
        ev.Failure("it failed", "provider", fatal=False, at_s=at_s),
        ev.Rows(f"tab{some}", "rows", ("k", "v"), ((number % 9, rng.choice(cells)),)),
        ev.Rows("up", "up", ("k", "v"), ((number % 9, rng.choice(cells)),), "upsert", "k"),
        ev.RowsEnd(f"tab{some}"),
        ev.ValueDelta(f"v{some}", rng.choice(["[1,", '"x', "2]", "}"])),
        ev.ValueEnd(f"v{some}"),
        ev.Metric(f"m{some}", "loss", (("train", number / 7), ("val", None)), at_s=at_s),
        ev.LogLine(f"line {number}", "warning", "log", at_s),
        ev.Artifact(f"a{some}", {"text/plain": f"{number}"}, "title"),
        ev.Custom(f"x{some}", "kind", {"n": number}),
        ev.Unknown("odd", f'{{"n":{number}}}', at_s),
    )
    if rng.random() < 0.004:
        return ev.Reset()
    return rng.choice(choices)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def recorded_run(clock: Clock) -> Run:
    """Return a run that has started, on the test's clock."""
    run = Run(now=clock)
    run.start("test", "events")
    return run


def journal_of(
    run: Run, path: Path, limits: JournalLimits = DEFAULT_JOURNAL_LIMITS, **more: Any
) -> Journal:
    """Return a journal of the run."""
    facts = header_facts(
        run_id="r1", started="2026-01-02T03:04:05Z", source="s", format=None, title="t", parent=None
    )
    return Journal(run, path, facts=facts, limits=limits, **more)


def content(document: Document) -> dict[str, Any]:
    """Return what a page shows and what Python keeps, comparable."""
    from streamwidget.document.state import state_pieces

    state: dict[str, Any] = json.loads("".join(state_pieces(document)))
    for table in state["tables"].values():
        table.pop("indexed_by")
    return state
