"""A JupyterLab server of our own: isolated directories, no token, no pop-ups.

Knows Jupyter's files, processes and REST interface. Must not know browsers or the widget.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
import psutil

from lab.proxy import CutProxy, free_port

START_TIMEOUT_S = 240.0
PORTS_COUNT = 5
"""Ports to try: another program may take the free one before the server listens on it."""
PORT_TAKEN = "is not available"
END_TIMEOUT_S = 5.0
QUIET = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
SERVER_ARGUMENTS = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    # It listens on 127.0.0.1 only, and only while a test runs.
    "--IdentityProvider.token=",
    "--ServerApp.password=",
    "--ServerApp.disable_check_xsrf=True",
    "--LabApp.expose_app_in_browser=True",
)

Cell = str | tuple[str, str]


class Lab:
    """One server whose every file lives below `work`; leaving the context ends what it started.

    `python` has JupyterLab; `settings` maps a plugin id to settings, `kernels` a name to a Python.
    With `proxy`, browsers reach the server through `self.proxy`, whose line can be cut.
    """

    def __init__(
        self,
        work: Path,
        *,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        kernels: Mapping[str, str | Path] | None = None,
        server_args: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        proxy: bool = False,
        python: str = sys.executable,
    ) -> None:
        self.work = work.resolve()
        self.root = self.work / "notebooks"
        self.log_path = self.work / "server.log"
        self.port = free_port()
        self.proxy: CutProxy | None = CutProxy(self.port) if proxy else None
        self._directories = _directories(self.work)
        self._server_args = [*SERVER_ARGUMENTS, *server_args]
        self._environment = dict(environment or {})
        self._python = python
        self._process: subprocess.Popen[bytes] | None = None
        self._lay_out(settings or {}, kernels or {})

    # Life

    def __enter__(self) -> Lab:
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        if self.proxy:
            self.proxy.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.proxy:
            self.proxy.__exit__(kind, error, trace)
        self._end()

    @property
    def url(self) -> str:
        """The address for browsers, without a slash at the end."""
        return f"http://127.0.0.1:{self.proxy.port if self.proxy else self.port}"

    @property
    def process(self) -> psutil.Process:
        assert self._process is not None, "the server has not been started"
        return psutil.Process(self._process.pid)

    # Notebooks

    def write_notebook(self, name: str, cells: Sequence[Cell], *, kernel: str = "python3") -> Path:
        """Writes a notebook and gives its path. A cell is code, or `("markdown", text)`."""
        notebook = nbformat.v4.new_notebook()
        notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel}
        for cell in cells:
            if isinstance(cell, tuple):
                notebook.cells.append(nbformat.v4.new_markdown_cell(cell[1]))
            else:
                notebook.cells.append(nbformat.v4.new_code_cell(cell))
        path = self.root / name
        nbformat.write(notebook, path)
        return path

    def read_notebook(self, name: str) -> nbformat.NotebookNode:
        return nbformat.read(self.root / name, 4)

    # The server's own interface

    def api(self, path: str, method: str = "GET", data: object = None) -> Any:
        """The parsed answer of `/api/<path>`, or None where it is empty."""
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}", method=method, data=body
        )
        with urllib.request.urlopen(request, timeout=120) as response:
            answer = response.read()
        return json.loads(answer) if answer else None

    def end_kernels(self) -> None:
        """Shuts down every session. Close the pages first: Lab would offer to restart them."""
        for session in self.api("sessions"):
            self.api(f"sessions/{session['id']}", "DELETE")

    def kernel_process(self, kernel_id: str) -> psutil.Process:
        """The process of one running kernel."""
        for process in self.process.children(recursive=True):
            if any(kernel_id in argument for argument in process.cmdline()):
                return process
        raise LookupError(f"no process belongs to the kernel {kernel_id}")

    # Inside

    def _lay_out(
        self, settings: Mapping[str, Mapping[str, Any]], kernels: Mapping[str, str | Path]
    ) -> None:
        if self.work.exists():
            shutil.rmtree(self.work)
        for directory in (self.root, *self._directories.values()):
            directory.mkdir(parents=True)
        self._set("@jupyterlab/apputils-extension:notification", QUIET)
        for plugin, value in settings.items():
            self._set(plugin, value)
        for name, python in kernels.items():
            self._add_kernel(name, python)

    def _set(self, plugin: str, value: Mapping[str, Any]) -> None:
        package, _, name = plugin.partition(":")
        folder = self._directories["JUPYTERLAB_SETTINGS_DIR"] / package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.jupyterlab-settings").write_text(json.dumps(value))

    def _add_kernel(self, name: str, python: str | Path) -> None:
        folder = self._directories["JUPYTER_DATA_DIR"] / "kernels" / name
        folder.mkdir(parents=True)
        command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": command, "display_name": name, "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))

    def _start(self) -> None:
        for _ in range(PORTS_COUNT):
            self._launch()
            if self._answers():
                return
            log = self.log_path.read_text(errors="replace")[-4000:]
            if PORT_TAKEN not in log:
                break
            self.port = free_port()
            if self.proxy:
                self.proxy.target_port = self.port
        raise RuntimeError(f"JupyterLab does not answer:\n{log}")

    def _launch(self) -> None:
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(self._python, "-m", "jupyterlab", f"--ServerApp.port={self.port}"),
                    *(f"--ServerApp.root_dir={self.root}", *self._server_args),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._server_environment(),
                cwd=self.root,
                start_new_session=True,
            )

    def _server_environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
        directories = {name: str(path) for name, path in self._directories.items()}
        path = f"{Path(self._python).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}"
        return {**inherited, **directories, "PATH": path, **self._environment}

    def _answers(self) -> bool:
        """True once the server answers, False when it has ended or does not answer in time."""
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                self.api("status")
            except OSError:
                time.sleep(0.1)
            else:
                return True
        return False

    def _end(self) -> None:
        if self._process is None:
            return
        try:
            processes = [*self.process.children(recursive=True), self.process]
        except psutil.NoSuchProcess:
            processes = []
        end_processes(processes)
        self._process.wait(60)


def end_on_sigterm() -> None:
    """Makes a SIGTERM end this process as Ctrl-C does, so that contexts end what they started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def end_processes(processes: Sequence[psutil.Process]) -> None:
    """Ends exactly `processes`, by id: asked first, killed after 5 s."""
    for process in processes:
        _send(process, signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=END_TIMEOUT_S)
    for process in alive:
        _send(process, signal.SIGKILL)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        pass


def _directories(work: Path) -> dict[str, Path]:
    """Every place that Jupyter would otherwise share with the person's own set-up."""
    return {
        "JUPYTER_CONFIG_DIR": work / "config",
        "JUPYTER_DATA_DIR": work / "data",
        "JUPYTER_RUNTIME_DIR": work / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": work / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": work / "workspaces",
        "IPYTHONDIR": work / "ipython",
    }
