"""What is attached to a question: how it is passed, bounded, sent to models, and shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from streamwidget import Chat, Message, UsageError
from streamwidget.attachments import ATTACHED_BYTES, attached, from_bytes, kind_of
from unit.chat_page import Page
from unit.waiting import WAIT_S, until

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ENCODED = base64.b64encode(PNG).decode()


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()


def described(message: Message) -> list[str]:
    return [", ".join(f"{one.name}={one.kind}" for one in message.attachments)]


def test_an_answer_gets_the_question_as_a_str_with_its_attachments(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("a note")
    messages: list[Message] = []

    def answer(message: Message) -> list[str]:
        messages.append(message)
        return [message.upper()]

    turn = Chat(answer).ask("why", attach=["some text", PNG, path])
    assert turn.wait(WAIT_S).text == "WHY"
    [message] = messages
    assert isinstance(message, str)
    assert message == "why"
    assert [one.kind for one in message.attachments] == ["text", "image", "text"]
    assert [one.name for one in message.attachments] == [
        "attachment 1",
        "attachment 2",
        "notes.txt",
    ]
    assert turn.question.attachments == message.attachments


def test_a_data_frame_is_a_table_with_its_size_and_first_rows() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": range(1000), "y": ["<b>bold</b>"] * 1000})
    for values in ({"sales": frame}, [frame]):
        [table] = attached(values, {"other": 1, "sales": frame})
        assert (table.name, table.kind, table.mime) == ("sales", "table", "text/csv")
        lines = table.text.splitlines()
        assert lines[:3] == ["(1,000 rows × 2 columns, the first 200)", "x,y", "0,<b>bold</b>"]
        assert len(lines) == 202


def test_polars_pillow_and_matplotlib_are_asked_for_their_data() -> None:
    polars = pytest.importorskip("polars")
    image = pytest.importorskip("PIL.Image")
    figure = pytest.importorskip("matplotlib.figure")
    values = {
        "frame": polars.DataFrame({"x": [1, 2]}),
        "picture": image.new("RGB", (2, 2)),
        "plot": figure.Figure(),
    }
    made = attached(values, {})
    assert [(one.name, one.kind) for one in made] == [
        ("frame", "table"),
        ("picture", "image"),
        ("plot", "image"),
    ]
    assert made[0].text == "(2 rows × 1 column)\nx\n1\n2\n"
    assert {one.mime for one in made[1:]} == {"image/png"}
    assert [kind_of(value) for value in values.values()] == ["table", "image", "image"]
    assert [kind_of(value) for value in (5, None, dict, b"\0")] == [None] * 4


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, "is a int. Attach a text"),
        (b"\x00\x01", "is neither a text nor an image"),
        ("x" * (ATTACHED_BYTES + 1), "at most 5,000,000 are taken"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>\xff", "is neither a text nor an image"),
    ],
)
def test_what_cannot_be_attached_is_refused_in_one_sentence(value: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Chat(lambda message: "x").ask("why", attach=[value])
    with pytest.raises(UsageError, match="at most 8"):
        attached(["x"] * 9, {})


def test_an_image_is_known_by_its_bytes_and_never_by_its_name() -> None:
    assert from_bytes("page.html", PNG).kind == "image"
    page = from_bytes("picture.png", b"<script>alert(1)</script>")
    assert (page.kind, page.mime) == ("text", "text/plain")
    assert from_bytes("a.webp", b"RIFF\0\0\0\0WEBP").mime == "image/webp"
    assert from_bytes("a.webp", b"RIFFWAVE").kind == "text"


def test_history_carries_images_as_content_parts_and_tables_as_text() -> None:
    chat = Chat(lambda message: ["fine"])
    chat.ask("why", attach={"picture": PNG, "note": "text"}).wait(WAIT_S)
    chat.ask("and").wait(WAIT_S)
    url = f"data:image/png;base64,{ENCODED}"
    note, why = {"type": "text", "text": "note:\ntext"}, {"type": "text", "text": "why"}
    asked = [{"type": "image_url", "image_url": {"url": url}}, note, why]
    assert chat.history("openai")[0] == {"role": "user", "content": asked}
    assert chat.history("openai")[2] == {"role": "user", "content": "and"}
    source = {"type": "base64", "media_type": "image/png", "data": ENCODED}
    assert chat.history("anthropic")[0]["content"] == [
        {"type": "image", "source": source},
        note,
        why,
    ]
    assert chat.history("gemini")[0]["parts"] == [
        {"inline_data": {"mime_type": "image/png", "data": ENCODED}},
        {"text": "note:\ntext"},
        {"text": "why"},
    ]
    assert chat.history("langchain")[0] == ("user", asked)
    json.dumps([chat.history(name) for name in ("openai", "anthropic", "gemini")])
    message = chat.turns[0].question
    assert message.content("openai") == asked
    assert chat.turns[1].question.content("anthropic") == "and"


def test_pydantic_ai_gets_binary_content() -> None:
    messages = pytest.importorskip("pydantic_ai.messages")
    chat = Chat(lambda message: ["fine"])
    chat.ask("why", attach=[PNG]).wait(WAIT_S)
    picture, text = chat.history("pydantic-ai")[0].parts[0].content
    assert isinstance(picture, messages.BinaryContent)
    assert (picture.data, picture.media_type, text) == (PNG, "image/png", "why")


def test_a_retry_and_an_edit_keep_what_was_attached_and_the_record_names_it() -> None:
    chat = Chat(lambda message: described(message))
    page = Page(chat)
    first = chat.ask("why", attach={"picture": PNG})
    assert first.wait(WAIT_S).text == "picture=image"
    assert first.retry().wait(WAIT_S).text == "picture=image"
    page.command("ask", text="why not", instead="1")
    until(lambda: page.turns.get("3", {}).get("state") == "finished")
    assert chat.turns[-1].text == "picture=image"
    assert page.turns["3"]["attachments"] == [
        {"name": "picture", "kind": "image", "size_bytes": len(PNG)}
    ]
    assert "Attached: picture (image)" in chat.to_markdown()


def test_a_page_attaches_files_and_learns_why_one_is_refused() -> None:
    chat = Chat(lambda message: described(message))
    page = Page(chat)
    files = [
        {"name": "a.png", "base64": ENCODED},
        {"name": "<b>.md", "base64": base64.b64encode("# é".encode()).decode()},
    ]
    page.command("ask", text="why", attach=files)
    until(lambda: chat.turns and chat.turns[0].over)
    assert chat.turns[0].text == "a.png=image, <b>.md=text"
    for attach, reason in (
        ([{"name": "a.bin", "base64": "AAEC"}], "a.bin is neither a text nor an image"),
        ([{"name": "x", "base64": "no base64!"}], "x arrived damaged"),
        ([{"name": "gone"}], "The notebook has no 'gone' any longer"),
        ([{"name": "x", "base64": ""}] * 9, "at most 8"),
    ):
        request_id = page.command("ask", text="why", attach=attach)
        until(lambda request_id=request_id: page.outcomes.get(request_id) == "refused")
        assert reason in page.reasons[request_id]
    assert len(chat.turns) == 1


@pytest.mark.parametrize("attach", [5, {}, [5, None, "x"], None])
def test_a_malformed_attachment_of_a_page_is_left_out(attach: Any) -> None:
    chat = Chat(lambda message: described(message) + ["asked"])
    page = Page(chat)
    page.command("ask", text="why", attach=attach)
    until(lambda: chat.turns and chat.turns[0].over)
    assert chat.turns[0].text == "asked"
