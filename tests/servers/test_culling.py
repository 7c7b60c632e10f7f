"""A Jupyter Server that culls idle kernels leaves a silent run alone."""

from __future__ import annotations

from pathlib import Path

from soak.culling import watch


def test_a_silent_run_without_a_page_keeps_its_kernel_and_idle_ones_are_culled(
    tmp_path: Path,
) -> None:
    """The intervals are those of a real server, divided by about ten."""
    assert watch(tmp_path, cull_s=8, silent_s=30, pace={"keep_alive_s": 1.0}) == []
