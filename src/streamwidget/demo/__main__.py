"""`python -m streamwidget.demo`: the demo job in JupyterLab, and a server to try streams against.

With `--server`, or where JupyterLab is not installed, only the server; its address comes first.
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
    """Runs until Ctrl-C; the exit code is 0 after that, 1 if something could not start."""
    parser = argparse.ArgumentParser(
        prog="python -m streamwidget.demo",
        description="Opens the demo job in JupyterLab, beside a server to try streams against.",
    )
    parser.add_argument("--server", action="store_true", help="only the server, no JupyterLab")
    parser.add_argument("--host", default="127.0.0.1", help="address the server listens at")
    parser.add_argument("--port", type=int, default=0, help="its port; 0 takes any free one")
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
    advice = "pip install jupyterlab to see the demo job in a notebook."
    print(f"JupyterLab is not installed: only the server runs. {advice}", file=sys.stderr)
    return False


def _serve(host: str, port: int) -> None:
    server, listening, address = prepare(host, port)
    print(address, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.run([listening])


if __name__ == "__main__":
    sys.exit(main())
