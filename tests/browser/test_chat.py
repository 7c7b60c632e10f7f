"""A chat as its reader uses it: ask, watch, interrupt, queue, reload, and the saved notebook."""

from __future__ import annotations

import json

import pytest
from conftest import MakeScene
from scene import Scene

from lab.notebook import poll

ANSWER = """import asyncio, threading
from streamwidget import Chat
ended = threading.Event()
closed = []

async def answer(message, history):
    try:
        yield f"## {message}\\n\\n"
        for number in range(60_000):
            if ended.is_set():
                break
            yield f"word {number} "
            await asyncio.sleep(0.01)
        yield "the end"
    finally:
        closed.append(message)

"""
FIRST, SECOND = "Explain quantum computing", "Wait, go deeper on qubits"
TURN = ".sw-chat .sw-turn"
STATES = (
    "() => [...document.querySelectorAll('.sw-chat [role=log] > .sw-turn')]"
    ".map((turn) => turn.dataset.state)"
)


def chat(make_scene: MakeScene, options: str = "", *more: str) -> Scene:
    scene = make_scene(f"{ANSWER}chat = Chat(answer, title='Physics', {options})\nchat", *more)
    scene.run(1)
    scene.wait_views()
    return scene


def ask(scene: Scene, text: str) -> None:
    scene.page.locator(".sw-chat .sw-field").fill(text)
    scene.page.keyboard.press("Enter")


def states(scene: Scene) -> list[str]:
    return scene.page.evaluate(STATES)


def wait_states(scene: Scene, *wanted: str) -> None:
    try:
        poll(lambda: states(scene) == list(wanted))
    except TimeoutError as error:
        raise AssertionError(f"expected {wanted}, the chat shows {states(scene)}") from error


def wait_words(scene: Scene, index: int, words: str) -> None:
    turn = scene.page.locator(TURN).nth(index)
    poll(lambda: words in turn.inner_text())


def kernel_value(scene: Scene, cell: int) -> object:
    scene.notebook.wait_idle()
    scene.run(cell)
    return json.loads(scene.notebook.output_text(cell).splitlines()[-1])


REPORT = "import json; print(json.dumps([[t.question, t.status, t.text] for t in chat.turns]))"


def test_an_interrupted_answer_keeps_its_text_and_the_next_question_is_answered(
    make_scene: MakeScene,
) -> None:
    scene = chat(make_scene, "when_busy='interrupt'", REPORT, "ended.set()")
    ask(scene, FIRST)
    wait_words(scene, 0, "word 20")
    ask(scene, SECOND)
    wait_states(scene, "stopped", "streaming")
    wait_words(scene, 1, "word 20")
    scene.run(3)
    wait_states(scene, "stopped", "finished")
    turns = kernel_value(scene, 2)
    assert [turn[:2] for turn in turns] == [[FIRST, "stopped"], [SECOND, "finished"]]
    for index, (_, _, text) in enumerate(turns):
        shown = scene.page.locator(TURN).nth(index).locator(".sw-parts").inner_text()
        assert shown.split() == text.removeprefix("## ").split()


def test_questions_queue_and_one_can_be_removed(make_scene: MakeScene) -> None:
    scene = chat(make_scene, "", "ended.set()")
    for text in ("one", "two", "three"):
        ask(scene, text)
    wait_states(scene, "streaming", "queued", "queued")
    scene.page.locator(TURN).nth(1).get_by_role("button", name="Remove").click()
    wait_states(scene, "streaming", "stopped", "queued")
    scene.run(2)
    wait_states(scene, "finished", "stopped", "finished")
    assert "Not asked" in scene.page.locator(TURN).nth(1).evaluate(
        "turn => getComputedStyle(turn.querySelector('.sw-parts'), '::after').content"
    )


def test_a_refused_question_comes_back_to_the_input_line(make_scene: MakeScene) -> None:
    scene = chat(make_scene, "when_busy='refuse'")
    ask(scene, "one")
    wait_words(scene, 0, "word 3")
    ask(scene, "two")
    field = scene.page.locator(".sw-chat .sw-field")
    poll(lambda: field.input_value() == "two")
    assert "Not asked" in scene.page.locator(".sw-chat .sw-sendnote").inner_text()
    assert states(scene) == ["streaming"]
    scene.page.keyboard.press("Escape")
    wait_states(scene, "stopped")


