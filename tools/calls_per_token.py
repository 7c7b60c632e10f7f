"""Python calls and modules per token of a chat stream, from bytes to patch, in steady state.

    python tools/calls_per_token.py [--tokens 2000] [--functions] [--cpu]

Each token is one server-sent event in a separate chunk, the costliest way to cut a stream. The
same stream runs in a view with N and with 2N tokens; the difference, divided by N, leaves out what
a run does once. Calls of functions in `streamwidget` are counted in all threads; a generator that
resumes counts as a call. A module counts when it is called at least once in four tokens.

`--cpu` compares the CPU time of `collect` with `json.loads` on the same events, which no reader can
do without, and with the stream of the openai SDK where that is installed.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import FrameType

import streamwidget
from streamwidget import StreamView, collect

ROOT = str(Path(streamwidget.__file__).parent)
CALLS_PER_TOKEN_OF_A_MODULE = 0.25
WORDS = ("The", " rise", " of", " artificial", " intelligence", " is", " measured", ".")

Calls = collections.Counter[tuple[str, str]]
"""Number of calls by module and function."""


def chat_events(token_count: int) -> list[bytes]:
    """The events of a Chat Completions answer; each begins, carries one token or ends."""

    def event(delta: dict[str, str], finish_reason: str | None = None) -> bytes:
        data = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1700000000,
            "model": "model-1",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        }
        return b"data: " + json.dumps(data).encode() + b"\n\n"

    tokens = [event({"content": WORDS[number % len(WORDS)]}) for number in range(token_count)]
    return [event({"role": "assistant"}), *tokens, event({}, "stop"), b"data: [DONE]\n\n"]


async def chunks(events: list[bytes]) -> AsyncIterator[bytes]:
    """One chunk for each event, with a turn of the event loop between two."""
    for event in events:
        yield event
        await asyncio.sleep(0)


class CallCounter:
    """Count the calls of functions in `streamwidget`, in this thread and in those started later."""

    def __init__(self) -> None:
        self.calls: Calls = collections.Counter()
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)

    def _profile(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(ROOT):
            name = getattr(code, "co_qualname", code.co_name)
            self.calls[code.co_filename[len(ROOT) + 1 :], name] += 1

    def of(self, events: list[bytes]) -> Calls:
        """Calls while a view reads the stream from its first byte to its last patch."""
        self.calls = collections.Counter()
        view = StreamView(chunks(events))
        text = view.wait().text
        if not text.startswith("The rise of"):
            raise SystemExit(f"The stream was not read as a chat: {text[:80]!r}")
        view.close()
        return self.calls


def calls_per_token(token_count: int) -> dict[tuple[str, str], float]:
    """Calls per token by module and function, without what a run does once."""
    counter = CallCounter()
    counter.of(chat_events(100))  # loads modules, starts threads
    few = counter.of(chat_events(token_count))
    many = counter.of(chat_events(2 * token_count))
    sys.setprofile(None)
    threading.setprofile(None)  # type: ignore[arg-type]
    return {key: (many[key] - few[key]) / token_count for key in many}


def cpu_seconds(action: Callable[[], object], repeat: int) -> float:
    """Median CPU time of this process for one `action()`."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return statistics.median(times)


def openai_stream(body: bytes) -> Callable[[], object] | None:
    """Read `body` with the openai SDK; None where it is not installed."""
    try:
        import httpx
        import openai
    except ImportError:
        return None

    def read() -> int:
        response = httpx.Response(
            200,
            headers={"content-type": "text/event-stream"},
            content=body,
            request=httpx.Request("POST", "http://127.0.0.1/v1/chat/completions"),
        )
        transport = httpx.MockTransport(lambda _request: response)
        client = openai.OpenAI(
            api_key="unused",
            base_url="http://127.0.0.1/v1",
            http_client=httpx.Client(transport=transport),
        )
        stream = client.chat.completions.create(
            model="model-1", messages=[{"role": "user", "content": "x"}], stream=True
        )
        return sum(len(chunk.choices[0].delta.content or "") for chunk in stream)

    return read


def print_cpu(token_count: int, repeat: int) -> None:
    """Print CPU time per token of `collect`, of `json.loads` alone and of the openai SDK."""
    events = chat_events(token_count)
    bodies = [event[6:-2] for event in events[:-1]]
    body = b"".join(events)
    pieces = {
        "one event in a chunk": events,
        "chunks of 16 kB": [body[at : at + 16384] for at in range(0, len(body), 16384)],
    }
    floor = cpu_seconds(lambda: [json.loads(data) for data in bodies], repeat)
    print(f"{'CPU per token':32}{'us':>8}{'x json.loads':>14}")
    print(f"{'json.loads':32}{floor / token_count * 1e6:8.2f}{1.0:14.1f}")
    for name, chunked in pieces.items():
        seconds = cpu_seconds(lambda chunked=chunked: collect(chunks(chunked)), repeat)  # type: ignore[misc]
        label = f"collect, {name}"
        print(f"{label:32}{seconds / token_count * 1e6:8.2f}{seconds / floor:14.1f}")
    if read := openai_stream(body):
        seconds = cpu_seconds(read, repeat)
        print(f"{'openai SDK':32}{seconds / token_count * 1e6:8.2f}{seconds / floor:14.1f}")
    else:
        print("openai SDK: not installed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=2000)
    parser.add_argument("--functions", action="store_true", help="print each function as well")
    parser.add_argument("--cpu", action="store_true", help="CPU time per token beside others")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--cpu-only", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.cpu_only:
        print_cpu(arguments.tokens * 10, arguments.repeat)
        return
    calls = calls_per_token(arguments.tokens)
    modules: collections.Counter[str] = collections.Counter()
    for (module, _), count in calls.items():
        modules[module] += count  # type: ignore[assignment]
    on_path = {m: n for m, n in modules.items() if n >= CALLS_PER_TOKEN_OF_A_MODULE}
    print(f"{sum(calls.values()):.1f} calls per token in {len(on_path)} modules")
    for module, count in sorted(on_path.items(), key=lambda item: -item[1]):
        print(f"  {count:6.2f}  {module}")
        for (owner, function), times in sorted(calls.items(), key=lambda item: -item[1]):
            if arguments.functions and owner == module and times >= CALLS_PER_TOKEN_OF_A_MODULE:
                print(f"          {times:6.2f}  {function}")
    if arguments.cpu:
        # In a separate process: the profiler stays in the threads that it has counted.
        subprocess.run([sys.executable, __file__, "--cpu-only", *sys.argv[1:]], check=True)


if __name__ == "__main__":
    main()
