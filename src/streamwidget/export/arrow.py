"""Columns of Python values as an Arrow C stream, made with `ctypes` alone.

pandas, polars, DuckDB and pyarrow read any object that gives such a stream, so none of them is
needed here. Memory is shared, not copied: what a structure points to is kept in `_alive` until its
reader releases it, on whatever thread.

Source: the Arrow C data interface, the C stream interface and the PyCapsule interface
(arrow.apache.org/docs/format/CDataInterface.html, CStreamInterface.html,
CDataInterface/PyCapsuleInterface.html).
"""

from __future__ import annotations

import ctypes
import errno
import itertools
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, ClassVar, Final, cast

from ..characters import clean
from ..document.cells import Cell, json_text

BATCH_ROWS: Final = 65_536
"""Rows of one batch: what a reader holds at a time while it reads on."""
_NULLABLE: Final = 2
_NAME: Final = b"arrow_array_stream"
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_EPOCH: Final = datetime(1970, 1, 1)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ArrowColumn:
    """One column: its name and its values; all columns of a stream have the same length."""

    name: str
    values: Sequence[Cell]


# --- the structures, as they are in the standard


class _Schema(ctypes.Structure):
    pass


class _Array(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_ReleaseSchema = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))
_ReleaseArray = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))
_ReleaseStream = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Stream))
_GetSchema = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Schema))
_GetNext = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))
# the text is given as an address: a `c_char_p` result would be freed when the call is over
_GetLastError = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.POINTER(_Stream))

_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.POINTER(_Schema)),
    ("release", _ReleaseSchema),
    ("private_data", ctypes.c_void_p),
]
_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
    ("dictionary", ctypes.POINTER(_Array)),
    ("release", _ReleaseArray),
    ("private_data", ctypes.c_void_p),
]
_Stream._fields_ = [
    ("get_schema", _GetSchema),
    ("get_next", _GetNext),
    ("get_last_error", _GetLastError),
    ("release", _ReleaseStream),
    ("private_data", ctypes.c_void_p),
]

_alive: dict[int, object] = {}
"""What released structures no longer need, by the number in their `private_data`."""
_numbers = itertools.count(1)


def _keep(value: object) -> int:
    number = next(_numbers)
    _alive[number] = value
    return number


# --- columns become buffers


class _Encoding:
    """How the values of a column stand in memory: the format, and a batch's buffers."""

    def __init__(
        self, format: bytes, buffers: Callable[[Sequence[Any]], list[array[Any] | bytes]]
    ) -> None:
        self.format = format
        self.buffers = buffers


def _fixed(code: str, convert: Callable[[Any], Any] | None = None) -> Callable[..., Any]:
    def buffers(values: Sequence[Any]) -> list[array[Any] | bytes]:
        if convert is not None:
            return [array(code, [0 if value is None else convert(value) for value in values])]
        if None in values:
            return [array(code, [0 if value is None else value for value in values])]
        return [array(code, values)]

    return buffers


def _bits(values: Sequence[Any]) -> list[array[Any] | bytes]:
    return [_bitmap([bool(value) for value in values])]


def _bitmap(flags: Sequence[bool]) -> bytes:
    """One bit for each flag, the first one lowest."""
    digits = "".join(["1" if flag else "0" for flag in reversed(flags)])
    return int(digits or "0", 2).to_bytes(len(flags) // 8 + 1, "little")


def _texts(code: str) -> Callable[[Sequence[Any]], list[array[Any] | bytes]]:
    def buffers(values: Sequence[Any]) -> list[array[Any] | bytes]:
        texts = ["" if value is None else _text(value) for value in values]
        joined = "".join(texts)
        if joined.isascii():
            data, sizes = joined.encode(), map(len, texts)
        else:
            pieces = [clean(text).encode() for text in texts]
            data, sizes = b"".join(pieces), map(len, pieces)
        return [array(code, itertools.accumulate(sizes, initial=0)), data]

    return buffers


def _text(value: Cell) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, dict)):
        return json_text(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value)


def _days(value: date) -> int:
    return value.toordinal() - _EPOCH_DAY


def _micros(value: datetime) -> int:
    return (value - _EPOCH) // _MICROSECOND


def _utc_micros(value: datetime) -> int:
    return _micros(value.astimezone(timezone.utc).replace(tzinfo=None))


