"""Checks that measure: other work on the machine only ever adds time, so one good try is enough."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

TRIES_COUNT = 3
P = ParamSpec("P")


def measured_again(check: Callable[P, bool]) -> Callable[P, bool]:
    """Let a check try up to three times; it holds if it holds once."""

    @functools.wraps(check)
    def measured(*arguments: P.args, **named: P.kwargs) -> bool:
        return any(check(*arguments, **named) for _ in range(TRIES_COUNT))

    return measured
