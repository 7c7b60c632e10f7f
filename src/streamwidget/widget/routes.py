"""The routes by which a stop reaches a kernel whose main thread is busy.

The usual route is ipywidgets' message handler; it runs when the main thread is free, or on a kernel
subshell if the front end uses one. Two more routes are guarded, because they rely on internals of
ipykernel:

* ipykernel 7.4 sends replies on a comm to the shell that used the comm last, which is the blocked
  one. Its per-comm hook lets us follow the front end instead, and sees the message even if the
  front end uses no subshell: it runs on the shell channel's thread for each message of our comm.
* Older kernels handle control messages on a separate thread. While the kernel is busy, the front
  end repeats a stop there, as a `comm_msg` that only our handler takes, and only for our comms.

A kernel in the browser (JupyterLite) takes one message at a time, and the running cell is one. The
front end repeats the same commands on a broadcast channel of its origin, which such a kernel
receives whenever the cell waits.

The kernel's interrupt while no cell runs stops all live runs. Each route is installed once, where
the attributes exist, and calls the handler that was there before.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Protocol
from weakref import WeakValueDictionary

from ..threads import IN_BROWSER
from .hosts import kernel


class Receiver(Protocol):
    """The receiver of the messages of a comm: the port of a view, or a chat."""

    control: bool
    """True if a stop needs the control channel while a cell is running."""

    def on_command(self, content: object) -> None:
        """Handle one custom message of a front end."""

    def request_stop(self) -> None:
        """Ask every producer behind the comm to stop."""


BROADCAST = "streamwidget-control"
"""Name of the broadcast channel; `js/src/protocol/control.ts` has the same."""
_receivers: WeakValueDictionary[str, Receiver] = WeakValueDictionary()
"""Receivers by the ID of their comm."""


def install(receiver: Receiver, comm: Any) -> None:
    """Open every route that this kernel has for messages of `comm`."""
    if comm is None:
        return
    _receivers[comm.comm_id] = receiver
    if IN_BROWSER:
        receiver.control = _install_broadcast()
        return
    hooked = _install_hook(receiver, comm)
    running = kernel()
    if running is not None:
        receiver.control = _install_control(running) and not hooked
        _install_idle_interrupt(running)


def _install_broadcast() -> bool:
    if not _broadcast:
        js: Any = importlib.import_module("js")
        ffi: Any = importlib.import_module("pyodide.ffi")
        channel = js.BroadcastChannel.new(BROADCAST)
        channel.onmessage = ffi.create_proxy(lambda event: on_broadcast(event.data.to_py()))
        _broadcast.append(channel)
    return True


_broadcast: list[object] = []
"""The open channel, once there is one; kept, because a closed one receives nothing."""


def on_broadcast(message: object) -> None:
    """Carry out a command of any page of this origin, if its view is one of this kernel."""
    if isinstance(message, dict):
        receiver = _receivers.get(str(message.get("comm_id")))
        if receiver is not None:
            receiver.on_command(message.get("content"))


def _install_hook(receiver: Receiver, comm: Any) -> bool:
    if not hasattr(comm, "_reply_subshell_for"):
        return False

    def route(data: object, default: object) -> object:
        # on the shell channel's thread, for each message: must neither raise nor block
        if isinstance(data, dict) and data.get("method") == "custom":
            receiver.on_command(data.get("content"))
        return default

    comm._reply_subshell_for = route
    return True


def _install_control(kernel: Any) -> bool:
    handlers = getattr(kernel, "control_handlers", None)
    if not isinstance(handlers, dict):
        return False
    handlers.setdefault("comm_msg", _on_control)
    return handlers["comm_msg"] is _on_control


def _on_control(_stream: object, _ident: object, message: dict[str, Any]) -> None:
    content = message.get("content", {})
    receiver = _receivers.get(str(content.get("comm_id")))
    data = content.get("data")
    if receiver is not None and isinstance(data, dict) and data.get("method") == "custom":
        receiver.on_command(data.get("content"))


_idle_handlers: set[int] = set()
"""IDs of the handlers installed here, so that each kernel gets one."""


def _install_idle_interrupt(kernel: Any) -> None:
    """Replace the interrupt handler between cells: ipykernel's `saved_sigint_handler` during
    one."""
    previous = getattr(kernel, "saved_sigint_handler", None)
    if previous is None or id(previous) in _idle_handlers:
        return

    def stop_all(signum: int, frame: object) -> None:
        stop_all_alive()
        if callable(previous):
            previous(signum, frame)

    _idle_handlers.add(id(stop_all))
    _kept.append(stop_all)
    kernel.saved_sigint_handler = stop_all


_kept: list[Callable[[int, object], None]] = []
"""Keeps handlers in memory, so that their IDs are not reused."""


def stop_all_alive() -> None:
    """Ask every live run to stop."""
    for receiver in list(_receivers.values()):
        receiver.request_stop()
