"""The commands of the front end: one function for each command of the protocol.

They run on the kernel's message thread, so none of them blocks or calls the user's code.
ARCHITECTURE.md lists the commands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias, cast, get_args

from ..emit.asking import Ask
from ..errors import StreamWidgetError, UsageError
from ..events import Notice
from ..sources.player import MarkKind
from ..threads import in_background

if TYPE_CHECKING:
    from .port import Port

MAX_SPEED: Final = 1000.0
"""Greatest replay speed that a page can request."""
Fields: TypeAlias = Mapping[str, object]
Command: TypeAlias = "Callable[[Port, Fields], None]"


def find(content: object) -> tuple[Command, Fields] | None:
    """Return the command of a custom message, with its fields; None if it is malformed."""
    if not isinstance(content, Mapping):
        return None
    command = _COMMANDS.get(str(content.get("cmd")))
    return None if command is None else (command, content)


def request_id_of(fields: Fields) -> str:
    """Return the ID of the request, cut to 64 characters."""
    return str(fields.get("request_id", ""))[:64]


def _is_mine(port: Port, fields: Fields) -> bool:
    return fields.get("run_id") == port.run_id


def _hello(port: Port, fields: Fields) -> None:
    page = fields.get("page")
    if isinstance(page, str):
        port.pages.note(page)
    port.savers.add(str(fields.get("saves"))[:16])
    # Not the patches after its `seq`: they may be in transit. If the front end has missed any,
    # the `from_seq` of the next message shows it, and the front end sends `resync`.
    port.send_status()


def _look(port: Port, fields: Fields) -> None:
    page, seen = fields.get("page"), fields.get("seen")
    if isinstance(page, str) and isinstance(seen, bool):
        port.pages.note(page, seen)


def _resync(port: Port, fields: Fields) -> None:
    seq = fields.get("seq")
    is_known = _is_mine(port, fields) and isinstance(seq, int) and seq >= 0
    port.resync(cast("int", seq) if is_known else 0)


def _stop(port: Port, fields: Fields) -> None:
    if not _is_mine(port, fields):
        return  # a stale stop cannot touch a newer run
    at_s = fields.get("at_s")
    port.run.request_stop(float(at_s) if isinstance(at_s, (int, float)) else None)


def _pause(port: Port, fields: Fields) -> None:
    if _is_mine(port, fields):
        port.run.pause()


def _resume(port: Port, fields: Fields) -> None:
    if _is_mine(port, fields):
        port.run.resume()


def _retry(port: Port, fields: Fields) -> None:
    if _is_mine(port, fields) and port.can_retry and port.over:
        # on another thread: it runs the user's code, and this is the kernel's message thread
        in_background(port.retry, name="streamwidget-retry")


def _move(port: Port, move: Callable[[], object]) -> None:
    """Carry out a move on another thread; if that is not possible, the view says why."""

    def moved() -> None:
        try:
            move()
        except StreamWidgetError as error:
            port.run.push([Notice(error.message, "warning")])

    port.answers.move(moved)


def _seek(port: Port, fields: Fields) -> None:
    at_s, moves = fields.get("at_s"), port.moves
    if _is_mine(port, fields) and isinstance(at_s, (int, float)) and moves is not None:
        _move(port, lambda: moves.seek(float(at_s)))


def _mark(port: Port, fields: Fields) -> None:
    kind, back, moves = fields.get("kind"), fields.get("back") is True, port.moves
    if _is_mine(port, fields) and moves is not None and kind in get_args(MarkKind):
        _move(port, lambda: moves.next_mark(cast("MarkKind", kind), back=back))


def _speed(port: Port, fields: Fields) -> None:
    speed = fields.get("speed")
    if port.moves is not None and isinstance(speed, (int, float)) and 0 < speed <= MAX_SPEED:
        port.moves.speed = float(speed)
        port.send_status()


def _play(port: Port, fields: Fields) -> None:
    is_on, rewind = fields.get("on"), port.rewind
    if _is_mine(port, fields) and isinstance(is_on, bool) and rewind is not None:
        port.answers.move(lambda: rewind.play(is_on=is_on))


def _live(port: Port, fields: Fields) -> None:
    if _is_mine(port, fields) and port.rewind is not None:
        port.answers.move(port.rewind.go_live)


def _send(port: Port, fields: Fields) -> None:
    text = fields.get("text")
    if not _is_mine(port, fields) or not isinstance(text, str) or not text:
        return
    try:
        port.run.send_message(text)
    except UsageError as error:
        port.run.push([Notice(error.message, "warning")])


def _answer(port: Port, fields: Fields) -> None:
    ask = port.run.asks.find(str(fields.get("part_id")))
    if ask is None or not _is_mine(port, fields):
        return  # answered on another page, or closed
    if ask.form.build is None:
        _take_answer(ask, fields.get("value"))
    else:  # on another thread: it runs the user's class
        in_background(
            partial(_take_answer, ask, fields.get("value")), name="streamwidget-answer-check"
        )


def _take_answer(ask: Ask, value: object) -> None:
    try:
        ask.answer(value)
    except UsageError as error:
        ask.reject(error.message)


def _knob(port: Port, fields: Fields) -> None:
    value, page, number = fields.get("value"), fields.get("page"), fields.get("number")
    knob = port.run.controls.knobs.find(str(fields.get("part_id")))
    if knob is None or not _is_mine(port, fields) or not isinstance(value, (int, float)):
        return
    if isinstance(page, str) and isinstance(number, int) and not port.pages.is_news(page, number):
        return  # the same turn by a slower route, after a later one
    if math.isfinite(value):
        knob.set(value, by_reader=True)


def _seen(port: Port, fields: Fields) -> None:
    if _is_mine(port, fields) and port.over:
        port.final_seen = True


def _export(port: Port, fields: Fields) -> None:
    part_id = fields.get("part_id")
    port.answers.export(
        request_id_of(fields),
        str(fields.get("what", "")),
        part_id if isinstance(part_id, str) else None,
    )


def _record(port: Port, fields: Fields) -> None:
    port.answers.record(request_id_of(fields))


def _code(port: Port, fields: Fields) -> None:
    port.code_asked.add(str(fields.get("what", "")))


_COMMANDS: Final[dict[str, Command]] = {
    "hello": _hello,
    "look": _look,
    "resync": _resync,
    "stop": _stop,
    "pause": _pause,
    "resume": _resume,
    "retry": _retry,
    "seek": _seek,
    "mark": _mark,
    "speed": _speed,
    "play": _play,
    "live": _live,
    "send": _send,
    "answer": _answer,
    "knob": _knob,
    "export": _export,
    "record": _record,
    "seen": _seen,
    "code": _code,
}
