"""How long a server asks to wait: `Retry-After` as seconds and as a date (RFC 9110, 10.2.3)."""

from __future__ import annotations

import pytest

from streamwidget.resume.retry_after import retry_after_s

NOW_S = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT

ROWS: dict[str, tuple[str | None, float | None]] = {
    "absent": (None, None),
    "seconds": ("120", 120.0),
    "white space": (" 7 ", 7.0),
    "date": ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
    "date of RFC 850": ("Tuesday, 14-Nov-23 22:14:20 GMT", 60.0),
    "date of asctime": ("Tue Nov 14 22:14:20 2023", 60.0),
    "past": ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
    "nonsense": ("soon", None),
    "negative": ("-5", None),
    "too long": ("9" * 30, None),
    "other digits": ("١٢", None),
    "not a date": ("Tue, 99 Nov 2023 22:14:20 GMT", None),
}


@pytest.mark.parametrize(("value", "seconds"), ROWS.values(), ids=ROWS.keys())
def test_retry_after_is_read_in_every_form(value: str | None, seconds: float | None) -> None:
    headers = {} if value is None else {"retry-after": value}
    assert retry_after_s(headers, NOW_S) == seconds
