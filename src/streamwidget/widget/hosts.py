"""Detects the host: a notebook page, a program without a page, or a server of many readers.

A program that executes notebooks (nbclient, nbconvert, papermill, nbmake, nbval) sends requests
that refuse input and have no cell ID; JupyterLab, Notebook and VS Code allow input or send the cell
ID (measured with nbclient 0.11 and JupyterLab 4.6). Voila uses nbclient too, but its page comes
later.

marimo's run mode, Panel, Shiny and Solara serve many readers from one process. There a widget
belongs to the session in which it was created, and the pages of other sessions do not know it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from .marimo_export import is_exporting

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
    if running is None:
        return is_exporting()
    if threading.current_thread() is not threading.main_thread():
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


def _marimo(context: Any) -> object:
    return getattr(context.safe_get_context(), "stream", None)


def _shiny(session: Any) -> object:
    return session.get_current_session()


def _solara(context: Any) -> object:
    return context.get_current_context().kernel if context.has_current_context() else None


def _panel(state: Any) -> object:
    return state.state.curdoc


_SESSIONS: Mapping[str, Callable[[Any], object]] = {
    "marimo._runtime.context": _marimo,
    "panel.io.state": _panel,
    "shiny.session": _shiny,
    "solara.server.kernel_context": _solara,
}
"""How the session of the running thread is found, by the module of the host that knows it."""


def session() -> object | None:
    """Return the session whose code runs in this thread; None where a process has one reader."""
    for name, of in _SESSIONS.items():
        module = sys.modules.get(name)
        if module is None:
            continue
        try:
            found = of(module)
        except Exception:
            continue  # another version of the host: a page then asks its own kernel for the code
        if found is not None:
            return found
    return None


def models_need_code() -> bool:
    """True where the page loads a module for each widget, as anywidget does.

    marimo loads none for a widget without one, and can open a widget that has one only while a
    cell is running.
    """
    module = sys.modules.get("marimo._runtime.context")
    return module is None or _marimo(module) is None


T = TypeVar("T")


class PerSession(Generic[T]):
    """A value for each session, made when it is first needed; it ends with the session."""

    def __init__(
        self, make: Callable[[], T], session: Callable[[], object | None] = session
    ) -> None:
        self._make = make
        self._session = session
        self._values: WeakKeyDictionary[object, T] = WeakKeyDictionary()
        self._alone = make()

    def here(self) -> T:
        """Return the value of the session whose code runs in this thread."""
        current = self._session()
        if current is None:
            return self._alone
        if current not in self._values:
            self._values[current] = self._make()
        return self._values[current]
