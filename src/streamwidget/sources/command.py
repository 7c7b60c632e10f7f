"""Commands: splitting into words as a shell does, refusing shell syntax, and the program's name.

The name is shown, saved and exported. It never includes an argument, because any argument may be a
credential. Pure.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Sequence
from typing import Final

from ..errors import UsageError

_SHELL_WORDS: Final = frozenset({"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1", "&>"})
_ASSIGNMENT: Final = re.compile(r"\W*\w+\+?=")
_PROGRAM: Final = re.compile(r"\w[\w .+-]{0,63}")
_WRAPPERS: Final = frozenset({"env", "exec", "export", "time", "nohup", "command"})
"""Shell words that may precede a program or its variables."""


def arguments_of(command: str | Sequence[str], shell: bool | None) -> list[str]:
    """Return the program and its arguments.

    Raises:
        UsageError: see `process`.
    """
    if shell:
        if not isinstance(command, str):
            raise UsageError("process(..., shell=True) takes the command as one str, not a list.")
        if sys.platform == "win32":
            return [os.environ.get("COMSPEC", "cmd.exe"), "/c", command]
        return ["/bin/sh", "-c", command]
    words = _split(command) if isinstance(command, str) else [os.fspath(word) for word in command]
    if not words or not words[0]:
        raise UsageError("The command is empty. Pass process() a program and its arguments.")
    if shell is None and isinstance(command, str):
        for_shell = _SHELL_WORDS.intersection(words, _unquoted(command))
        if for_shell:
            raise UsageError(
                f"The command has shell syntax ({' '.join(sorted(for_shell))}), but process() uses "
                "no shell. Pass shell=True, or the program and its arguments as a list."
            )
    return words


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        raise UsageError(
            "The command has a quote that is not closed. Close it, or pass a list of words."
        ) from None


def _unquoted(command: str) -> list[str]:
    """Return the words with their quotes, which distinguish `'|'` and `"a | b"` from shell
    syntax."""
    try:
        return shlex.split(command, posix=False)
    except ValueError:  # this mode does not support backslashes
        return []


def program_of(command: str | Sequence[str], shell: bool) -> str:
    """Return the name of the program, without folder, arguments and leading `NAME=value` words.

    "command" if a credential could be mistaken for the name: after an open quote, a value computed
    by another command, or a word with characters that program names do not have.
    """
    for word in _words(command, shell):
        if _ASSIGNMENT.match(word):
            if "$(" in word or "`" in word:
                break
        elif not shell or word not in _WRAPPERS:
            name = re.split(r"[/\\]", word)[-1].rstrip(";")
            return name if _PROGRAM.fullmatch(name) else "command"
    return "command"


def _words(command: str | Sequence[str], shell: bool) -> list[str]:
    if not shell:
        return arguments_of(command, False)
    try:
        return shlex.split(str(command), comments=True)
    except ValueError:
        return []
