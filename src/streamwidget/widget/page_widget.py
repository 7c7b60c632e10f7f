"""The base of view, board and chat: the code of the page, requests for it, and the display.

Must not know runs.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any, ClassVar

import anywidget
import ipywidgets
import traitlets

from . import notebook_cells
from .bundle import ON_REQUEST, Carrier, app, app_hash, carrier, loader
from .listing import listed_names
from .marimo_export import Exported
from .panel_pane import PanelPane
from .saved_output import SavedOutput


class PageWidget(PanelPane, anywidget.AnyWidget):
    """A widget that the page draws from our app, and whose output becomes a static record."""

    _esm = traitlets.Unicode("").tag(sync=True)
    _code = traitlets.Instance(ipywidgets.Widget, allow_none=True).tag(
        sync=True, **ipywidgets.widget_serialization
    )
    _parts = traitlets.Dict().tag(sync=True, **ipywidgets.widget_serialization)

    _saved: SavedOutput[Any]
    _display_: Callable[[], Exported]
    """Set only where marimo exports the notebook: elsewhere it shows the widget."""
    _hidden: ClassVar[frozenset[str]] = frozenset({"set_state"})
    """Names for ipywidgets, the publisher and the page, which are not listed for people."""

    def __init__(self, *, model_id: str, **traits: Any) -> None:
        """Open the comm with this ID; set `_saved` before."""
        self._carriers: dict[str, Carrier] = {}
        if not self._saved.is_static:
            traits |= {"model_id": model_id, "_esm": loader(), "_code": carrier()}
        super().__init__(**traits)

    def _about(self) -> Any:
        """Return what the output is about, for `_saved`."""
        raise NotImplementedError

    def _end_of_cell(self, error: BaseException | None) -> None:
        """Called at the end of the cell that shows the widget, if a program executes it."""
        raise NotImplementedError

    # --- how it is displayed

    def open(self) -> None:
        """Open the comm, unless there is no page and only the record is kept."""
        if not self._saved.is_static:
            super().open()

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_() if self.comm is not None else ({}, {})
        return None if bundle is None else self._saved.bundle(self._about(), *bundle)

    def _ipython_display_(self) -> None:
        """Display the widget in a way that lets the kernel replace the saved output."""
        bundle = self._repr_mimebundle_()
        if bundle is None:
            return
        self._saved.show(*bundle, live=self._is_live_output())
        if self._saved.is_headless:
            notebook_cells.at_end_of_cell(self._end_of_cell)

    def _is_live_output(self) -> bool:
        """True if the output will be replaced later."""
        return self._saved.is_static or not self._about().over

    def _exported(self) -> Exported:
        """Return the record for an export by marimo."""
        return Exported(str(self._saved.record(self._about()).data["text/html"]))

    def __dir__(self) -> list[str]:
        return listed_names(self, hidden=self._hidden)

    # --- what pages request

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore the front end, which must not write any trait."""

    def _note_code(self, content: object) -> str | None:
        """Return the name of the code that a message requests, `""` for the app; None: none.

        Its carrier is created now, because messages arrive on a thread of the session.
        """
        if not isinstance(content, dict) or content.get("cmd") != "code":
            return None
        name = str(content.get("what", ""))
        if name in ON_REQUEST:
            self._carriers[name] = carrier(name)
        return name

    def _send_code(self, names: Set[str]) -> None:
        """Send the app (`""`) in a message, and the carriers of other artefacts in a trait."""
        if "" in names:
            self.send({"code": app_hash()}, buffers=[app()])
        names = names & ON_REQUEST
        if not names <= self._parts.keys():
            carriers = {name: self._carriers.get(name) or carrier(name) for name in sorted(names)}
            self._parts = {**self._parts, **carriers}


class SentWidget(PageWidget):
    """A widget whose changes the publisher sends, as messages in one trait."""

    patch = traitlets.Dict().tag(sync=True)
    snapshot = traitlets.Dict().tag(sync=True)
    _hidden = frozenset(
        {"flush", "flush_failed", "get_state", "over", "patch", "set_state", "snapshot", "unseen"}
    )

    def _snapshot(self) -> dict[str, Any]:
        """Return everything that a page needs first."""
        raise NotImplementedError

    @property
    def over(self) -> bool:
        """True if nothing is live; for the publisher."""
        return bool(self._about().over)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the widget's state, with a new snapshot and without the last message."""
        state: dict[str, Any] = super().get_state(key=key, drop_defaults=drop_defaults)
        if key is None:
            state["patch"] = {}
        if key is None or "snapshot" in state:
            state["snapshot"] = self._snapshot()
        return state
