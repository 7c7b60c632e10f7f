"""What a place that shows no widgets shows instead: plain text, readable and harmless.

Plain text only: a Markdown or HTML rendering of what a stream brought would load its images.
"""

from __future__ import annotations

from ..run import Run

MOST_CHARS = 20_000
"""More than this is cut in the middle: the fallback is a record to glance at, not the data."""


def plain_text(title: str, run: Run) -> str:
    """Title, state and text so far; call it under the run's lock."""
    head = f"{title} — {run.sentence or f'{run.status} …'}"
    text = run.document.text
    if len(text) > MOST_CHARS:
        half = MOST_CHARS // 2
        left_out = len(text) - 2 * half
        text = f"{text[:half]}\n… {left_out:,} characters left out …\n{text[-half:]}"
    problem = f"\n\n{type(run.error).__name__}: {run.error.message}" if run.error else ""
    return f"{head}\n\n{text}{problem}".rstrip()