def test_an_edited_question_is_a_version_and_the_first_one_can_be_shown_again(
    make_scene: MakeScene,
) -> None:
    scene = chat(make_scene, "", "ended.set()")
    scene.run(2)
    for text in ("one", "two"):
        ask(scene, text)
    wait_states(scene, "finished", "finished")
    scene.page.keyboard.press("ArrowUp")
    editor = scene.page.get_by_label("Edited question")
    assert editor.input_value() == "two"
    editor.press("Escape")
    scene.page.locator(TURN).first.hover()
    scene.page.locator(TURN).first.get_by_role("button", name="Edit question").click()
    editor.fill("uno")
    editor.press("Enter")
    wait_states(scene, "finished")
    wait_words(scene, 0, "uno")
    assert "2 / 2" in scene.page.locator(TURN).first.inner_text()
    scene.page.get_by_role("button", name="Previous version").click()
    wait_states(scene, "finished", "finished")
    wait_words(scene, 1, "two")
    scene.page.locator(TURN).nth(1).get_by_role("button", name="Ask again").click()
    poll(lambda: "2 / 2" in scene.page.locator(TURN).nth(1).inner_text())
    wait_states(scene, "finished", "finished")


def test_a_line_break_and_an_input_method_do_not_send(make_scene: MakeScene) -> None:
    scene = chat(make_scene)
    field = scene.page.locator(".sw-chat .sw-field")
    field.fill("one")
    scene.page.keyboard.press("Shift+Enter")
    scene.page.keyboard.type("two")
    assert field.input_value() == "one\ntwo"
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    assert field.input_value() == "one\ntwo"
    assert states(scene) == []
    scene.page.keyboard.press("Enter")
    wait_states(scene, "streaming")


def test_a_reload_shows_the_whole_conversation_and_the_live_answer_continues(
    make_scene: MakeScene,
) -> None:
    scene = chat(make_scene, "when_busy='interrupt'")
    ask(scene, FIRST)
    wait_words(scene, 0, "word 10")
    ask(scene, SECOND)
    wait_words(scene, 1, "word 10")
    scene.notebook.save()
    scene.notebook.reload()
    scene.wait_views()
    wait_states(scene, "stopped", "streaming")
    wait_words(scene, 0, "word 10")
    count = len(scene.page.locator(TURN).nth(1).inner_text())
    poll(lambda: len(scene.page.locator(TURN).nth(1).inner_text()) > count + 50)


def test_a_chat_that_waits_is_saved_as_a_record_and_can_be_continued_after_a_reload(
    make_scene: MakeScene,
) -> None:
    scene = chat(make_scene, "", "ended.set()")
    scene.run(2)
    ask(scene, FIRST)
    wait_states(scene, "finished")

    def saved() -> dict[str, object] | None:
        scene.notebook.command("docmanager:save")
        output = scene.lab.read_notebook(scene.name).cells[1].outputs[0]
        is_record = FIRST in output.data.get("text/html", "")
        has_widget = "application/vnd.jupyter.widget-view+json" in output.data
        return output if is_record and not has_widget else None

    poll(saved, every_s=0.5)
    scene.notebook.reload()
    scene.wait_views()
    wait_words(scene, 0, "the end")
    ask(scene, SECOND)
    wait_states(scene, "finished", "finished")
    poll(saved, every_s=0.5)


def test_a_question_from_python_appears_on_the_page(make_scene: MakeScene) -> None:
    scene = chat(
        make_scene, "", "ended.set()\nresult = chat.ask('from Python').wait()\nprint(result)"
    )
    scene.run(2)
    wait_states(scene, "finished")
    assert scene.notebook.output_text(2).startswith("Result(finished")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_suggestions_are_questions_of_one_click(make_scene: MakeScene, theme: str) -> None:
    scene = chat(make_scene, f"suggestions={[FIRST, 'What is a qubit?']!r}, placeholder='Ask me'")
    scene.notebook.set_theme(theme)
    assert scene.page.locator(".sw-chat .sw-field").get_attribute("placeholder") == "Ask me"
    scene.page.get_by_role("button", name=FIRST).click()
    wait_states(scene, "streaming")
    assert not scene.page.locator(".sw-suggestions").is_visible()
    log = scene.page.locator(".sw-chat [role=log]")
    assert log.get_attribute("aria-live") == "off"


