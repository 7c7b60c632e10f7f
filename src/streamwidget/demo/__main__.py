"""`python -m streamwidget.demo`: runs the demo server until Ctrl-C; prints its address first."""

from __future__ import annotations

import argparse
import contextlib
import sys

from ..errors import UsageError
from .serve import prepare


def main() -> int:
    """Runs the server; the exit code is 0 after Ctrl-C, 1 if it could not start."""
    parser = argparse.ArgumentParser(
        prog="python -m streamwidget.demo", description="A server to try streams against."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes any free one")
    arguments = parser.parse_args()
    try:
        server, listening, address = prepare(arguments.host, arguments.port)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 1
    print(address, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.run([listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
