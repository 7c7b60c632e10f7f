"""A server to try streams against, without an account and without a network.

`python -m streamwidget.demo` opens the demo job in JupyterLab beside it; `--server` runs it alone.
`demo_url()` gives the address of one that runs inside this process, for notebooks and tests.
"""

from __future__ import annotations

import os
import threading

_lock = threading.Lock()
_address: list[str] = []


def demo_url() -> str:
    """The address of a demo server, such as `http://127.0.0.1:40123`, without a slash at its end.

    That of the environment variable `STREAMWIDGET_DEMO_URL` if it is set; else a server is started
    in a daemon thread of this process on the first call, and lives as long as the process.

    Raises:
        UsageError: starlette and uvicorn are not installed, or the server did not start.
    """
    told = os.environ.get("STREAMWIDGET_DEMO_URL", "").strip()
    if told:
        return told.rstrip("/")
    with _lock:
        if not _address:
            from .serve import start_in_thread  # imports uvicorn, which not everybody has

            _address.append(start_in_thread().address)
        return _address[0]


__all__ = ["demo_url"]
