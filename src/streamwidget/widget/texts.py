"""Arguments of a widget that are shown as they are: its title, its height, texts for the reader."""

from __future__ import annotations

from ..characters import clean
from ..errors import UsageError


def shown_text(name: str, value: object) -> str:
    """Return the argument `name` as the page shows it.

    Raises:
        UsageError: it is not a text.
    """
    if not isinstance(value, str):
        raise UsageError(f"{name} must be a text, not {type(value).__name__}.")
    return clean(value)


def shown_texts(name: str, values: object) -> list[str]:
    """Return a list or tuple of texts as the page shows them.

    Raises:
        UsageError: it is not a list of texts.
    """
    if not isinstance(values, (list, tuple)) or not all(isinstance(one, str) for one in values):
        raise UsageError(f"{name} must be a list of texts.")
    return [clean(one) for one in values]


def check_height(height: object) -> None:
    """Raise unless the height of a box is None or a number of pixels.

    Raises:
        UsageError: it is neither.
    """
    is_number = isinstance(height, (int, float)) and not isinstance(height, bool)
    if height is not None and not (is_number and 0 < height < float("inf")):  # type: ignore[operator]
        raise UsageError(f"height must be a number of CSS pixels above 0, got {height!r}.")
