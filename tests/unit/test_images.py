"""The `images` option: what the kernel tells the page about pictures, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from streamwidget import StreamView, UsageError
from streamwidget.widget.images import images_option


@pytest.mark.parametrize(
    ("origin", "as_browsers_write_it"),
    [
        ("https://charts.example", "https://charts.example"),
        ("HTTPS://Charts.Example/", "https://charts.example"),
        ("https://charts.example:443", "https://charts.example"),
        ("http://charts.example:80/", "http://charts.example"),
        ("https://charts.example:8443", "https://charts.example:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(origin: str, as_browsers_write_it: str) -> None:
    assert images_option([origin]) == [as_browsers_write_it]


@pytest.mark.parametrize(
    "images",
    [
        "all",
        "https://charts.example",
        [""],
        ["charts.example"],
        ["*"],
        ["https://"],
        ["https://*.example"],
        ["https://charts.example/path"],
        ["https://charts.example?x"],
        ["https://charts.example:port"],
        ["https://bank.example@evil.example"],
        ["data:"],
        ["file:///"],
        [None],
    ],
)
def test_what_is_not_an_option_is_refused_in_words(images: Any) -> None:
    with pytest.raises(UsageError, match="images"):
        StreamView(["x"], images=images)


@pytest.mark.parametrize("images", ["data", "click", ["https://charts.example"]])
def test_the_page_gets_it_with_the_first_facts_of_the_run(images: Any) -> None:
    view = StreamView(["![chart](https://charts.example/1.png)"], images=images)
    view.wait()
    assert view.get_state()["snapshot"]["run"]["images"] == images


def test_nothing_is_reported_where_none_may_load() -> None:
    view = StreamView(["x"])
    view.wait()
    assert "images" not in view.get_state()["snapshot"]["run"]


def test_a_retry_keeps_the_option() -> None:
    view = StreamView(lambda: iter(["x"]), images="click")
    view.wait()
    view.retry()
    view.wait()
    assert view.get_state()["snapshot"]["run"]["images"] == "click"
