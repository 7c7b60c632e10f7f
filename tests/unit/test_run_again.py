"""`make test` forgives a test that passes alone, and names it; a test that fails twice fails it.

The real Makefile runs in a temporary folder, where everything is installed already and the suites
are small.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ONCE = """
from pathlib import Path

def fails_the_first_time(name):
    marker = Path(__file__).with_name(name)
    if not marker.exists():
        marker.touch()
        raise AssertionError("the first time")
"""
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which `set-up` has nothing to do."""
    for name in ("js/node_modules", ".venv/bin", "tools", "src/streamwidget/static"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    shutil.copy(PROJECT / "Makefile", tmp_path)
    shutil.copy(PROJECT / "tools" / "run_again.py", tmp_path / "tools")
    python = tmp_path / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    made = ("js/package.json", "js/package-lock.json", "js/node_modules/.stamp")
    for name in (*made, "src/streamwidget/static/app.js.gz", ".venv/.stamp-venv"):
        (tmp_path / name).touch()
    (tmp_path / ".venv/.stamp-test").touch()
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))


def make_test(project: Path, *variables: str) -> subprocess.CompletedProcess[str]:
    ours = ("MAKE", "MFLAGS", "PYTEST_")  # the make and the pytest that run this test
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return subprocess.run(
        ["make", "test", "ALONE=", *variables],
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def named(output: str) -> list[str]:
    """Return the names below the heading of the summary."""
    _, _, below = output.partition("passed only when run again, alone: repair these\n")
    return sorted({line.strip() for line in below.splitlines() if line.startswith("   ")})


def test_a_test_that_passes_alone_is_named_and_one_that_passes_is_not_run_again(
    project: Path,
) -> None:
    for suite in ("unit", "servers"):
        write(project / f"tests/{suite}/once.py", ONCE)
        write(
            project / f"tests/{suite}/test_{suite}.py",
            """
            import sys; sys.path.insert(0, __file__.rpartition("/")[0])
            from pathlib import Path
            import pytest
            from once import fails_the_first_time

            @pytest.mark.parametrize("name", ["a b", "$x 'y'"])
            def test_now_and_then(name):
                fails_the_first_time(name)

            def test_always():
                with Path(__file__).with_name("runs").open("a") as file:
                    file.write("x")
            """,
        )
    done = make_test(project, "LANE_1=unit", "LANE_2=servers")
    assert done.returncode == 0, done.stdout
    assert "make test: everything passed (unit servers )" in done.stdout
    assert named(done.stdout) == [
        f"{suite}: tests/{suite}/test_{suite}.py::test_now_and_then[{name}]"
        for suite in ("servers", "unit")
        for name in ("$x 'y'", "a b")
    ]
    assert (project / "tests/unit/runs").read_text() == "x"
    assert "2 failed, 1 passed" in (project / "build/logs/unit.log").read_text()


def test_a_test_that_fails_twice_fails_the_run_though_another_suite_passes_alone(
    project: Path,
) -> None:
    write(project / "tests/servers/once.py", ONCE)
    write(
        project / "tests/servers/test_servers.py",
        """
        import sys; sys.path.insert(0, __file__.rpartition("/")[0])
        from once import fails_the_first_time

        def test_now_and_then():
            fails_the_first_time("x")
        """,
    )
    write(project / "tests/unit/test_unit.py", "def test_always():\n    assert False\n")
    done = make_test(project, "LANE_1=unit", "LANE_2=servers")
    assert done.returncode != 0
    assert "make test: FAILED: unit.failed" in done.stdout
    assert named(done.stdout) == ["servers: tests/servers/test_servers.py::test_now_and_then"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            ONCE
            + """
import pytest
@pytest.mark.parametrize("n", range(6))
def test_many(n):
    fails_the_first_time(str(n))
""",
            "6 tests failed",
        ),
        (
            ONCE
            + """
import pytest
def test_one():
    fails_the_first_time("one")
def test_end():
    pytest.exit("in the middle", 3)
def test_not_run():
    assert False
""",
            "did not fail in a test that could run again",
        ),
        (ONCE + 'fails_the_first_time("import")', "did not fail in a test that could run again"),
    ],
    ids=["more than five", "not all tests ran", "not collected"],
)
def test_many_failures_or_tests_that_did_not_run_fail_the_run(
    project: Path, text: str, why: str
) -> None:
    write(project / "tests/unit/test_unit.py", text)
    done = make_test(project, "LANE_1=unit", "LANE_2=")
    assert done.returncode != 0
    assert "make test: FAILED: unit.failed" in done.stdout
    assert why in done.stdout
    assert named(done.stdout) == []


PAGE = """
import sys
names = sys.argv[1:] or ["good", "now_and_then", *%r]
print("runs", *names)
failed = 0
for name in names:
    try:
        if name != "good":
            fails_the_first_time(name)
        print("ok  ", name, " (0.1 s)")
    except AssertionError:
        print("FAIL", name, "dark", "(0.1 s)")
        if len(names) == 3:
            sys.exit(1)  # without its closing line
        failed += 1
print(f"1 passed, {failed} failed")
sys.exit(failed)
"""


@pytest.mark.parametrize("not_run", [[], ["last"]], ids=["all ran", "not all ran"])
def test_checks_of_the_page_run_again_by_their_names(project: Path, not_run: list[str]) -> None:
    write(project / "tools/chromium.py", "print('none')")
    write(
        project / "js/test/gallery/check.py",
        ONCE + PAGE % not_run,
    )
    done = make_test(project, "LANE_1=", "LANE_2=", "ALONE=page")
    assert (done.returncode == 0) is not bool(not_run), done.stdout
    assert ("runs now_and_then\n" in done.stdout) is not bool(not_run)
    assert named(done.stdout) == ([] if not_run else ["page: now_and_then"])
