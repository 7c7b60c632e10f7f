"""The words of a command, split as a shell would and refused where they need one. Pure."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from typing import Final

from ..errors import UsageError

_SHELL_WORDS: Final = frozenset({"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1", "&>"})


def arguments_of(command: str | Sequence[str], shell: bool | None) -> list[str]:
    if shell:
        if not isinstance(command, str):
            raise UsageError("process(..., shell=True) takes the command as one str, not a list.")
        if sys.platform == "win32":
            return [os.environ.get("COMSPEC", "cmd.exe"), "/c", command]
        return ["/bin/sh", "-c", command]
    words = _split(command) if isinstance(command, str) else [os.fspath(word) for word in command]
    if not words or not words[0]:
        raise UsageError("process() was given an empty command: pass a program and its arguments.")
    if shell is None and isinstance(command, str):
        for_shell = _SHELL_WORDS.intersection(words, _unquoted(command))
        if for_shell:
            raise UsageError(
                f"The command has shell syntax ({' '.join(sorted(for_shell))}), but process() uses "
                "no shell: pass shell=True, or the program and its arguments as a list."
            )
    return words


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        raise UsageError(
            "The command has a quote that is never closed: close it, or pass a list of words."
        ) from None


def _unquoted(command: str) -> list[str]:
    """Words with their quotes, which make an argument of `'|'` and `"a | b"`."""
    try:
        return shlex.split(command, posix=False)
    except ValueError:  # it knows no backslash
        return []


def program_of(command: str | Sequence[str], shell: bool) -> str:
    """The program's name, without folder and arguments; never `TOKEN=...` that stands before it."""
    words = str(command).split() if shell else arguments_of(command, False)
    told = (os.path.basename(word) for word in words if "=" not in word)
    return next(told, "") or "command"
