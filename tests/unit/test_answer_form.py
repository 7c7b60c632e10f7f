"""The forms of schemas: what each kind of field shows, takes and refuses."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import pytest

from streamwidget import Budget, Price, Prices, UsageError, collect
from streamwidget.emit.answer_form import form_of

pydantic = pytest.importorskip("pydantic")


class Size(enum.Enum):
    """How much coffee."""

    SMALL = "S"
    EXTRA_LARGE = "XL"


class Speed(enum.IntEnum):
    SLOW = 1
    FAST = 2


class Order(pydantic.BaseModel):  # type: ignore[misc,name-defined]
    first: Size
    second_cup: Size | None = None
    speed: Speed = Speed.SLOW
    count: int = pydantic.Field(3, multiple_of=3, title="Cups")
    milk: Literal["none", "oat"] = "none"
    price: Decimal = pydantic.Field(Decimal(2), ge=1)
    sugar: Size = pydantic.Field(Size.SMALL, title="Sweet", alias="sweet")


@dataclass
class Plan:
    size: Size
    speed: Speed = Speed.SLOW


def answered(schema: object, answer: object) -> Any:
    form = form_of(None, schema)
    return form.value_of(form.check(answer))


def test_a_field_of_a_model_has_its_own_title_and_the_names_of_its_enum() -> None:
    fields = {str(one["name"]): one for one in form_of(None, Order).fields}
    assert [one["title"] for one in fields.values()] == [
        "First", "Second cup", "Speed", "Cups", "Milk", "Price", "Sweet",
    ]  # fmt: skip
    sizes = [["S", "Small"], ["XL", "Extra large"]]
    assert [fields[name]["options"] for name in ("first", "second_cup", "sweet")] == [sizes] * 3
    assert fields["speed"]["options"] == [[1, "Slow"], [2, "Fast"]]
    assert fields["milk"]["options"] == [["none", "none"], ["oat", "oat"]]
    assert (fields["price"]["type"], fields["price"]["minimum"]) == ("number", 1)


@pytest.mark.parametrize("schema", [Order, Plan])
@pytest.mark.parametrize("answer", ["XL", "Extra large", "EXTRA_LARGE", Size.EXTRA_LARGE])
def test_a_member_is_chosen_by_its_value_its_label_its_name_or_itself(
    schema: Any, answer: object
) -> None:
    name = "first" if schema is Order else "size"
    assert getattr(answered(schema, {name: answer}), name) is Size.EXTRA_LARGE
    assert answered(Size, answer) is Size.EXTRA_LARGE


@pytest.mark.parametrize("answer", [2, "FAST", "Fast", Speed.FAST])
def test_a_number_of_an_enum_is_chosen_too(answer: object) -> None:
    assert answered(Order, {"first": "S", "speed": answer}).speed is Speed.FAST
    assert answered(Plan, {"size": "S", "speed": answer}).speed is Speed.FAST


@pytest.mark.parametrize("answer", ["xl", "small ", 5, True, None, "", "Speed.FAST", Speed.SLOW])
def test_what_is_no_member_is_refused(answer: object) -> None:
    with pytest.raises(UsageError, match=r"must be one of: Small, Extra large\.|is required\."):
        answered(Order, {"first": answer})


@pytest.mark.parametrize(
    ("schema", "answer", "wanted"),
    [
        (int | None, None, None),
        (int | None, "", None),
        (int | None, "7", 7),
        (Size | None, None, None),
        (Size | None, "S", Size.SMALL),
        (float | None, None, None),
        (bool | None, None, None),
        (str | None, None, None),
        (str | None, "", ""),
        (Literal["a", "b"] | None, None, None),
    ],
)
def test_a_type_that_may_be_none_takes_none(schema: object, answer: object, wanted: object) -> None:
    form = form_of(None, schema)
    assert not form.fields[0].get("required")
    assert answered(schema, answer) == wanted
    if answer is None:
        assert form.recorded(form.check(answer)) is None


@pytest.mark.parametrize("schema", [int, float, str, bool, Size, Literal["a"]])
def test_a_type_that_may_not_be_none_refuses_it(schema: object) -> None:
    with pytest.raises(UsageError, match=r"^The answer is required\.$"):
        answered(schema, None)


@pytest.mark.parametrize("schema", [int, float])
@pytest.mark.parametrize(
    "answer",
    [10**400, -(10**400), "9" * 400, "9" * 10_000, "1e400", math.nan, math.inf, "nan", "\ud800"],
)
def test_a_number_beyond_all_bounds_is_refused(schema: object, answer: object) -> None:
    with pytest.raises(UsageError, match=r"^The answer must be a (whole )?number\.$"):
        answered(schema, answer)


@pytest.mark.parametrize(
    ("field", "value", "is_right"),
    [
        ({"type": "integer", "multipleOf": 3}, 9, True),
        ({"type": "integer", "multipleOf": 3}, 0, True),
        ({"type": "integer", "multipleOf": 3}, -6, True),
        ({"type": "integer", "multipleOf": 3}, 10, False),
        ({"type": "integer", "multipleOf": 3}, 3 * 10**20 + 1, False),
        ({"type": "number", "multipleOf": 0.1}, 0.3, True),
        ({"type": "number", "multipleOf": 0.1}, 0.35, False),
        ({"type": "number", "multipleOf": 0.01}, 19.99, True),
        ({"type": "number", "multipleOf": 2.5}, 1e300, True),
        ({"type": "integer", "multipleOf": 0}, 5, True),
    ],
)
def test_a_multiple_is_checked(field: dict[str, object], value: float, is_right: bool) -> None:
    schema = {"type": "object", "properties": {"x": field}, "required": ["x"]}
    if is_right:
        assert answered(schema, {"x": value}) == {"x": value}
        return
    with pytest.raises(UsageError, match=rf"^x must be a multiple of {field['multipleOf']}\.$"):
        answered(schema, {"x": value})


@pytest.mark.parametrize("schema", [Order(first="S"), Plan(Size.SMALL)])
def test_an_instance_in_the_place_of_its_class_is_refused(schema: object) -> None:
    name = type(schema).__name__
    with pytest.raises(UsageError, match=rf"^The schema is one {name}: pass the class"):
        form_of(None, schema)


@pytest.mark.parametrize("schema", [[], {1}, 5, "text", object(), ...])
def test_what_is_no_schema_is_refused(schema: object) -> None:
    with pytest.raises(UsageError, match=r"which a form cannot show"):
        form_of(None, schema)


def test_a_field_of_several_types_is_refused_by_name() -> None:
    class Mixed(pydantic.BaseModel):  # type: ignore[misc,name-defined]
        either: int | list[int] = 1

    with pytest.raises(UsageError, match=r"^The field 'either' of the schema has several types"):
        form_of(None, Mixed)


# --- knobs, prices and budgets


@pytest.mark.parametrize(("value", "kind"), [(None, "None"), ("1", "str"), ([1], "list")])
def test_a_knob_without_a_number_says_so(value: Any, kind: str) -> None:
    result = collect(lambda emit: emit.knob("rate", value))
    assert result.error is not None
    assert result.error.message == f"TypeError: emit.knob takes a number, not {kind}"


@pytest.mark.parametrize("prices", [{"a": 1}, {"a": None}, [("a", 1)], 5, "gpt-5", None])
def test_prices_are_a_dict_of_prices(prices: Any) -> None:
    with pytest.raises(UsageError, match=r"^Prices takes a dict: Prices\(\{"):
        Prices(prices)


@pytest.mark.parametrize("prices", [{}, {"a": 1}, {"a": Price(output=1.0)}, 5, "gpt-5"])
def test_the_prices_of_a_budget_are_prices(prices: Any) -> None:
    with pytest.raises(UsageError, match=r"^Budget: prices must be Prices\(\.\.\.\), not "):
        Budget(max_cost=1, prices=prices)


@pytest.mark.parametrize("name", ["max_tokens", "max_cost", "max_time_s", "output_price"])
@pytest.mark.parametrize("value", [10**400, math.inf, math.nan, -1, "1", True])
def test_a_bound_is_a_finite_number(name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=rf"^Budget: {name} must be a finite number >= 0"):
        Budget(**{name: value})