_NULL: Final = _Encoding(b"n", lambda _: [])
_BOOLEAN: Final = _Encoding(b"b", _bits)
_INT64: Final = _Encoding(b"l", _fixed("q"))
_UINT64: Final = _Encoding(b"L", _fixed("Q"))
_FLOAT64: Final = _Encoding(b"g", _fixed("d"))
_FROM_DECIMAL: Final = _Encoding(b"g", _fixed("d", float))
_DATE: Final = _Encoding(b"tdD", _fixed("i", _days))
_DATETIME: Final = _Encoding(b"tsu:", _fixed("q", _micros))
_AWARE: Final = _Encoding(b"tsu:UTC", _fixed("q", _utc_micros))
_TEXT: Final = _Encoding(b"u", _texts("i"))
_LARGE_TEXT: Final = _Encoding(b"U", _texts("q"))


def _encoding(values: Sequence[Cell]) -> _Encoding:
    """The narrowest encoding that holds all of `values`; text where they are of several kinds."""
    kinds = frozenset(map(type, values)) - {type(None)}
    if not kinds:
        return _NULL
    if kinds == {bool}:
        return _BOOLEAN
    if kinds == {int}:
        return _integers([value for value in values if value is not None])  # type: ignore[misc]
    if kinds <= {int, float}:
        return _FLOAT64
    if kinds <= {int, float, Decimal}:
        return _FROM_DECIMAL
    if kinds == {date}:
        return _DATE
    if kinds == {datetime}:
        aware = {cast("datetime", value).tzinfo is not None for value in values if value}
        if len(aware) == 1:
            return _AWARE if aware.pop() else _DATETIME
    return _of_texts(values)


def _integers(values: Sequence[int]) -> _Encoding:
    least, greatest = min(values), max(values)
    if least >= -(2**63) and greatest < 2**63:
        return _INT64
    return _UINT64 if least >= 0 and greatest < 2**64 else _TEXT


def _of_texts(values: Sequence[Cell]) -> _Encoding:
    """Offsets of 32 bits, unless a batch's text could be too long for them."""
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return _TEXT if longest * 4 * min(len(values), BATCH_ROWS) < 2**31 else _LARGE_TEXT


# --- a stream


class _Source:
    """One stream: the columns, how they are encoded, and how far the reader has come."""

    def __init__(self, columns: Sequence[ArrowColumn]) -> None:
        self.columns = columns
        self.encodings = [_encoding(column.values) for column in columns]
        self.row_count = len(columns[0].values) if columns else 0
        self.position = 0
        self.error = ctypes.create_string_buffer(b"", 200)

    def fill_schema(self, out: _Schema) -> None:
        children = [
            _schema(encoding.format, clean(column.name).replace("\0", "").encode())
            for column, encoding in zip(self.columns, self.encodings, strict=True)
        ]
        _copy(_schema(b"+s", b"", children), out)

    def fill_next(self, out: _Array) -> None:
        start, stop = self.position, min(self.row_count, self.position + BATCH_ROWS)
        if start >= stop:
            out.release = _ReleaseArray()  # the end: a released array
            return
        self.position = stop
        children = [
            _array(column.values[start:stop], encoding)
            for column, encoding in zip(self.columns, self.encodings, strict=True)
        ]
        _copy(_struct_array(stop - start, children), out)


def _copy(source: _Schema | _Array, out: _Schema | _Array) -> None:
    ctypes.memmove(ctypes.byref(out), ctypes.byref(source), ctypes.sizeof(source))


def _pointers(kind: type[ctypes.Structure], children: Sequence[Any]) -> Any:
    return (ctypes.POINTER(kind) * len(children))(*map(ctypes.pointer, children))


def _schema(format: bytes, name: bytes, children: Sequence[_Schema] = ()) -> _Schema:
    schema = _Schema(format=format, name=name, flags=_NULLABLE if name else 0)
    kept: list[object] = [format, name, children]
    if children:
        pointers = _pointers(_Schema, children)
        schema.n_children = len(children)
        schema.children = ctypes.cast(pointers, ctypes.POINTER(ctypes.POINTER(_Schema)))
        kept.append(pointers)
    schema.release = _release_schema
    schema.private_data = _keep(kept)
    return schema


def _array(values: Sequence[Cell], encoding: _Encoding) -> _Array:
    null_count = values.count(None)
    if encoding is _NULL:
        return _filled(_Array(length=len(values), null_count=null_count), [])
    valid = _bitmap([value is not None for value in values]) if null_count else None
    return _filled(
        _Array(length=len(values), null_count=null_count), [valid, *encoding.buffers(values)]
    )


def _struct_array(length: int, children: Sequence[_Array]) -> _Array:
    struct = _Array(length=length, n_children=len(children))
    pointers = _pointers(_Array, children)
    struct.children = ctypes.cast(pointers, ctypes.POINTER(ctypes.POINTER(_Array)))
    return _filled(struct, [None], [children, pointers])


