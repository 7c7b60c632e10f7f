"""The methods of streaming text that the throughput notebooks import in their kernel.

`prepare(key)` gives what the method shows, `run(key, show, count, rate)` streams into it and writes
the tokens' times to `run.json`. A token has 4 characters; `rate` 0 means as fast as possible.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from IPython.display import Markdown, display

Write = Callable[[str], None]

SEND_EACH = """
export default { render({ model, el }) {
  const pre = document.createElement('pre'); pre.className = 'send-each';
  const node = document.createTextNode(''); pre.append(node); el.append(pre);
  model.on('msg:custom', (message) => node.appendData(message.text));
} };
"""


def tokens(count: int, rate: int, sent_s: list[float]) -> Iterator[str]:
    """Tokens of 4 characters, noting the wall clock of each in `sent_s`."""
    start = time.time()
    for index in range(count):
        if rate:
            time.sleep(max(0.0, start + index / rate - time.time()))
        sent_s.append(time.time())
        yield f"{index % 4096:03x}-"


def prepare(key: str) -> Any:
    """The widget or display handle of a method, displayed; None where the method needs none."""
    match key:
        case "streamwidget":
            from streamwidget import StreamView  # noqa: F401 - imported before the clock runs

            return None
        case "html":
            from ipywidgets import HTML

            show = HTML()
            display(show)
            return show
        case "markdown":
            return display(Markdown(""), display_id=True)
        case "send":
            from anywidget import AnyWidget

            show = type("SendEach", (AnyWidget,), {"_esm": SEND_EACH})()
            display(show)
            return show
        case _:
            return None


def run(key: str, show: Any, count: int, rate: int) -> None:
    """Streams `count` tokens by the method `key`, from this cell, and waits for its end."""
    sent_s: list[float] = []
    if key == "streamwidget":
        from streamwidget import StreamView

        view = StreamView(tokens(count, rate, sent_s))
        display(view)
        view.wait()
    else:
        write = writer(key, show)
        for token in tokens(count, rate, sent_s):
            write(token)
    Path("run.json").write_text(json.dumps(sent_s))


def writer(key: str, show: Any) -> Write:
    """How one token is shown."""
    if key == "print":
        return lambda token: print(token, end="", flush=True)
    if key == "send":
        return lambda token: show.send({"text": token})
    pieces: list[str] = []

    def whole(token: str) -> None:
        pieces.append(token)
        text = "".join(pieces)
        if key == "markdown":
            show.update(Markdown(text))
        else:
            show.value = text

    return whole
