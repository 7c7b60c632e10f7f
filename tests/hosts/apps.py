"""The same small stream as an app of each host."""

from __future__ import annotations

import json

STREAM = """import time
from streamwidget import StreamView

def words():
    yield "# A report\\n\\nSo $x^2$:\\n\\n```python\\nreturn 1\\n```\\n\\n"
    for n in range(150):
        yield f"word{n} "
        time.sleep(0.01)

"""
INDENTED = "".join(f"    {line}" if line.strip() else line for line in STREAM.splitlines(True))
MARIMO = f"""import marimo
app = marimo.App(width="medium")

@app.cell
def _():
{INDENTED}    StreamView(words(), title="Host")
    return

if __name__ == "__main__":
    app.run()
"""
PANEL = f"""{STREAM}
import panel as pn
pn.extension("ipywidgets")
pn.Column(StreamView(words(), title="Host")).servable()
"""
SOLARA = f"""{STREAM}
import solara

@solara.component
def Page():
    view = solara.use_memo(lambda: StreamView(words(), title="Host"), [])
    solara.display(view)
"""
SHINY = f"""{STREAM}
from shiny.express import ui
from shinywidgets import render_widget

@render_widget
def view():
    return StreamView(words(), title="Host")
"""


def notebook() -> str:
    """Return a notebook of one cell, as JSON."""
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "one",
        "metadata": {},
        "outputs": [],
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    source = f'{STREAM}StreamView(words(), title="Host")'
    content = {
        "cells": [{**cell, "source": source}],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content)
