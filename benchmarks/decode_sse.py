"""How fast server-sent events are decoded, beside other decoders: MB/s, and ratios to ours.

    python benchmarks/decode_sse.py [--repeat 5]

Each decoder gets the same bytes in the same pieces, and nothing else: no network, no JSON. Then
ours alone on one event of growing length, whose speed stays if it is linear. The last row is the
limit that matters in the end: `json.loads` on the data of all events, without framing.
Others are measured where they are installed: `pip install httpx-sse httpx2 openai anthropic`.
"""

from __future__ import annotations

import argparse
import codecs
import importlib
import json
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from streamwidget.decode.sse import SSEDecoder
from streamwidget.limits import Limits

Pieces = list[bytes]
Count = Callable[[Pieces], int]
"""Decodes all pieces and gives the number of events."""


def ours(pieces: Pieces) -> int:
    decoder = SSEDecoder(limits=Limits(record_bytes=1 << 30))
    return sum(len(decoder.feed(piece)) for piece in pieces)


def httpx_sse(pieces: Pieces) -> int:
    module: Any = importlib.import_module("httpx_sse._decoders")
    lines, events = module.SSELineDecoder(), module.SSEDecoder()
    texts = codecs.iterdecode(pieces, "utf-8")
    return sum(
        events.decode(line.rstrip("\n")) is not None
        for text in texts
        for line in lines.decode(text)
    )


def httpx2(pieces: Pieces) -> int:
    parser: Any = importlib.import_module("httpx2._sse")._SSEParser(1 << 30)
    return sum(1 for text in codecs.iterdecode(pieces, "utf-8") for _ in parser.decode(text))


def openai(pieces: Pieces) -> int:
    return _sdk("openai", pieces)


def anthropic(pieces: Pieces) -> int:
    return _sdk("anthropic", pieces)


def _sdk(name: str, pieces: Iterable[bytes]) -> int:
    decoder: Any = importlib.import_module(f"{name}._streaming").SSEDecoder()
    return sum(1 for _ in decoder.iter_bytes(iter(pieces)))


DECODERS: dict[str, Count] = {
    "streamwidget": ours,
    "httpx-sse": httpx_sse,
    "httpx2": httpx2,
    "openai": openai,
    "anthropic": anthropic,
}


def chat(count: int, *, named: bool) -> bytes:
    """A stream of `count` events like those of a chat model, about 160 bytes each."""
    name = b"event: response.output_text.delta\n" if named else b""
    record = {"type": "response.output_text.delta", "item_id": "msg_0123456789abcdef", "delta": ""}
    events = (
        name + b"data: " + json.dumps({**record, "sequence": n, "delta": f" word{n}"}).encode()
        for n in range(count)
    )
    return b"\n\n".join(events) + b"\n\n"


def cut(data: bytes, size: int) -> Pieces:
    return [data[i : i + size] for i in range(0, len(data), size)]


def cases() -> Iterator[tuple[str, bytes, int]]:
    """Name, bytes, and the size of the pieces."""
    for title, data in (
        ("data only", chat(20_000, named=False)),
        ("event and data", chat(20_000, named=True)),
    ):
        yield f"{title}, 64 B pieces", data, 64
        yield f"{title}, 64 kB pieces", data, 65536
    windows = chat(20_000, named=True).replace(b"\n", b"\r\n")
    yield "event and data, CR LF, 64 B pieces", windows, 64
    yield "event and data, CR LF, 64 kB pieces", windows, 65536
    yield "one 2 MB event, 64 B pieces", one_event(2), 64


def installed() -> dict[str, Count]:
    """The decoders at hand; says which are not, and why."""
    found: dict[str, Count] = {}
    for name, count in DECODERS.items():
        try:
            count([b"data: a\n\n"])
        except (ImportError, AttributeError) as error:
            print(f"not measured: {name} ({error}); `pip install {name}`")
        else:
            found[name] = count
    return found


def megabytes_per_s(
    counts: dict[str, Callable[[], object]], size: int, repeat: int
) -> dict[str, float]:
    """The median of `repeat` runs of each, in 10**6 bytes per second of CPU time.

    They take turns, so that whatever else the machine does at a time slows all of them.
    """
    times: dict[str, list[float]] = {name: [] for name in counts}
    for _ in range(repeat):
        for name, count in counts.items():
            start = time.process_time()
            count()
            times[name].append(time.process_time() - start)
    return {name: size / max(statistics.median(t), 1e-9) / 1e6 for name, t in times.items()}


def one_event(megabytes: float) -> bytes:
    return b"data: " + b"x" * int(megabytes * 1e6) + b"\n\n"


def beside_others(decoders: dict[str, Count], repeat: int) -> None:
    for title, data, size in cases():
        pieces = cut(data, size)
        print(f"\n{title} ({len(data) / 1e6:.1f} MB)")
        expected = ours(pieces)
        for name, count in decoders.items():
            assert count(pieces) == expected, name
        counts = {name: partial(count, pieces) for name, count in decoders.items()}
        speeds = megabytes_per_s(counts, len(data), repeat)
        base = speeds["streamwidget"]
        for name, speed in speeds.items():
            print(f"  {name:<14}{speed:9.1f} MB/s   {base / speed:6.2f} x")


def is_linear(repeat: int) -> None:
    """Ours on longer and longer events: the speed stays."""
    print("\nstreamwidget, one event in 64 B pieces")
    for megabytes in (0.5, 2, 8, 32):
        data = one_event(megabytes)
        counts = {"": partial(ours, cut(data, 64))}
        speed = megabytes_per_s(counts, len(data), repeat)[""]
        print(f"  {megabytes:4} MB {speed:15.1f} MB/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--repeat", type=int, default=5, help="runs each; the median counts")
    repeat = parser.parse_args().repeat
    beside_others(installed(), repeat)
    is_linear(repeat)
    data = chat(20_000, named=False)
    payloads = [event.data for event in SSEDecoder().feed(data)]
    alone = {"": lambda: [json.loads(payload) for payload in payloads]}
    speed = megabytes_per_s(alone, len(data), repeat)[""]
    print(f"\njson.loads of the data alone: {speed:.1f} MB/s")


if __name__ == "__main__":
    main()
