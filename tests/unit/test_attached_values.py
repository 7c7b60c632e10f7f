"""What values become when they are attached to a question: tables, files and images of any kind."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streamwidget import UsageError
from streamwidget.attachments import ATTACHED_BYTES, ATTACHED_COUNT, attached, detail_of, kind_of
from unit.waiting import WAIT_S

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
pillow = pytest.importorskip("PIL.Image")

SALES = pandas.DataFrame(
    {"region": ["north", "south", "north"], "year": [1, 1, 2], "x": [1.5, 2.5, 3.5]}
)


def _named(index: Any) -> Any:
    return pandas.DataFrame({"x": [1, 2]}, index=index)


# --- tables


@pytest.mark.parametrize(
    ("make", "facts", "lines"),
    [
        (lambda: pandas.DataFrame({"x": [1, 2]}), "2 rows × 1 column", ["x", "1", "2"]),
        (
            lambda: SALES.groupby("region")[["x"]].sum(),
            "2 rows × 1 column, index: region",
            ["region,x", "north,5.0", "south,2.5"],
        ),
        (
            lambda: SALES[["x"]].describe().iloc[:2],
            "2 rows × 1 column, with an index",
            [",x", "count,3.0", "mean,2.5"],
        ),
        (
            lambda: SALES.groupby(["region", "year"])[["x"]].sum(),
            "3 rows × 1 column, index: region, year",
            ["region,year,x", "north,1,1.5", "north,2,3.5", "south,1,2.5"],
        ),
        (
            lambda: _named(pandas.RangeIndex(2, name="week")),
            "2 rows × 1 column, index: week",
            ["week,x", "0,1", "1,2"],
        ),
        (
            lambda: _named(pandas.RangeIndex(5, 7)),
            "2 rows × 1 column, with an index",
            [",x", "5,1", "6,2"],
        ),
        (lambda: _named([7, 3]), "2 rows × 1 column, with an index", [",x", "7,1", "3,2"]),
        (
            lambda: _named(pandas.to_datetime(["2026-01-01", "2026-01-02"])),
            "2 rows × 1 column, with an index",
            [",x", "2026-01-01,1", "2026-01-02,2"],
        ),
        (
            lambda: SALES.groupby("region").agg({"x": ["min", "max"]}),
            "2 rows × 2 columns, index: region",
            ["region,x / min,x / max", "north,1.5,3.5", "south,2.5,2.5"],
        ),
        (
            lambda: SALES.pivot(index="region", columns="year", values="x"),
            "2 rows × 2 columns, index: region, columns: year",
            ["region,1,2", "north,1.5,3.5", "south,2.5,"],
        ),
        (
            lambda: SALES.pivot(index="region", columns="year"),
            "2 rows × 2 columns, index: region, columns: year",
            ["region,x / 1,x / 2", "north,1.5,3.5", "south,2.5,"],
        ),
        (
            lambda: SALES.groupby("region")["x"].sum(),
            "2 rows × 1 column, index: region",
            ["region,x", "north,5.0", "south,2.5"],
        ),
        (
            lambda: pandas.DataFrame({"x": [1]}, index=pandas.MultiIndex.from_tuples([("a", "b")])),
            "1 row × 1 column, with an index",
            [",,x", "a,b,1"],
        ),
        (lambda: pandas.DataFrame(), "0 rows × 0 columns", []),
        (lambda: polars.DataFrame({"x": [1, 2]}), "2 rows × 1 column", ["x", "1", "2"]),
        (lambda: polars.Series("x", [1, 2]), "2 rows × 1 column", ["x", "1", "2"]),
        (
            lambda: polars.DataFrame({"x": [[1, 2]], "y": [{"a": 1}]}),
            "1 row × 2 columns",
            ["x,y", "\"[1, 2]\",{'a': 1}"],
        ),
    ],
)
def test_a_table_keeps_its_index_in_the_text_and_in_the_list(
    make: Callable[[], Any], facts: str, lines: list[str]
) -> None:
    frame = make()
    before = frame.copy() if hasattr(frame, "copy") else frame.clone()
    [table] = attached([frame], {"frame": frame})
    first, *rest = table.text.strip().splitlines()
    assert (table.kind, first, [one for one in rest if one.strip()]) == (
        "table",
        f"({facts})",
        lines,
    )
    assert (kind_of(frame), detail_of(frame)) == ("table", facts)
    assert frame.equals(before)
    assert list(getattr(frame, "columns", [])) == list(getattr(before, "columns", []))


def test_a_long_table_with_an_index_is_cut_and_says_so() -> None:
    frame = pandas.DataFrame({"x": range(1000)}, index=pandas.Index(range(1000), name="week"))
    [table] = attached(frame, {"sales": frame})
    lines = table.text.splitlines()
    assert lines[:2] == ["(1,000 rows × 1 column, index: week, the first 200)", "week,x"]
    assert (table.name, len(lines)) == ("sales", 202)


# --- a value alone


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (SALES, ["table"]),
        (polars.DataFrame({"x": [1]}), ["table"]),
        (SALES["x"], ["table"]),
        (pillow.new("RGB", (2, 2)), ["image"]),
        ("a text", ["text"]),
        (b"a text", ["text"]),
        (bytearray(b"a text"), ["text"]),
        (memoryview(b"a text"), ["text"]),
        (Path(__file__), ["text"]),
        ((SALES, "text"), ["table", "text"]),
        ((one for one in ("a", "b")), ["text", "text"]),
        ({"sales": SALES}, ["table"]),
        ((), []),
        ({}, []),
        (None, []),
    ],
)
def test_one_value_can_be_attached_without_a_list(value: object, kinds: list[str]) -> None:
    assert [one.kind for one in attached(value, {})] == kinds


def _endless() -> Iterator[str]:
    while True:
        yield "x"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, "attach= takes a value or a list of values, not int: a text, a Path, a data frame"),
        ([5], "attachment 1 is a int. Attach a text, a Path"),
        ([None], "attachment 1 is a NoneType"),
        (_endless(), f"at most {ATTACHED_COUNT}"),
        (polars.LazyFrame({"x": [1]}), "not LazyFrame"),
    ],
)
def test_what_is_none_of_these_is_refused_in_one_sentence(value: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        attached(value, {})


def test_an_object_that_cannot_be_read_is_refused_with_its_error() -> None:
    class Frame:
        shape, columns = (1, 1), ("x",)

        def head(self, count: int) -> Any:
            raise RuntimeError("the database is closed")

        def to_csv(self) -> str:
            return ""

    with pytest.raises(UsageError, match="frame could not be read: RuntimeError: the database is"):
        attached({"frame": Frame()}, {})


# --- files


def test_a_file_is_read_to_its_bound_and_never_waited_for(tmp_path: Path) -> None:
    fifo, folder, large = tmp_path / "fifo", tmp_path / "folder", tmp_path / "large"
    os.mkfifo(fifo)
    folder.mkdir()
    with large.open("wb") as file:
        file.truncate(10**12)  # sparse: it takes no space
    (tmp_path / "loop").symlink_to("loop")
    cases = [
        (Path("/dev/zero"), "zero is not a file, but a device"),
        (Path("/dev/null"), "null is not a file, but a device"),
        (fifo, "fifo is not a file, but a device or a pipe"),
        (folder, "folder is a folder: attach its files"),
        (large, "large has more than 5,000,000 bytes; at most 5,000,000 are taken"),
        (tmp_path / "missing.txt", "missing.txt could not be read: No such file or directory"),
        (tmp_path / "loop", "loop could not be read: Too many levels of symbolic links"),
        (Path("a\0b"), "could not be read"),
    ]
    errors: list[str] = []

    def attach() -> None:
        for path, _ in cases:
            with pytest.raises(UsageError) as caught:
                attached([path], {})
            errors.append(str(caught.value))

    thread = threading.Thread(target=attach, daemon=True)
    thread.start()
    thread.join(WAIT_S)
    assert len(errors) == len(cases), f"{cases[len(errors)][0]} blocks"
    for (_, words), error in zip(cases, errors, strict=True):
        assert words in error


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="there is no /proc")
def test_a_file_whose_size_is_reported_as_zero_is_read() -> None:
    [version] = attached(Path("/proc/version"), {})
    assert version.text.startswith("Linux")


def test_a_file_is_taken_up_to_the_last_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * ATTACHED_BYTES)
    assert attached(path, {})[0].size_bytes == ATTACHED_BYTES
    path.write_bytes(b"x" * (ATTACHED_BYTES + 1))
    with pytest.raises(UsageError, match="more than 5,000,000 bytes"):
        attached(path, {})


# --- images

MODES = ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "HSV"]
DEEP = ["I", "I;16", "I;16B", "I;16L", "F"]


@pytest.mark.parametrize("mode", [*MODES, *DEEP])
def test_an_image_of_any_mode_becomes_a_picture(mode: str) -> None:
    image = pillow.new(mode, (3, 2))
    [made] = attached(image, {})
    shown = pillow.open(io.BytesIO(made.data))
    assert (made.mime, shown.size, image.mode) == ("image/png", (3, 2), mode)
    assert shown.mode in ("1", "L", "LA", "P", "RGB", "RGBA")


@pytest.mark.parametrize(
    ("mode", "values"),
    [("F", (0.0, 0.5, 1.0)), ("F", (-1e9, 0.0, 1e9)), ("I", (0, 32768, 65536)),
     ("I;16", (0, 500, 1000))],
)  # fmt: skip
def test_numbers_of_any_range_are_drawn_from_black_to_white(
    mode: str, values: tuple[float, ...]
) -> None:
    image = pillow.new(mode, (3, 1))
    for at, value in enumerate(values):
        image.putpixel((at, 0), value)
    shown = pillow.open(io.BytesIO(attached(image, {})[0].data)).convert("L")
    assert [shown.getpixel((at, 0)) for at in range(3)] in ([0, 127, 255], [0, 128, 255])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_an_image_of_no_number_is_a_picture_still(value: float) -> None:
    assert attached(pillow.new("F", (2, 2), value), {})[0].kind == "image"


def test_colours_of_a_print_are_converted_and_an_empty_image_is_refused() -> None:
    red = pillow.new("CMYK", (1, 1), (0, 255, 255, 0))
    shown = pillow.open(io.BytesIO(attached(red, {})[0].data))
    assert shown.convert("RGB").getpixel((0, 0)) == (255, 0, 0)
    with pytest.raises(UsageError, match="could not be read"):
        attached(pillow.new("RGB", (0, 0)), {})
