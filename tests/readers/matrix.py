"""Who can read what of a finished or interrupted run in a saved notebook: readers times endings.

    python tests/readers/matrix.py [--pictures FOLDER] [--collaboration PYTHON]

Makes four notebooks in a real JupyterLab and with nbclient, reads each as every reader does, and
prints the share of cells in which the same words can be read, with the words missing elsewhere. A
reader that is not installed here is reported and counted as a miss. The exit code is 0 if at least
`GOAL` of the cells can be read.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "browser")]

from nbclient import NotebookClient  # noqa: E402

from lab import Chromium, Lab, Notebook  # noqa: E402
from lab.notebook import poll  # noqa: E402
from readers.rules import code_host, words, words_of_html, words_of_markdown  # noqa: E402

GOAL = 33 / 36
ENDINGS = ("tab open", "tab closed", "kernel died", "headless")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
NAME = "run.ipynb"
JOB = """
import time
from streamwidget import StreamView
def report(emit):
    emit.text("Findings: the sky is blue because of Rayleigh scattering.")
    with emit.step("Search"):
        emit.rows("papers", [{"title": f"Paper {n}", "year": 2000 + n} for n in range(5)])
    for n in range(20):
        emit.metric("loss", 1 / (n + 1))
    time.sleep(REST)
view = StreamView(report, title="Review of skies")
view
"""
WANTED = words(
    "Review of skies Findings the sky is blue Rayleigh scattering Search papers Paper 2004 loss"
)


class Maker:
    """Makes the notebook of each ending in one JupyterLab."""

    def __init__(self, lab: Lab, chromium: Chromium) -> None:
        self._lab, self._chromium = lab, chromium

    def make(self, ending: str) -> nbformat.NotebookNode:
        if ending == "headless":
            return _headless()
        rest = {"tab open": 0.5, "tab closed": 6, "kernel died": 600}[ending]
        self._lab.write_notebook(NAME, [JOB.replace("REST", str(rest))])
        notebook = self._chromium.open(self._lab, NAME)
        notebook.run_cell(0)
        notebook.page.wait_for_selector(".sw-view >> text=Rayleigh")
        if ending == "tab closed":
            notebook = self._closed_and_opened(notebook)
        elif ending == "kernel died":
            poll(lambda: "Rayleigh" in self._plain(notebook), timeout_s=60, every_s=0.5)
            notebook.page.wait_for_timeout(3000)  # the page asks for the record of a live run
            notebook.kernel_process().kill()
        poll(lambda: WIDGET_VIEW not in self._saved(notebook)["data"], timeout_s=60, every_s=0.5)
        made = self._lab.read_notebook(NAME)
        self._chromium.close_pages()
        self._lab.end_kernels()
        return made

    def _closed_and_opened(self, notebook: Notebook) -> Notebook:
        notebook.command("docmanager:save")
        self._chromium.close_pages()
        time_to_end_ms = 8000
        page = self._chromium._context.new_page()  # type: ignore[union-attr]
        page.wait_for_timeout(time_to_end_ms)
        return self._chromium.open(self._lab, NAME)

    def _saved(self, notebook: Notebook) -> Any:
        notebook.command("docmanager:save")
        return self._lab.read_notebook(NAME).cells[0].outputs[0]

    def _plain(self, notebook: Notebook) -> str:
        return "".join(self._saved(notebook)["data"].get("text/plain", ""))


def _headless() -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(JOB.replace("REST", "0.5"))]
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return notebook


# --- readers: a saved notebook, and the words that they show of its output


def _bundle(notebook: nbformat.NotebookNode) -> dict[str, str]:
    return {
        mime: text if isinstance(text, str) else "".join(text)
        for mime, text in notebook.cells[0].outputs[0]["data"].items()
    }


def vs_code(notebook: nbformat.NotebookNode) -> list[str]:
    """VS Code shows no widget without its kernel: HTML, Markdown, or text, in this order."""
    data = _bundle(notebook)
    if "text/html" in data:
        return words_of_html(data["text/html"])
    return words_of_markdown(data.get("text/markdown") or data.get("text/plain", ""))


def on_code_host(notebook: nbformat.NotebookNode) -> list[str]:
    """A code host strips every style, class, script and data."""
    data = _bundle(notebook)
    return words_of_html(code_host(data.get("text/html", ""))) or words(data.get("text/plain", ""))


def program(notebook: nbformat.NotebookNode) -> list[str]:
    """A program reads `text/plain`."""
    return words(_bundle(notebook).get("text/plain", ""))


def nbconvert_markdown(notebook: nbformat.NotebookNode) -> list[str]:
    """nbconvert's Markdown, without the cell's code."""
    from nbconvert import MarkdownExporter

    text, _ = MarkdownExporter(exclude_input=True).from_notebook_node(notebook)
    return words_of_html(text)


class Browsers:
    """Readers that need a browser."""

    def __init__(self, lab: Lab, chromium: Chromium, pictures: Path | None) -> None:
        self._lab, self._chromium, self._pictures = lab, chromium, pictures

    def nbconvert_html(self, notebook: nbformat.NotebookNode) -> list[str]:
        """nbconvert's page, opened without a network."""
        from nbconvert import HTMLExporter

        html, _ = HTMLExporter(exclude_input=True).from_notebook_node(notebook)
        return offline_words(self._chromium, html, self._picture("nbconvert"))

    def code_host_picture(self, notebook: nbformat.NotebookNode) -> None:
        """A picture of the page of a code host; the words are those of `on_code_host`."""
        page = self._chromium._context.new_page()  # type: ignore[union-attr]
        page.set_content(code_host(_bundle(notebook).get("text/html", "")))
        self._seen(page, "body", "code-host")

    def lab_trusted(self, notebook: nbformat.NotebookNode) -> list[str]:
        """JupyterLab, in which the notebook's author opens it again."""
        path = self._write(notebook)
        self._trust(path)
        return self._opened("lab-trusted", "/doc/tree/")

    def lab_untrusted(self, notebook: nbformat.NotebookNode) -> list[str]:
        """JupyterLab, in which somebody else opens the notebook."""
        self._write(notebook)
        return self._opened("lab-untrusted", "/doc/tree/")

    def notebook_7(self, notebook: nbformat.NotebookNode) -> list[str]:
        """Jupyter Notebook 7."""
        if find_spec("notebook") is None:
            raise LookupError("Notebook 7 is not installed: pip install notebook")
        self._write(notebook)
        return self._opened("notebook-7", "/notebooks/")

    def _write(self, notebook: nbformat.NotebookNode) -> Path:
        copy = nbformat.from_dict(notebook)
        for cell in copy.cells:
            cell.metadata.pop("trusted", None)
        # Another text, so another signature: nobody here has signed it.
        copy.cells.append(nbformat.v4.new_markdown_cell(f"copy {id(copy)}"))
        path = self._lab.root / NAME
        nbformat.write(copy, path)
        return path

    def _trust(self, path: Path) -> None:
        self._lab.api(f"contents/{path.name}/trust", "POST")

    def _opened(self, name: str, folder: str) -> list[str]:
        page = self._chromium._context.new_page()  # type: ignore[union-attr]
        page.goto(f"{self._lab.url}{folder}{NAME}")
        area = ".jp-Cell-outputArea, .jp-OutputArea-output"
        page.wait_for_selector(area, timeout=60_000)
        page.wait_for_timeout(3000)  # a kernel starts, and widgets would be looked for
        found = self._seen(page, area, name)
        self._lab.end_kernels()
        return found

    def _picture(self, name: str) -> Path | None:
        return None if self._pictures is None else self._pictures / f"{name}.png"

    def _seen(self, page: Any, selector: str, name: str) -> list[str]:
        return _seen(page, selector, self._picture(name))


