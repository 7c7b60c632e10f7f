"""The harness itself: a cell runs, its output shows, and a reload finds it again."""

from __future__ import annotations

from lab import Chromium, Lab


def test_a_cell_runs_and_its_output_survives_a_reload(
    lab: Lab, chromium: Chromium, name: str
) -> None:
    lab.write_notebook(name, ["print('sum', 40 + 2)"])
    notebook = chromium.open(lab, name)
    notebook.run_cell(0)
    assert "sum 42" in notebook.output_text(0)
    assert notebook.traffic()["received"]["types"]["stream"]["count"] >= 1
    assert notebook.kernel_cpu_s() > 0
    notebook.save()
    assert lab.read_notebook(name).cells[0].outputs[0].text == "sum 42\n"
    notebook.set_theme("dark")
    notebook.reload()
    assert "sum 42" in notebook.output_text(0)
    notebook.set_theme("light")
    assert notebook.errors() == []
