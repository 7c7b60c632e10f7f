"""An HTML page with status 200 where a stream was expected ends the run as failed, and says so."""

from __future__ import annotations

import itertools

import pytest
import requests

from streamwidget import collect, http
from streamwidget.errors import ResponseError
from streamwidget.io.html_page import PageDetector
from unit.http_peer import Peer, answer
from unit.waiting import WAIT_S

PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in &amp; go</title></head><body>Hi</body></html>"
PAGES = {
    "doctype": PAGE,
    "html": b"<html lang=en><head><title>\n Sign in &amp; go </title>",
    "upper case": PAGE.upper().replace(b"SIGN IN &AMP; GO", b"Sign in &amp; go"),
    "comment first": b"<!-- made by a proxy --> <!-- x -->\n" + PAGE,
    "white space": b"\r\n\n  " + PAGE,
    "BOM": b"\xef\xbb\xbf" + PAGE,
    "long": PAGE + b"x" * 100_000,
    "title late": b"<html>" + b" " * 100 + b"<title>Sign in &amp; go",
}
NO_PAGES = {
    "SSE": b'data: {"content": "<html>"}\n\n',
    "text": b"The tag <html> begins a page",
    "element": b"<div>hello</div>",
    "htmlx": b"<htmlx>hello</htmlx>",
    "half": b"<!doctype",
    "JSON": b'{"content": "<html>"}\n',
    "only a comment": b"<!-- hello",
    "blank": b"\n\n",
    "empty": b"",
}


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES.keys())
@pytest.mark.parametrize("type_", ["text/event-stream", "text/plain", "", "application/json"])
def test_a_page_is_not_a_stream_under_any_type(body: bytes, type_: str) -> None:
    with Peer(answer(body, *([f"Content-Type: {type_}"] if type_ else []))) as peer:
        sources = [
            http(peer.url),
            http(peer.url, resume="last-event-id"),
            requests.get(peer.url, stream=True, timeout=WAIT_S),
        ]
        for source in sources:
            result = collect(source)
            assert result.status == "failed"
            assert isinstance(result.error, ResponseError)
            assert "returned an HTML page (“Sign in & go”), not" in str(result.error)
            assert not result.text


def test_a_page_in_an_iterator_that_was_declared_a_stream_is_one_too() -> None:
    result = collect(iter([PAGE]), content_type="text/event-stream")
    assert "yielded an HTML page (“Sign in & go”), not a stream" in str(result.error)


def test_who_asks_for_text_gets_the_page() -> None:
    with Peer(answer(PAGE, "Content-Type: text/plain")) as peer:
        assert collect(peer.url, format="text").text == PAGE.decode()
    assert collect(iter([PAGE])).text == PAGE.decode()


@pytest.mark.parametrize("body", NO_PAGES.values(), ids=NO_PAGES.keys())
def test_what_is_not_a_page_passes_whole_however_it_is_cut(body: bytes) -> None:
    for cuts in itertools.combinations(range(1, len(body)), min(2, max(0, len(body) - 1))):
        detector = PageDetector()
        passed = b""
        for start, end in itertools.pairwise([0, *cuts, len(body)]):
            passed += body[start:end] if detector.decided else detector.feed(body[start:end])
        assert passed + (b"" if detector.decided else detector.flush()) == body
        assert detector.page is None


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES.keys())
def test_a_page_is_seen_however_it_is_cut(body: bytes) -> None:
    body = body[:200]
    for cut in range(1, len(body)):
        detector = PageDetector()
        assert detector.feed(body[:cut]) + detector.feed(body[cut:]) + detector.flush() == b""
        assert detector.page is not None
