"""Forms of answers: one of several options, or the fields that a reader fills in.

A form checks an answer, and says in one sentence what is wrong with it. Pure; the classes of a
schema (a model, a dataclass) are the user's code and run in `build`.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ..document.answer_schema import Build, Fields, as_words, fields_of_schema
from ..document.table_cells import plain_json
from ..errors import UsageError, excerpt

OPTIONS_COUNT = 100
"""Most options of a question: nobody reads more."""
FORMAT_CHARS = 2_000
"""Longest text of a format such as an email address, so that its check takes no time."""
SECRET = "•••"
"""Recorded in place of an answer that is secret."""
_FORMATS: Mapping[str, tuple[str, str]] = {
    "email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "an email address"),
    "uri": (r"[A-Za-z][A-Za-z0-9+.-]*:\S+", "an address such as https://example.org"),
    "date": (r"\d{4}-\d{2}-\d{2}", "a date such as 2026-01-31"),
    "date-time": (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", "a time such as 2026-01-31T12:00"),
}
_KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "yes or no",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that is one of several values, each with a label."""

    labels: tuple[str, ...]
    values: tuple[object, ...]
    fields: Fields = ()
    build: Build | None = None

    def check(self, answer: object) -> object:
        """Return the label of the chosen value; `answer` is a label or a value.

        Raises:
            UsageError: it is neither.
        """
        for label, value in zip(self.labels, self.values, strict=True):
            if answer is value or (isinstance(answer, str) and answer == label):
                return label
        for label, value in zip(self.labels, self.values, strict=True):
            if type(answer) is type(value) and _equal(answer, value):
                return label
        raise UsageError(f"Choose one of: {excerpt(', '.join(self.labels))}.")

    def value_of(self, checked: object) -> object:
        """Return the value with that label."""
        return self.values[self.labels.index(cast("str", checked))]

    def recorded(self, checked: object) -> object:
        """Return what is recorded of a checked answer."""
        return checked


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer that is entered in the fields of a form."""

    fields: Fields
    build: Build | None = None
    """Makes the answer of the checked JSON value, in the user's code; None: it is that value."""
    labels: tuple[str, ...] = field(default=(), init=False)
    can_decline: bool = False
    """True if None is an answer."""

    @property
    def is_single(self) -> bool:
        """True if the answer is the value of the only field itself."""
        return len(self.fields) == 1 and self.fields[0]["name"] == ""

    def check(self, answer: object) -> object:
        """Return the answer as a JSON value with the types of the fields.

        Raises:
            UsageError: a field is missing, unknown, or has a value that it does not take.
        """
        if answer is None and self.can_decline:
            return None
        if self.is_single:
            can_be_none = not self.fields[0].get("required")
            is_empty = answer is None or (answer == "" and self.fields[0]["type"] != "string")
            return None if can_be_none and is_empty else _checked(self.fields[0], answer)
        if not isinstance(answer, Mapping):
            answer = plain_json(answer)
        if not isinstance(answer, Mapping):
            names = excerpt(", ".join(str(one["name"]) for one in self.fields))
            raise UsageError(f"The answer has the fields {names}: pass a dict.")
        known = {str(one["name"]) for one in self.fields}
        unknown = [str(name) for name in answer if str(name) not in known]
        if unknown:
            raise UsageError(f"There is no field {excerpt(unknown[0], 60)!r}.")
        values: dict[str, object] = {}
        for one in self.fields:
            name = str(one["name"])
            value = answer.get(name)
            if (value is None or value == "") and not one.get("required"):
                if one.get("default") is not None and name not in answer:
                    values[name] = one["default"]
                continue
            values[name] = _checked(one, value)
        return values

    def value_of(self, checked: object) -> object:
        """Return the answer that the job gets of a checked one.

        Raises:
            Exception: whatever the user's class raises.
        """
        if self.build is None or checked is None:
            return checked
        return self.build(checked)

    def recorded(self, checked: object) -> object:
        """Return what is recorded of a checked answer: secrets are left out."""
        if checked is None:
            return "declined" if self.can_decline else None
        if self.is_single:
            return SECRET if self.fields[0].get("is_secret") else checked
        secret = {one["name"] for one in self.fields if one.get("is_secret")}
        values = cast("Mapping[str, object]", checked)
        return {name: SECRET if name in secret else value for name, value in values.items()}


def _equal(one: object, other: object) -> bool:
    """True if two values are equal; arrays, whose comparison has no truth value, are not."""
    try:
        return bool(one == other)
    except Exception:  # the comparison of the user's class
        return False


Form = Choice | Entry


