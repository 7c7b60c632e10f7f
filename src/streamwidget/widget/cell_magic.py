"""`%%stream`: a cell as a job, whose output streams into a view beside the cell.

`%load_ext streamwidget` registers it. Only this module knows IPython's magics.
"""

from __future__ import annotations

import ast
import io
import shlex
import tokenize
from types import CodeType
from typing import Any, Final

from ..errors import UsageError
from ..sources.cell_source import cell_source
from ..sources.resolve import resolve
from .view import StreamView

USAGE: Final = """%%stream [name] [--title TITLE] [--keep]

Run the cell as a job: the cell returns at once, and what it prints, logs, warns and displays, its
progress bars and the value of its last expression stream into a view with a stop button.

    name         bind the view to this name: `%%stream training`, later `training.text`
    --title T    the heading of the view
    --keep       let the job continue when the cell runs again; else it is stopped first

The names that the cell assigns are those of the notebook, as in a plain cell. `await` works too.
"""


def register(shell: Any) -> None:
    """Register `%%stream` with an IPython shell."""

    def stream(line: str, cell: str) -> StreamView:
        return _start(shell, line, cell)

    stream.__doc__ = USAGE
    shell.register_magic_function(stream, magic_kind="cell", magic_name="stream")


def _start(shell: Any, line: str, cell: str) -> StreamView:
    name, title, keeps = _options(line)
    title = title or f"Cell [{shell.execution_count}]"
    body, value = _compiled(shell, cell)
    source = cell_source(body, value, shell.user_ns, show=_display, title=title, resolve=resolve)
    view = StreamView(source, title=title, capture=True, on_rerun="keep" if keeps else "stop")
    if name is not None:
        shell.push({name: view})
    return view


def _options(line: str) -> tuple[str | None, str | None, bool]:
    """Return the name, the title, and True if the job continues when the cell runs again.

    Raises:
        UsageError: there is something else on the line.
    """
    name: str | None = None
    title: str | None = None
    keeps = False
    try:
        words = iter(shlex.split(line))
    except ValueError as error:
        raise UsageError(f"%%stream: {error}. See `%%stream?`.") from None
    for word in words:
        if word == "--keep":
            keeps = True
        elif word == "--title":
            title = next(words, None)
            if title is None:
                raise UsageError("%%stream: --title needs a text after it.")
        elif word.isidentifier() and name is None:
            name = word
        else:
            raise UsageError(
                f"%%stream does not take {word!r}: %%stream [name] [--title TITLE] [--keep]."
            )
    return name, title, keeps


def _compiled(shell: Any, cell: str) -> tuple[CodeType | None, CodeType | None]:
    """Return the code of a cell, and that of its last expression; None: there is none.

    Raises:
        SyntaxError: the cell is not valid Python.
    """
    code = shell.transform_cell(cell)
    filename = shell.compile.cache(code, shell.execution_count, raw_code=cell)
    tree = shell.transform_ast(ast.parse(code, filename))
    statements, value = list(tree.body), None
    if statements and isinstance(statements[-1], ast.Expr) and not _is_silent(code):
        value = ast.Expression(statements.pop().value)
    flags = shell.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    body = ast.Module(statements, type_ignores=[])
    return (
        compile(body, filename, "exec", flags) if statements else None,
        None if value is None else compile(value, filename, "eval", flags),
    )


def _is_silent(code: str) -> bool:
    """True if the code ends with a semicolon, which hides the value as in a plain cell."""
    last = ""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type not in (
            tokenize.COMMENT,
            tokenize.NL,
            tokenize.NEWLINE,
            tokenize.DEDENT,
            tokenize.ENDMARKER,
        ):
            last = token.string
    return last == ";"


def _display(value: object) -> None:
    from IPython.display import display

    display(value)  # type: ignore[no-untyped-call]
