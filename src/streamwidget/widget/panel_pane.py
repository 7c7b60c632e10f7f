"""How Panel shows a widget that stands in a layout: `pn.Column(view)`."""

from __future__ import annotations

import importlib
from typing import Any


class PanelPane:
    """A widget that Panel shows as wide as its container."""

    def __panel__(self) -> object:
        panel: Any = importlib.import_module("panel")
        # The view bounds its own width. Without a sizing mode it would be as narrow as it can be.
        return panel.pane.IPyWidget(self, sizing_mode="stretch_width")
