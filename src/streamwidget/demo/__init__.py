"""A demo server to try streams with, without an account and without a network.

`python -m streamwidget.demo` runs it and opens the demo job in JupyterLab; `--server` runs only the
server. `demo_url()` returns the URL of a server inside this process, for notebooks and tests.
"""

from __future__ import annotations

import os
import threading

_lock = threading.Lock()
_address: list[str] = []


def demo_url() -> str:
    """Return the URL of a demo server, such as `http://127.0.0.1:40123`, without a slash at the
    end.

    It is the value of the environment variable `STREAMWIDGET_DEMO_URL` if that is set; else the
    first call starts a server in a daemon thread, which runs as long as this process.

    Raises:
        UsageError: starlette and uvicorn are not installed, or the server did not start.
    """
    url = os.environ.get("STREAMWIDGET_DEMO_URL", "").strip()
    if url:
        return url.rstrip("/")
    with _lock:
        if not _address:
            from .serve import start_in_thread  # imports uvicorn, an optional dependency

            _address.append(start_in_thread().address)
        return _address[0]


__all__ = ["demo_url"]