def is_dirty(scene: Scene) -> int:
    return scene.page.locator(".jp-NotebookPanel.jp-mod-dirty, .lm-TabBar-tab.jp-mod-dirty").count()


def test_a_question_that_was_not_sent_stays_when_the_kernel_goes_away(
    make_scene: MakeScene,
) -> None:
    scene = chat(make_scene)
    scene.notebook.kernel_process().suspend()  # it takes nothing any longer; a restart kills it
    for text in ("one", "two"):
        ask(scene, text)
    field = scene.page.locator(".sw-chat .sw-field")
    field.fill("and a third, half typed")
    pending = scene.page.locator(".sw-chat .sw-pending .sw-turn")
    poll(lambda: "The kernel is busy" in pending.first.inner_text())
    scene.notebook.restart_kernel()
    poll(lambda: "Not sent" in pending.last.inner_text())
    assert [pending.nth(at).get_attribute("data-state") for at in (0, 1)] == ["unsent"] * 2
    assert field.input_value() == "and a third, half typed"
    pending.first.get_by_role("button", name="Send again").click()
    poll(lambda: pending.first.get_attribute("data-state") == "unsent")
    assert pending.first.locator(".sw-question").inner_text() == "one"
    pending.first.get_by_role("button", name="Remove").click()
    poll(lambda: pending.count() == 1)
    assert pending.first.locator(".sw-question").inner_text() == "two"


@pytest.mark.expects_console_errors
def test_a_question_whose_connection_was_lost_is_asked_once(make_scene: MakeScene) -> None:
    scene = chat(make_scene, "", "ended.set()", REPORT)
    scene.run(2)
    ask(scene, "one")
    wait_states(scene, "finished")
    scene.notebook.close_sockets()
    ask(scene, "two")
    wait_states(scene, "finished", "finished")
    poll(lambda: scene.page.locator(".sw-chat .sw-pending .sw-turn").count() == 0)
    assert [turn[0] for turn in kernel_value(scene, 3)] == ["one", "two"]


def test_only_keys_of_the_text_stay_in_the_fields_of_a_chat(make_scene: MakeScene) -> None:
    scene = chat(make_scene, "", "ended.set()")
    scene.run(2)
    ask(scene, "one")
    wait_states(scene, "finished")
    scene.page.evaluate(
        "window.reached = []; document.querySelector('.sw-chat').parentElement.addEventListener("
        "'keydown', ({ key }) => ['Control', 'Shift', 'Alt'].includes(key) || reached.push(key))"
    )
    line = scene.page.locator(".sw-chat > .sw-composer .sw-field")
    line.press("ArrowUp")
    editor = scene.page.get_by_label("Edited question")
    for field in (line, editor):
        field.focus()
        scene.page.evaluate("reached.length = 0")
        for key in ("d", "d", "Shift+Enter", "Control+a", "Control+z", "ArrowLeft", "Home"):
            field.press(key)
        assert scene.page.evaluate("reached") == []
        for key in ("Control+Shift+u", "F9", "Control+Alt+u"):
            field.press(key)
        assert scene.page.evaluate("reached") == ["u", "F9", "u"]
    editor.focus()
    scene.page.keyboard.press("Control+s")
    poll(lambda: not is_dirty(scene))
    assert editor.is_visible()
    enter = {"key": "Enter", "keyCode": 229, "bubbles": True, "cancelable": True}
    editor.dispatch_event("keydown", enter)
    assert editor.is_visible(), "the Enter that ends a composition in Safari"
    editor.press("Escape")
    poll(lambda: editor.count() == 0)
    assert states(scene) == ["finished"]


