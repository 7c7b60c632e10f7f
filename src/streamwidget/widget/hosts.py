"""Detects the host: a notebook page, a program without a page, or neither.

A program that executes notebooks (nbclient, nbconvert, papermill, nbmake, nbval) sends requests
that refuse input and have no cell ID; JupyterLab, Notebook and VS Code allow input or send the cell
ID (measured with nbclient 0.11 and JupyterLab 4.6). Voila uses nbclient too, but its page comes
later.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from typing import Any

_FOR_A_PAGE = ("SERVER_SOFTWARE", "VOILA_REQUEST_URL")
"""Voila sets these in the environment of its kernels."""


def kernel() -> Any:
    """The running ipykernel; None outside of one."""
    module = sys.modules.get("ipykernel.kernelbase")
    if module is None or not module.Kernel.initialized():
        return None
    return module.Kernel.instance()


def is_headless() -> bool:
    """True in a cell that a program executes: no page will show it."""
    running = kernel()
    if running is None or threading.current_thread() is not threading.main_thread():
        return False
    if any("voila" in os.environ.get(name, "").lower() for name in _FOR_A_PAGE):
        return False
    return refuses_input(_request(running))


def refuses_input(request: Mapping[str, Any]) -> bool:
    """True if an execute request comes from a program without a page."""
    content, metadata = request.get("content"), request.get("metadata")
    if not isinstance(content, Mapping) or content.get("allow_stdin") is not False:
        return False
    return not (isinstance(metadata, Mapping) and metadata.get("cellId"))


def ends_at_error() -> bool:
    """True if the program that executes the notebook ends it when the running cell raises."""
    running = kernel()
    content = {} if running is None else _request(running).get("content")
    return not (isinstance(content, Mapping) and content.get("stop_on_error") is False)


def _request(running: Any) -> Mapping[str, Any]:
    """Return the request that the kernel is executing; empty if there is none."""
    try:
        request = running.get_parent("shell")
    except Exception:
        return {}  # no cell is running, or the kernel has no such method
    return request if isinstance(request, Mapping) else {}