def form_of(options: object, schema: object, decline: str | None = None) -> Form:
    """Return the form of a question: a choice, the fields of a schema, or one line of text.

    Raises:
        UsageError: both are given, or one of them cannot be shown as a form.
    """
    if options is not None and schema is not None:
        raise UsageError("Pass options=[...] or schema=..., not both.")
    if options is not None:
        return _choice(options)
    if schema is not None:
        return Entry(*fields_of_schema(schema), can_decline=decline is not None)
    text: Fields = ({"name": "", "type": "string", "required": True},)
    return Entry(text, can_decline=decline is not None)


def _choice(options: object) -> Choice:
    if isinstance(options, Mapping):
        labels, values = [str(label) for label in options], list(options.values())
    elif isinstance(options, Sequence) and not isinstance(options, (str, bytes)):
        labels, values = [str(option) for option in options], list(options)
    else:
        raise UsageError(
            "options is a list of answers, or a dict from labels to answers, not "
            f"{type(options).__name__}."
        )
    if not 0 < len(labels) <= OPTIONS_COUNT:
        raise UsageError(f"A question has 1 to {OPTIONS_COUNT} options, not {len(labels)}.")
    if len(set(labels)) < len(labels) or not all(map(str.strip, labels)):
        raise UsageError("The labels of the options must differ, and none may be empty.")
    return Choice(tuple(labels), tuple(values))


def _checked(one: Mapping[str, object], value: object) -> object:
    """Return `value` with the type of a field.

    Raises:
        UsageError: the field does not take it.
    """
    name = str(one.get("title") or one["name"] or "The answer")
    options = one.get("options")
    if value is None or value == "":
        if one["type"] == "string" and value == "" and not one.get("required"):
            return value
        raise UsageError(f"{name} is required.")
    if options is not None:
        return _option(name, cast("Sequence[Sequence[object]]", options), value)
    checked = _CHECKS[str(one["type"])](value)
    if checked is None:
        raise UsageError(f"{name} must be {_KINDS[str(one['type'])]}.")
    problem = _text_problem(one, checked) if isinstance(checked, str) else _bound(one, checked)
    if problem:
        raise UsageError(f"{name} must be {problem}.")
    return checked


def _option(name: str, options: Sequence[Sequence[object]], value: object) -> object:
    if isinstance(value, enum.Enum):
        value = value.value
    for known, label in options:
        if (type(value) is type(known) and value == known) or value == label:
            return known
    for known, label in options:
        if isinstance(value, str) and as_words(value) == label:  # the name of a member
            return known
    labels = ", ".join(str(label) for _, label in options)
    raise UsageError(f"{name} must be one of: {excerpt(labels)}.")


def _bound(one: Mapping[str, object], value: object) -> str | None:
    least, greatest = cast("Any", one.get("minimum")), cast("Any", one.get("maximum"))
    number = cast("float", value)
    if least is not None and (number < least or (one.get("above") and number == least)):
        return f"{'more than' if one.get('above') else 'at least'} {least:g}"
    if greatest is not None and (number > greatest or (one.get("below") and number == greatest)):
        return f"{'less than' if one.get('below') else 'at most'} {greatest:g}"
    step = cast("Any", one.get("multiple_of"))
    if step and not _is_multiple(number, step):
        return f"a multiple of {step:g}"
    return None


def _is_multiple(number: float, step: float) -> bool:
    """True if `number` is a multiple of `step`, as far as floats can say: 0.3 is one of 0.1."""
    if isinstance(number, int) and isinstance(step, int):
        return number % step == 0
    count = number / step
    return math.isclose(count, round(count), rel_tol=1e-9, abs_tol=1e-9)


def _text_problem(one: Mapping[str, object], text: str) -> str | None:
    least, most = cast("Any", one.get("min_chars")), cast("Any", one.get("max_chars"))
    if least is not None and len(text) < least:
        return f"at least {least:,} characters long"
    if most is not None and len(text) > most:
        return f"at most {most:,} characters long"
    pattern, words = _FORMATS.get(str(one.get("format")), ("", ""))
    if not pattern:
        return None
    is_valid = len(text) <= FORMAT_CHARS and re.fullmatch(pattern, text, re.DOTALL)
    return None if is_valid else words


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value) if isinstance(value, str) else value
        return number if math.isfinite(number) else None
    except (ValueError, OverflowError):  # no number, or one beyond the range of a float
        return None


def _integer(value: object) -> int | None:
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            pass  # such as 2.0
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None


def _truth(value: object) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}.get(
            value.strip().lower()
        )
    return value if isinstance(value, bool) else None


_CHECKS: Mapping[str, Callable[[object], object | None]] = {
    "string": _text,
    "number": _number,
    "integer": _integer,
    "boolean": _truth,
}
