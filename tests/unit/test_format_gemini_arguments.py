"""Gemini's tool arguments in patches: what they build, and the text that grows meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget.formats.gemini_arguments import PartialArguments, path_of


def patch(path: str, *, more: bool = False, **value: Any) -> dict[str, Any]:
    return {"jsonPath": path, **value, **({"willContinue": True} if more else {})}


@pytest.mark.parametrize(
    ("path", "tokens"),
    [
        ("$.a", ("a",)),
        ("$.a_b-c.d[10][0]", ("a_b-c", "d", 10, 0)),
        (r"$['a\'b'].c", ("a'b", "c")),
        ('$["a.b"][""]', ("a.b", "")),
        ("$", ()),
        ("", ()),
        ("$..a", ()),
        ("$.a[", ()),
        ("$[-1]", ()),
    ],
)
def test_paths_are_names_and_indices(path: str, tokens: tuple[Any, ...]) -> None:
    assert path_of(path) == tokens


def test_deep_paths_are_ignored() -> None:
    arguments = PartialArguments({})
    assert arguments.apply(patch("$" + ".a" * 1000, numberValue=1)) == ""
    assert arguments.to_text() == "{}"


def leaves(value: Any, path: str = "$") -> list[tuple[str, Any]]:
    """The patches that build `value`, in the order of its text."""
    if isinstance(value, dict):
        return [leaf for key in value for leaf in leaves(value[key], f"{path}.{key}")]
    if isinstance(value, list):
        return [leaf for at, one in enumerate(value) for leaf in leaves(one, f"{path}[{at}]")]
    return [(path, value)]


VALUES = st.recursive(
    st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.sampled_from("abcd"), inner, min_size=1)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=3))
@settings(max_examples=150, deadline=None)
def test_patches_in_order_write_the_text_of_their_value(value: dict[str, Any]) -> None:
    arguments, written = PartialArguments({}), ""
    for path, leaf in leaves(value):
        if isinstance(leaf, str):
            written += arguments.apply(patch(path, stringValue=leaf[:2], more=True))
            written += arguments.apply(patch(path, stringValue=leaf[2:]))
        else:
            written += arguments.apply(patch(path, numberValue=leaf))
    written += arguments.close()
    assert json.loads(arguments.to_text()) == value
    assert (written or "{}") == arguments.to_text()


@pytest.mark.parametrize(
    "value", [{}, {"stringValue": 1}, {"numberValue": "1"}, {"boolValue": 0}, {"x": None}]
)
def test_patches_without_a_value_are_ignored(value: dict[str, Any]) -> None:
    arguments = PartialArguments({})
    assert arguments.apply(patch("$.a", **value)) == ""
    assert (arguments.close(), arguments.to_text()) == ("", "{}")


def test_what_came_whole_is_not_changed_but_copied() -> None:
    whole = {"a": {"b": 1}}
    arguments = PartialArguments(whole)
    arguments.apply(patch("$.a.b", numberValue=2))
    assert arguments.to_text() == '{"a": {"b": 2}}'
    assert whole == {"a": {"b": 1}}
