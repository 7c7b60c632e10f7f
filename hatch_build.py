"""Builds the front end before packing, when it is not there yet.

A source distribution carries the built bundle, so that installing from it needs no Node.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

APP = Path("src/streamwidget/static/app.js.gz")


NOTEBOOKS = Path("notebooks")


class FrontEndHook(BuildHookInterface):
    """Runs `npm ci` and `npm run build` in `js/` if `APP` is absent; packs the notebooks."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"][str(root / NOTEBOOKS)] = "streamwidget/demo/notebooks"
        if (root / APP).exists():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "The front end is not built and npm was not found: install Node >= 20, "
                "or run `npm ci && npm run build` in js/ elsewhere."
            )
        for arguments in (["ci"], ["run", "build"]):
            subprocess.run([npm, *arguments], cwd=root / "js", check=True)
        if not (root / APP).exists():
            raise RuntimeError(f"The front end was built, but {APP} is still absent.")
