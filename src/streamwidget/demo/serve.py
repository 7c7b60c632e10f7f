"""Runs the demo server, in the main thread or in a daemon thread."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    import uvicorn

START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0


class DemoServer:
    """A server in a daemon thread; `stop` closes it and its connections."""

    def __init__(self, server: uvicorn.Server, listening: socket.socket, address: str) -> None:
        self.address = address
        """URL of the server, such as `http://127.0.0.1:40123`."""
        self._server = server
        self._thread = threading.Thread(
            target=server.run, args=([listening],), name="streamwidget-demo", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the server and wait for its end, at most `STOP_TIMEOUT_S`."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(STOP_TIMEOUT_S)


def start_in_thread(host: str = "127.0.0.1", port: int = 0) -> DemoServer:
    """Start a server and return it; its socket is already listening, so a first request waits.

    Raises:
        UsageError: starlette and uvicorn are not installed, or the port is taken.
    """
    server, listening, address = prepare(host, port)
    return DemoServer(server, listening, address)


def prepare(host: str, port: int) -> tuple[uvicorn.Server, socket.socket, str]:
    """Return a server, its listening socket and its URL.

    Raises:
        UsageError: starlette and uvicorn are not installed, or the port is taken.
    """
    try:
        import uvicorn

        from .server import create_app
    except ImportError as error:
        raise UsageError(
            f"The demo server needs {error.name}. Install it: pip install 'streamwidget[demo]'"
        ) from error
    listening = _listen(host, port)
    config = uvicorn.Config(
        create_app(),
        log_level="critical",  # some endpoints abort their body on purpose
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        timeout_graceful_shutdown=1,
    )
    shown = f"[{host}]" if ":" in host else host
    return uvicorn.Server(config), listening, f"http://{shown}:{listening.getsockname()[1]}"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise UsageError(
            f"The demo server cannot listen on {host}:{port}: {error.strerror}. "
            "Choose another port, or 0 for a free one."
        ) from error
    return listening
