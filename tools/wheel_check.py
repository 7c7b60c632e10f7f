"""Looks into the built packages: what a user installs must be there, and nothing else.

    python tools/wheel_check.py build/dist

The folder holds exactly one sdist and one wheel. Every broken rule is printed; then it ends with 1.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGE = "streamwidget"
TAG = "py3-none-any"
NEEDED = (
    "__init__.py",
    "py.typed",
    "static/app.js.gz",
    "static/artefacts.json",
    "static/loader.js",
    "static/math.js.gz",
    "static/grammars.js.gz",
)
ONLY = (f"{PACKAGE}/", f"{PACKAGE}-")
UNWANTED_IN_WHEEL = (".ts", ".map")
UNWANTED_IN_SDIST = ("/node_modules/", "/.venv", "__pycache__", "/.git/")
IMPORT = f"import sys, {PACKAGE}; print({PACKAGE}.__file__); {PACKAGE}.StreamView"


def only_file(folder: Path, pattern: str) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        sys.exit(f"wheel-check: expected one {pattern} in {folder}, found {len(found)}")
    return found[0]


def wheel_faults(wheel: Path) -> Iterator[str]:
    if not wheel.name.endswith(f"-{TAG}.whl"):
        yield f"{wheel.name}: the tag is not {TAG}"
    names = zipfile.ZipFile(wheel).namelist()
    yield from missing(names, prefix=f"{PACKAGE}/", where=wheel.name)
    if not any(name.endswith("/demo/notebooks/02_research_job.ipynb") for name in names):
        yield f"{wheel.name}: the notebooks of the demo are absent"
    for name in names:
        if not name.startswith(ONLY) or name.endswith(UNWANTED_IN_WHEEL) or "/test" in name:
            yield f"{wheel.name}: {name} does not belong there"


def sdist_faults(sdist: Path) -> Iterator[str]:
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    top = sdist.name.removesuffix(".tar.gz")
    yield from missing(names, prefix=f"{top}/src/{PACKAGE}/", where=sdist.name)
    for name in names:
        if any(part in name for part in UNWANTED_IN_SDIST):
            yield f"{sdist.name}: {name} does not belong there"


def missing(names: Iterable[str], *, prefix: str, where: str) -> Iterator[str]:
    have = set(names)
    for name in NEEDED:
        if prefix + name not in have:
            yield f"{where}: {prefix}{name} is missing"


def import_faults(wheel: Path) -> Iterator[str]:
    """Imports the package from the wheel's files, not from this repository."""
    with tempfile.TemporaryDirectory(prefix="streamwidget-wheel-") as target:
        zipfile.ZipFile(wheel).extractall(target)
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {target!r}); {IMPORT}"],
            capture_output=True,
            text=True,
            cwd=target,
            check=False,
        )
        if done.returncode != 0 or not done.stdout.startswith(target):
            yield f"{wheel.name}: the import failed:\n{done.stdout}{done.stderr[-1000:]}"


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    wheel, sdist = only_file(folder, "*.whl"), only_file(folder, "*.tar.gz")
    faults = [*wheel_faults(wheel), *sdist_faults(sdist), *import_faults(wheel)]
    for fault in faults:
        print(f"wheel-check: {fault}")
    if faults:
        return 1
    sizes = (
        f"{wheel.stat().st_size / 1000:.0f} kB wheel, {sdist.stat().st_size / 1000:.0f} kB sdist"
    )
    print(f"wheel-check: {wheel.name} is complete and imports ({sizes})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