def test_one_escape_does_one_thing(make_scene: MakeScene) -> None:
    scene = chat(make_scene)
    ask(scene, "one")
    wait_words(scene, 0, "word 5")
    scene.page.keyboard.press("ArrowUp")
    editor = scene.page.get_by_label("Edited question")
    editor.press("Escape")
    poll(lambda: editor.count() == 0)
    assert states(scene) == ["streaming"], "it has closed the editor"
    scene.page.locator(".sw-chat .sw-field").press("Escape")
    wait_states(scene, "stopped")
    assert scene.page.evaluate("document.activeElement.matches('.sw-field')")


def test_what_is_typed_stays_when_the_output_is_drawn_again(make_scene: MakeScene) -> None:
    scene = chat(make_scene, "", "chat")
    field = scene.page.locator(".sw-chat .sw-field")
    field.fill("half a question")
    scene.run(2)
    scene.wait_views(2)
    assert field.nth(1).input_value() == "half a question"


def test_a_long_chat_draws_the_answers_near_the_visible_area_only(make_scene: MakeScene) -> None:
    fill = (
        "[chat.ask(f'question {number}') for number in range(150)]\n"
        "chat.turns[-1].wait()\nprint(len(chat.turns))"
    )
    make = "from streamwidget import Chat\nchat = Chat(lambda message: [message, ' word' * 800])"
    scene = make_scene(f"{make}\n{fill}", "chat")
    scene.run(1)
    scene.run(2)
    scene.wait_views()
    wait_words(scene, 149, "word word")
    drawn = scene.page.locator(f"{TURN} .sw-part")
    assert 1 <= drawn.count() <= 8
    body = scene.page.locator(".sw-chat .sw-body")
    assert body.evaluate("body => body.scrollHeight - body.scrollTop - body.clientHeight") < 2
    scene.page.locator(".sw-chat").focus()
    scene.page.keyboard.press("Home")
    wait_words(scene, 0, "question 0 word")
    assert drawn.count() <= 20
    ask(scene, "one more")
    wait_words(scene, 150, "one more word")


ATTACHING = """from streamwidget import Chat
import base64
def answer(message, history):
    for one in message.attachments:
        yield f"{one.name} is a {one.kind} of {one.size_bytes} bytes\\n\\n"
import pandas
sales = pandas.DataFrame({'x': range(1000)})
story = 'once upon a time <img src=x onerror=alert(1)>'
chat = Chat(answer)
chat"""


PASTE = """(bytes) => {
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([Uint8Array.from(bytes)], "shot.png", {type: "image/png"}));
  const event = new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true});
  document.querySelector(".sw-chat .sw-field").dispatchEvent(event);
}"""


def test_a_data_frame_a_file_and_a_pasted_image_are_attached(make_scene: MakeScene) -> None:
    scene = make_scene(ATTACHING)
    scene.run(1)
    scene.wait_views()
    page = scene.page
    page.get_by_role("button", name="Attach data, text or images").click()
    page.get_by_role("menuitem", name="sales (table, 1,000 rows × 1 column)").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach data, text or images").click()
        page.get_by_role("menuitem", name="Choose files").click()
    note = {"name": "<b>note</b>.md", "mimeType": "text/markdown", "buffer": b"# A note"}
    chooser.value.set_files([note, {**note, "name": "wrong.bin"}])
    page.evaluate(PASTE, [*b"\x89PNG\r\n\x1a\n\0"])
    chips = page.locator(".sw-composer .sw-chip")
    poll(lambda: chips.count() == 4)
    page.get_by_role("button", name="Remove wrong.bin").click()
    poll(lambda: chips.count() == 3)
    ask(scene, "What is this?")
    wait_states(scene, "finished")
    for words in (
        "sales is a table",
        "note</b>.md is a text of 8 bytes",
        "shot.png is a image of 9",
    ):
        wait_words(scene, 0, words)
    assert chips.count() == 0
    shown = page.locator(f"{TURN} .sw-chip .sw-chipname").all_text_contents()
    assert shown == ["sales", "<b>note</b>.md", "shot.png"]
    assert page.locator(f"{TURN} b, {TURN} img").count() == 0, "nothing attached becomes HTML"
