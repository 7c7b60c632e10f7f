"""Drives a real JupyterLab in headless Chromium.

    with Lab(work) as lab, Chromium() as chromium:
        lab.write_notebook("a.ipynb", ["print('hi')"])
        notebook = chromium.open(lab, "a.ipynb")
        notebook.run_cell(0)
        assert "hi" in notebook.output_text(0)

Nothing in here knows about streamwidget: `server` has the Jupyter side, `proxy` a line that can be
cut, `program` other servers, `answers` one that answers questions, `browser` the Chromium,
`notebook` what a person does in one tab.
"""

from lab.browser import Chromium, chromium_path
from lab.notebook import Notebook
from lab.program import address_of
from lab.proxy import CutProxy, free_port
from lab.server import Lab, end_on_sigterm

__all__ = [
    "Chromium",
    "CutProxy",
    "Lab",
    "Notebook",
    "address_of",
    "chromium_path",
    "end_on_sigterm",
    "free_port",
]
