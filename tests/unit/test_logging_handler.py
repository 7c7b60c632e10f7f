"""Records of `logging` become lines of the run's log, and never an exception in code that logs."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from streamwidget import Emitter, StreamView, UsageError, collect, logging_handler
from unit.waiting import WAIT_S

NAME = "test.streamwidget.papers"


def lines(result: Any) -> list[tuple[Any, ...]]:
    [part] = [part for part in result.document.parts if part.kind == "log"]
    return [tuple(item[1:]) for item in part.to_wire()["items"]]


def test_records_inside_the_block_are_lines_with_level_and_logger() -> None:
    log = logging.getLogger(NAME)

    def job(emit: Emitter) -> None:
        with logging_handler(emit, logger=NAME):
            log.debug("too quiet")
            log.info("found %d papers", 3)
            log.getChild("web").warning("slow")
            log.critical("over")
        log.error("after the block")

    assert lines(collect(job, timeout=WAIT_S)) == [
        ("info", NAME, "found 3 papers"),
        ("warning", f"{NAME}.web", "slow"),
        ("critical", NAME, "over"),
    ]
    assert log.handlers == []
    assert log.level == logging.NOTSET


def test_a_traceback_belongs_to_its_line() -> None:
    def job(emit: Emitter) -> None:
        with logging_handler(emit, logger=NAME):
            try:
                raise ValueError("no such paper")
            except ValueError:
                logging.getLogger(NAME).exception("reading failed")

    [(level, _, text)] = lines(collect(job, timeout=WAIT_S))
    assert level == "error"
    assert text.startswith("reading failed\nTraceback")
    assert text.endswith("ValueError: no such paper")


def test_a_handler_of_a_view_takes_lines_from_any_thread_until_the_end() -> None:
    view = StreamView(title="by hand")
    handler = logging_handler(view, level=logging.DEBUG)
    log = logging.Logger("own", logging.DEBUG)
    log.addHandler(handler)
    threads = [threading.Thread(target=log.debug, args=("line %d", n)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    view.finish()
    log.debug("too late")
    assert sorted(text for *_, text in lines(view)) == sorted(f"line {n}" for n in range(20))


def test_logging_after_a_stop_raises_nothing() -> None:
    def job(emit: Emitter) -> None:
        with logging_handler(emit, logger=NAME):
            while not emit.stopped:
                pass
            logging.getLogger(NAME).info("cleaning up")
            reached.set()

    reached = threading.Event()
    view = StreamView(job)
    view.stop()
    assert reached.wait(WAIT_S)


@pytest.mark.parametrize(("target", "level"), [("text", "INFO"), (StreamView, "INFO")])
def test_what_is_not_a_target_is_reported(target: Any, level: str) -> None:
    with pytest.raises(UsageError, match="takes an emitter or a StreamView"):
        logging_handler(target, level=level)


def test_what_is_not_a_level_is_reported() -> None:
    view = StreamView(title="x")
    with pytest.raises(UsageError, match="not a logging level"):
        logging_handler(view, level="LOUD")
    view.finish()