def _filled(
    result: _Array, buffers: Sequence[array[Any] | bytes | None], more: Sequence[object] = ()
) -> _Array:
    addresses = (ctypes.c_void_p * max(1, len(buffers)))(*map(_address, buffers))
    result.n_buffers = len(buffers)
    result.buffers = ctypes.cast(addresses, ctypes.POINTER(ctypes.c_void_p))
    result.release = _release_array
    result.private_data = _keep([buffers, addresses, *more])
    return result


def _address(buffer: array[Any] | bytes | None) -> int | None:
    if buffer is None:
        return None
    if isinstance(buffer, bytes):
        return ctypes.cast(ctypes.c_char_p(buffer), ctypes.c_void_p).value
    return buffer.buffer_info()[0] or ctypes.addressof(_somewhere)


_somewhere = ctypes.c_int64()
"""What an empty buffer points to: readers want an address there too."""


# --- what readers call, from any thread


def _releaser(kind: type[ctypes.Structure], function_type: Any) -> Any:
    """The function that lets go of a structure and of its children that were not moved elsewhere.

    A reader's data may outlive the modules of a program that ends, so this function lives for ever
    and uses no global name and no built-in one: those are gone by then, and a failure would abort
    the process.
    """
    at_release, at_private = _offset(kind, "release"), _offset(kind, "private_data")
    at_count, at_children = _offset(kind, "n_children"), _offset(kind, "children")
    address_at, count_at = ctypes.c_void_p.from_address, ctypes.c_int64.from_address
    address_size, clear, alive = ctypes.sizeof(ctypes.c_void_p), ctypes.memset, _alive
    bare = ctypes.CFUNCTYPE(None, ctypes.c_void_p)

    def let_go(address: int) -> None:
        count = count_at(address + at_count).value if at_count else 0
        children = (address_at(address + at_children).value or 0) if count else 0
        while count:
            count -= 1
            child = address_at(children + count * address_size).value or 0
            function = address_at(child + at_release).value
            if function:
                bare(function)(child)
        alive.pop(address_at(address + at_private).value or 0, None)
        clear(address + at_release, 0, address_size)

    release = bare(let_go)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(release))
    return ctypes.cast(release, function_type)


def _offset(kind: type[ctypes.Structure], field: str) -> int:
    return int(getattr(kind, field).offset) if hasattr(kind, field) else 0


_release_schema = _releaser(_Schema, _ReleaseSchema)
_release_array = _releaser(_Array, _ReleaseArray)
_release_stream = _releaser(_Stream, _ReleaseStream)


def _answer(stream: Any, fill: Callable[[_Source], None]) -> int:
    source = cast("_Source", _alive[stream.contents.private_data])
    try:
        fill(source)
    except Exception as error:  # an exception cannot cross C: the reader asks for its text
        source.error.value = repr(error).encode("ascii", "replace")[:199]
        return errno.EIO
    return 0


def _error_text(stream: Any) -> int:
    source = cast("_Source", _alive[stream.contents.private_data])
    return ctypes.addressof(source.error)


_get_schema = _GetSchema(
    lambda stream, out: _answer(stream, lambda source: source.fill_schema(out.contents))
)
_get_next = _GetNext(
    lambda stream, out: _answer(stream, lambda source: source.fill_next(out.contents))
)
_get_last_error = _GetLastError(_error_text)


# --- the capsule


class _Capsules:
    """Python's own functions for capsules, by addresses: at the end of its life a capsule must not
    be counted again, as an argument of type `py_object` would be."""

    get_pointer: ClassVar[Any] = ctypes.PYFUNCTYPE(
        ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p
    )(("PyCapsule_GetPointer", ctypes.pythonapi))
    new: ClassVar[Any] = ctypes.PYFUNCTYPE(
        ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p
    )(("PyCapsule_New", ctypes.pythonapi))


_streams: dict[int, _Stream] = {}
"""The memory of streams whose capsules live, by its address."""


def _capsule_ends(capsule: int) -> None:
    stream = _streams.pop(_Capsules.get_pointer(capsule, _NAME), None)
    if stream is not None and stream.release:
        stream.release(ctypes.pointer(stream))


_end_capsule = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(_capsule_ends)


def stream_capsule(columns: Sequence[ArrowColumn]) -> object:
    """A capsule with an Arrow C stream over `columns`, for `__arrow_c_stream__`.

    `columns` must not change while the stream is read.
    """
    stream = _Stream(
        get_schema=_get_schema,
        get_next=_get_next,
        get_last_error=_get_last_error,
        release=_release_stream,
        private_data=_keep(_Source(columns)),
    )
    address = ctypes.addressof(stream)
    _streams[address] = stream
    return _Capsules.new(address, _NAME, ctypes.cast(_end_capsule, ctypes.c_void_p))
