"""Builds a JupyterLite site with all it needs, so that its page asks no CDN and no package index.

    python tests/lite/build_site.py WHEEL FOLDER

`WHEEL` is the wheel of streamwidget. The site is written to `FOLDER/site`. Pyodide comes from npm,
without its packages; the kernel's own packages and those of streamwidget are pure Python and come
from PyPI. Needs what the dependency group `lite` names, and npm.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jupyterlite_pyodide_kernel.constants import PYODIDE_PYTHON_VERSION, PYODIDE_VERSION

INSTALLER = "micropip"
"""Packages that the kernel loads from Pyodide's list; it installs the others."""
KERNEL_NEEDS = ("comm", "ipython", "jedi")
PURE = (
    "--only-binary=:all:", "--implementation=py", "--abi=none", "--platform=any",
    f"--python-version={PYODIDE_PYTHON_VERSION}",
)  # fmt: skip


def run(*command: object, cwd: Path | None = None) -> None:
    """Run a command; what it prints is shown if it fails."""
    ended = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise SystemExit(f"{command[0]} failed:\n{ended.stdout}{ended.stderr}")


def pip_download(folder: Path, *what: object, dependencies: bool = True) -> None:
    """Download wheels of pure Python to `folder`."""
    options = () if dependencies else ("--no-deps",)
    run(
        sys.executable, "-m", "pip", "download", "--quiet", *PURE, *options, "--dest", folder, *what
    )


def add_pyodide(folder: Path) -> None:
    """Put Pyodide where the build expects it, with a package list of only what is beside it."""
    run("npm", "pack", f"pyodide@{PYODIDE_VERSION}", cwd=folder)
    with tarfile.open(folder / f"pyodide-{PYODIDE_VERSION}.tgz") as packed:
        packed.extractall(folder, filter="data")
    (folder / "static").mkdir()
    home = (folder / "package").rename(folder / "static" / "pyodide")
    lock_path = home / "pyodide-lock.json"
    lock = json.loads(lock_path.read_text())
    lock["packages"] = {
        name: _download(lock["packages"][name], home)
        for name in sorted(_closure(lock["packages"], [INSTALLER]))
    }
    lock_path.write_text(json.dumps(lock))


def _closure(packages: dict[str, Any], names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop().replace("_", "-")
        if name not in found:
            found.add(name)
            waiting += packages[name]["depends"]
    return found


def _download(package: dict[str, Any], home: Path) -> dict[str, Any]:
    """Put the wheel of a package beside Pyodide, and return its entry in the list."""
    before = set(home.iterdir())
    pip_download(home, f"{package['name']}=={package['version']}", dependencies=False)
    (wheel,) = set(home.iterdir()) - before
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return {**package, "file_name": wheel.name, "sha256": digest}


def build(wheel: Path, folder: Path) -> Path:
    """Build the site and return its folder."""
    shutil.rmtree(folder, ignore_errors=True)
    wheels, site = folder / "wheels", folder / "site"
    wheels.mkdir(parents=True)
    add_pyodide(folder)
    pip_download(wheels, wheel, *KERNEL_NEEDS)
    run(
        sys.executable, "-m", "jupyter", "lite", "build",
        "--lite-dir", folder, "--output-dir", site, "--piplite-wheels", wheels,
        "--no-unused-shared-packages",
        cwd=folder,
    )  # fmt: skip
    configure(site)
    return site


def configure(site: Path) -> None:
    """Have the kernel ask no package index, and let tests reach the application."""
    path = site / "jupyter-lite.json"
    config = json.loads(path.read_text())
    settings = config["jupyter-config-data"].setdefault("litePluginSettings", {})
    kernel = settings.setdefault("@jupyterlite/pyodide-kernel-extension:kernel", {})
    kernel["disablePyPIFallback"] = True
    config["jupyter-config-data"]["exposeAppInBrowser"] = True
    path.write_text(json.dumps(config, indent=2))


if __name__ == "__main__":
    print(build(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
