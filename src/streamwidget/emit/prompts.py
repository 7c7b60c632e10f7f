"""Questions of a job in a terminal: printed to standard error, answered on standard input.

Standard output has the run itself. Only where both standard input and standard error are a
terminal; an interactive Python prompt reads the same input, so it answers by `view.answer(...)`.
"""

from __future__ import annotations

import logging
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import TextIO, cast

from ..errors import UsageError
from ..export.addresses import harmless
from .asking import Ask

_log = logging.getLogger("streamwidget")
_TICK_S = 0.1
_turn = threading.Lock()
"""Held while a question is asked, one at a time, and while a run is printed."""


def terminal_turn() -> AbstractContextManager[object]:
    """Return the lock under which a run is printed, so that nothing is written over a question."""
    return _turn


Hold = Callable[[], AbstractContextManager[object]]
_holds: list[Hold] = []
"""Keep what is printed off the terminal while a question is asked."""


def add_hold(hold: Hold) -> Callable[[], None]:
    """Enter `hold()` around each question; return a function that takes it away again."""
    _holds.append(hold)

    def forget() -> None:
        if hold in _holds:
            _holds.remove(hold)

    return forget


def _forget_turn() -> None:
    """Let a forked process ask although its parent does."""
    global _turn
    _turn = threading.Lock()
    _holds.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_turn)


def can_prompt() -> bool:
    """True if a person can be asked in the terminal of this process."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def in_terminal(is_over: Callable[[], bool]) -> Callable[[Ask], bool]:
    """Return a function that asks in the terminal, if a person is there; see `Asks.present`."""
    return lambda ask: can_prompt() and prompt(ask, is_over)


def prompt(ask: Ask, is_over: Callable[[], bool]) -> bool:
    """Ask in the terminal on another thread; return True."""
    if hasattr(sys, "ps1"):
        _write(sys.stderr, f"{harmless(ask.question)}\n{_choices(ask)}Answer: view.answer(...)\n")
        return True

    def work() -> None:
        with _turn:
            try:
                with ExitStack() as held:
                    for hold in list(_holds):
                        held.enter_context(hold())
                    ask_on(ask, sys.stdin, sys.stderr, is_over)
            except Exception:
                _log.debug("a question could not be asked in the terminal", exc_info=True)
                ask.close("headless")

    threading.Thread(target=work, name="streamwidget-prompt", daemon=True).start()
    return True


def ask_on(ask: Ask, source: TextIO, screen: TextIO, is_over: Callable[[], bool]) -> None:
    """Ask on two streams until the question is answered or closed."""
    lines = _lines(source, lambda: ask.reply is not None or is_over())
    _write(screen, f"\n{harmless(ask.question)}\n{_choices(ask)}")
    while ask.reply is None and not is_over():
        answer = _read(ask, lines, screen)
        if answer is None:
            break
        try:
            ask.answer(_chosen(ask, answer) if isinstance(answer, str) else answer)
        except UsageError as error:
            _write(screen, f"{harmless(error.message)}\n")
    if ask.reply is None:
        ask.close("headless")  # the end of the input: nobody can answer any more


def _read(ask: Ask, lines: Iterator[str], screen: TextIO) -> object:
    """Return what the reader has entered; None at the end of the input, or of the question."""
    fields = ask.form.fields
    if len(fields) < 1 or (len(fields) == 1 and fields[0]["name"] == ""):
        _write(screen, "> ")
        return next(lines, None)
    values: dict[str, object] = {}
    for field in fields:
        _write(screen, f"{harmless(_label(field))}: ")
        line = next(lines, None)
        if line is None:
            return None
        if line.strip():
            values[str(field["name"])] = line.strip()
    return values


def _label(field: Mapping[str, object]) -> str:
    title = str(field.get("title") or field["name"])
    options = cast("list[list[object]]", field.get("options") or ())
    facts = [" / ".join(str(label) for _, label in options)] if options else []
    if field.get("default") is not None:
        facts.append(f"default {field['default']}")
    elif not field.get("required"):
        facts.append("optional")
    return f"{title} ({', '.join(facts)})" if facts else title


def _choices(ask: Ask) -> str:
    return "".join(
        f"  {number}. {harmless(label)}\n" for number, label in enumerate(ask.options, 1)
    )


def _chosen(ask: Ask, line: str) -> str:
    """Return the option that a line names by its number, or its label in any case."""
    text = line.strip()
    if not ask.options:
        return text
    if text.isascii() and text.isdigit() and 0 < int(text) <= len(ask.options):
        return ask.options[int(text) - 1]
    alike = [label for label in ask.options if label.lower().startswith(text.lower())]
    return alike[0] if text and len(alike) == 1 else text


def _lines(source: TextIO, is_over: Callable[[], bool]) -> Iterator[str]:
    """Yield lines until the input or the question ends.

    Waits in small steps where the system can wait for a terminal, so that an answer on another
    route frees the input.
    """
    while True:
        if hasattr(select, "poll") and _is_terminal(source):
            while not select.select([source], [], [], _TICK_S)[0]:
                if is_over():
                    return
        line = source.readline()
        if not line or is_over():
            return
        yield line


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False  # closed


def _write(screen: TextIO, text: str) -> None:
    screen.write(text)
    screen.flush()