def offline_words(chromium: Chromium, html: str, picture: Path | None) -> list[str]:
    """Return the words of a page that is opened without a network."""
    page = chromium._context.new_page()  # type: ignore[union-attr]
    page.route("**/*", lambda route: route.abort())
    page.set_content(html, wait_until="domcontentloaded")
    return _seen(page, "body", picture)


def _seen(page: Any, selector: str, picture: Path | None) -> list[str]:
    # Folded sections are readable with a click.
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true; })")
    text = page.locator(selector).first.inner_text()
    alts = page.locator(f"{selector} >> img").evaluate_all("all => all.map(i => i.alt)")
    if picture is not None:
        picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture, full_page=True)
    page.close(run_before_unload=False)
    return words(" ".join([text, *alts]))


def main() -> int:
    """Print the matrix."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the readers")
    parser.add_argument("--collaboration", help="a Python that has jupyter-collaboration")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="readers-"))
    try:
        with ExitStack() as stack:
            lab = stack.enter_context(Lab(work / "lab"))
            chromium = stack.enter_context(Chromium())
            shared: Lab | None = None
            if options.collaboration:
                shared = stack.enter_context(Lab(work / "shared", python=options.collaboration))
            return _report(*_read_all(lab, shared, chromium, options.pictures))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _read_all(
    lab: Lab, shared: Lab | None, chromium: Chromium, pictures: Path | None
) -> tuple[list[str], dict[tuple[str, str], str]]:
    maker, browsers = Maker(lab, chromium), Browsers(lab, chromium, pictures)
    readers: dict[str, Callable[[nbformat.NotebookNode], list[str]]] = {
        "JupyterLab, trusted": browsers.lab_trusted,
        "JupyterLab, untrusted": browsers.lab_untrusted,
        "Notebook 7": browsers.notebook_7,
        "nbconvert HTML, offline": browsers.nbconvert_html,
        "nbconvert Markdown": nbconvert_markdown,
        "VS Code's rules": vs_code,
        "a code host's rules": on_code_host,
        "a program": program,
        "guest, jupyter-collaboration": _guest_of(shared, chromium, pictures),
    }
    results: dict[tuple[str, str], str] = {}
    for ending in ENDINGS:
        try:
            notebook = maker.make(ending)
        except Exception as error:
            results |= {(reader, ending): f"not made: {str(error)[:60]}" for reader in readers}
            continue
        if pictures is not None:
            browsers.code_host_picture(notebook)
        for reader, read in readers.items():
            results[reader, ending] = _problem(read, notebook)
    return list(readers), results


def _guest_of(
    shared: Lab | None, chromium: Chromium, pictures: Path | None
) -> Callable[[nbformat.NotebookNode], list[str]]:
    if shared is None:
        return _no_guest
    browsers = Browsers(shared, chromium, pictures)

    def guest(notebook: nbformat.NotebookNode) -> list[str]:
        """Somebody who opens the notebook while its owner has it open."""
        browsers._write(notebook)
        owner = chromium._context.new_page()  # type: ignore[union-attr]
        owner.goto(f"{shared.url}/doc/tree/{NAME}")
        owner.wait_for_selector(".jp-OutputArea-output", timeout=60_000)
        found = browsers._opened("guest", "/doc/tree/")
        owner.close(run_before_unload=False)
        return found

    return guest


def _no_guest(_: nbformat.NotebookNode) -> list[str]:
    raise LookupError("not run: pass --collaboration PYTHON")


def _problem(
    read: Callable[[nbformat.NotebookNode], list[str]], notebook: nbformat.NotebookNode
) -> str:
    """The reason why the reader cannot see the words; "" if there is none."""
    try:
        seen = set(read(notebook))
    except Exception as error:
        return str(error).splitlines()[0][:80]
    missing = [word for word in WANTED if word not in seen]
    return f"without {', '.join(missing[:6])}" if missing else ""


def _report(readers: list[str], results: dict[tuple[str, str], str]) -> int:
    print(f"{'':30}{''.join(f'{ending:14}' for ending in ENDINGS)}")
    for reader in readers:
        marks = "".join(f"{'yes' if not results[reader, e] else 'no':14}" for e in ENDINGS)
        print(f"{reader:30}{marks}")
    for (reader, ending), problem in results.items():
        if problem:
            print(f"  {reader}, {ending}: {problem}")
    good = sum(not problem for problem in results.values())
    print(f"{good} of {len(results)} can be read")
    return 0 if good >= GOAL * len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
