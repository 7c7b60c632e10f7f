"""`python -m streamwidget.demo`: the demo job in JupyterLab, and the demo server.

With `--server`, or without JupyterLab, only the server runs; its first output line is its URL.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from importlib.util import find_spec

from ..errors import UsageError
from .programs import run_notebooks
from .serve import prepare


def main() -> int:
    """Run until Ctrl-C; return the exit code: 0, or 1 if a program could not start."""
    parser = argparse.ArgumentParser(
        prog="python -m streamwidget.demo",
        description="Opens the demo job in JupyterLab, with a server to try streams with.",
    )
    parser.add_argument("--server", action="store_true", help="only the server, no JupyterLab")
    parser.add_argument("--host", default="127.0.0.1", help="address that the server listens on")
    parser.add_argument("--port", type=int, default=0, help="its port; 0 chooses a free one")
    arguments = parser.parse_args()
    try:
        if arguments.server or not _has_lab():
            _serve(arguments.host, arguments.port)
        else:
            run_notebooks(arguments.host, arguments.port)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _has_lab() -> bool:
    if find_spec("jupyterlab"):
        return True
    advice = "To see the demo job in a notebook: pip install jupyterlab"
    print(f"JupyterLab is not installed. Running only the server. {advice}", file=sys.stderr)
    return False


def _serve(host: str, port: int) -> None:
    server, listening, address = prepare(host, port)
    print(address, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.run([listening])


if __name__ == "__main__":
    sys.exit(main())
