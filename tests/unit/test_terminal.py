"""Output of programs for a terminal: the text that it would show, and its progress bars."""

from __future__ import annotations

import io
import itertools
import random
import time
import zlib
from collections.abc import Sequence

import pytest
from feeding import partitions
from hypothesis import given, settings
from hypothesis import strategies as st

from streamwidget.decode.screen_row import ROW_CHARS
from streamwidget.decode.screen_rows import FRAME_CHARS, ROWS_COUNT
from streamwidget.decode.terminal import SEQUENCE_CHARS, Terminal
from streamwidget.events import Progress
from streamwidget.sources.bars import Bars
from unit.waiting import measured_again

Shown = tuple[str, list[tuple[float, float | None, str | None]]]


def terminal() -> Terminal[Progress]:
    numbers = itertools.count()
    return Terminal(Bars(lambda prefix: f"{prefix}{next(numbers)}"))


def results(pieces: Sequence[bytes]) -> list[bytes | Progress]:
    decoder = terminal()
    return [result for piece in pieces for result in decoder.feed(piece)] + decoder.flush()


def show(pieces: Sequence[bytes]) -> Shown:
    """The text, and the last progress of each bar."""
    all_results = results(pieces)
    bars = {bar.part_id: bar for bar in all_results if isinstance(bar, Progress)}
    text = b"".join(piece for piece in all_results if isinstance(piece, bytes))
    return (
        text.decode("utf-8", "surrogateescape"),
        [(bar.completed, bar.total, bar.message) for bar in bars.values()],
    )


def frames(*texts: str, end: str = "\n") -> str:
    return "".join(f"\r{text}" for text in texts) + end


TEXT: dict[str, str] = {
    "before\n\x1b[?1049h\x1b[Hall of it\x1b[?25h\nb\n\x1b[?1049lafter\n": "before\nafter\n",
    "before\n\x1b[?47h\x1b[1;1Hthe last state\x1b[31m\n": "before\nthe last state\n",
    "-\x1b[5b\n": "------\n",
    "ab\r\x1b[C\x1b[2b\n": "aaa\n",
    "\x1b[3bx\n": "x\n",
    "plain\ntext 45% of it\n": "plain\ntext 45% of it\n",
    "a\r\nb\r\n": "a\nb\n",
    "a\r\r\nb": "a\nb",
    "\n\n a \n": "\n\n a \n",
    "tab\tkept \n": "tab\tkept \n",
    "spin -\rspin |\rspin /\n": "spin /\n",
    "long status\rshort\n": "shortstatus\n",
    "long status\r\x1b[Kshort\n": "short\n",
    "long status\x1b[2K\rshort\n": "short\n",
    "working\r       \r": "",
    "N\bNA\bA _\bx\n": "NA x\n",
    "abc\x1b[2Gx\n": "axc\n",
    "abc\x1b[2Dx\n": "axc\n",
    "abc\x1b[3G\x1b[Pd\n": "abd\n",
    "abc\r\x1b[@x\n": "xabc\n",
    "abc\x1b[1G\x1b[Cx\n": "axc\n",
    "one\ntwo\n\x1b[2Aone\n\x1b[2Ktwo\n": "one\ntwo\n",
    "\x1b[?25lone\ntwo\n\x1b[2AONE\nTWO\n\x1b[?25hend\n": "ONE\nTWO\nend\n",
    "\x1b[?25lone\ntwo\n\x1b[2A\x1b[Jend\n\x1b[?25h": "end\n",
    "\x1b[?25lone\n\x1b[H\x1b[2Jend\n": "end\n",
    "\x1b[?25l⠼ thinking\n\x1b[?25h\r\x1b[1A\x1b[2Kend\n": "end\n",
    "\x1b7a\x1b8b\n": "b\n",
    "日本\b\bx\n": "日x\n",
    "日本\b\b\bx\n": " x本\n",
    "e\u0301x\ry\n": "yx\n",
    "\x1b[31mred\x1b[0m \x1b[38:2::1:2:3mtrue\x1b[m \x1b[38;5;1mx\x1b[39m\n": "red true x\n",
    "\x1b]8;;https://a.test\x1b\\a\x1b]8;;\x1b\\ \x1b]8;;https://b\x07b\x1b]8;;\x07\n": "a b\n",
    "\x1b]0;title\x07\x1b]52;c;c2VjcmV0\x07text\n": "text\n",
    "\x1b(B\x1b)0\x1b[?2004h\x1b[?1049hprompt\x1b=\x1b>\n": "prompt\n",
    "\x1bP1$r0m\x1b\\a\x1b_Gi=1;AAAA\x1b\\b\x9b31mc\x9d0;t\x9cd\n": "abcd\n",
    "a\x07\x00\x0e\x0f\x7fb\x1b\n": "ab\n",
    "\x1b]0;never ended\nnext\n": "\nnext\n",
    "\x1b[12\nnext\n": "\nnext\n",
    "end\x1b[3": "end",
    "end\x1b]0;tit": "end",
    '{"type": "text", "text": "\u2028\u0085"}\n': '{"type": "text", "text": "\u2028\u0085"}\n',
    "\x1e{}\n": "\x1e{}\n",
    "\ufeffa\n": "\ufeffa\n",
    f"\x1b[{'1' * SEQUENCE_CHARS}Aa\n": "a\n",
    "x" * (ROW_CHARS + 1) + "\rab\n": "x" * (ROW_CHARS + 1) + "\nab\n",
    "a\n" * 100 + "\x1b[200Ab\n": "a\n" * (101 - ROWS_COUNT) + "b\n" + "a\n" * (ROWS_COUNT - 2),
    "a: 1\nb: 1\n\x1b[2Aa: 2\nb: 2\n": "a: 2\nb: 2\n",
    "log\na: 1\nb: 1\n\x1b[2F\x1b[Ka: 2\n\x1b[Kb\n": "log\na: 2\nb\n",
    "a\r\nb\r\n\x1b[2A\x1b[J": "",
    "a\nb\n\x1bM\x1bMc\nd\n": "c\nd\n",
    "\x1b7a\nb\n\x1b8c\nd\n": "c\nd\n",
    "\x1b[H\x1b[2Jone\ntwo\n\x1b[H\x1b[2Jthree\n": "three\n",
    "\x1b[2J\x1b[Hone\ntwo\n\x1b[2J\x1b[Hthree\n": "three\n",
    "log\n\x1b[H\x1b[2Jone\n\x1b[H\x1b[2Jtwo\n": "log\ntwo\n",
    "log\n\x1b[2J\x1b[Hone\n\x1b[2J\x1b[Htwo\n": "log\ntwo\n",
    "log\n\x1bcone\n\x1bctwo\n": "log\ntwo\n",
}


@pytest.mark.parametrize("given", TEXT, ids=lambda text: repr(text)[:60])
def test_text_is_what_a_terminal_shows_wherever_the_bytes_were_cut(given: str) -> None:
    for pieces in partitions(given.encode()):
        assert show(pieces) == (TEXT[given], [])


def shards(*states: tuple[int, int]) -> str:
    """Two bars of tqdm, one below the other, as `position=` draws them."""
    out = ""
    for first, second in states:
        out += f"\rmodel-1: {first:3}%|#  | {first}/100 [00:01<00:02, 9B/s]"
        out += f"\n\rmodel-2: {second:3}%|#  | {second}/100 [00:01<00:02, 9B/s]\x1b[A"
    return out


BARS: dict[str, tuple[str, str, list[tuple[float, float | None, str | None]]]] = {
    "tqdm": (frames("  0%|  | 0/10", " 50%|# | 5/10 [0:1<0:1, 5it/s]"), "", [(5, 10, None)]),
    "any percentage": (frames(" 45%", " 46%") + "end", "end", [(46, 100, None)]),
    "a bar that is cleared": (
        "\rGet: 45% (1 MB)\r    \rdone\n",
        "done\n",
        [(45, 100, "Get")],
    ),
    "a text drawn over a bar": ("\r 45%|###   | 45/100 [0:1]\rdone\n", "done\n", [(45, 100, None)]),
    "a count without a percentage or a bar": ("\r1.5k/3k\r", "1.5k/3k", []),
    "scaled": (frames(" 50%|# | 1.50k/3.00k [0:1<0:1, 2.00kB/s]"), "", [(1500, 3000, None)]),
    "without a total": (frames("45it [00:01, 30.1it/s]"), "", [(45, None, None)]),
    "too many digits": (frames("45it [9" + "9" * 400), "45it [9" + "9" * 400 + "\n", []),
    "one after the other": (
        frames("100%|##| 2/2 [0]") + frames(" 50%|# | 1/2 [0]"),
        "",
        [(2, 2, None), (1, 2, None)],
    ),
    "a text before it": ("Load: \r 99%\nx", "x", [(99, 100, None)]),
    "not ASCII": (frames("époque: 50%|█▌ | 1/2 [0]") + "日", "日", [(1, 2, "époque")]),
    "epochs": (
        frames("epoch 1: 50%|# | 1/2 [0]", "epoch 2, loss 0.3: 50%|# | 1/2 [0]"),
        "",
        [(1, 2, "epoch 2, loss 0.3")],
    ),
    "metrics behind a bar": (
        frames(" 50%|##| 1/2 [0:1]{'loss': 0.5}") + frames("100%|##| 2/2 [0:1]"),
        "{'loss': 0.5}\n",
        [(2, 2, None)],
    ),
    "metrics between bars": (
        "\r 10%|# | 1/10 [0:1]\r                  \rloss 0.5\n\r 20%|# | 2/10 [0:1]\n"
        "WARNING: x\n\r 30%|# | 3/10 [0:1]\n",
        "loss 0.5\nWARNING: x\n",
        [(3, 10, None)],
    ),
    "parallel, below each other": (
        shards((10, 5), (20, 10), (100, 50)) + "\n\n",
        "",
        [(100, 100, "model-1"), (50, 100, "model-2")],
    ),
    "parallel, the first ends before the second": (
        shards((10, 5), (100, 50))
        + "\rmodel-1: 100%|###| 100/100 [00:01<00:00, 9B/s]\n"
        + "\rmodel-2: 100%|###| 100/100 [00:01<00:00, 9B/s]\n",
        "",
        [(100, 100, "model-1"), (100, 100, "model-2")],
    ),
    "parallel, drawn again in another row": (
        shards((10, 5), (20, 50)) + "\n\n\rmodel-2: 90%|## | 90/100 [0:1]\x1b[A",
        "",
        [(20, 100, "model-1"), (90, 100, "model-2")],
    ),
    "parallel, with the same label": (
        "\rget:  0%| | 0/3 [0]\n\rget:  0%| | 0/3 [0]\x1b[A\rget: 33%| | 1/3 [0]",
        "",
        [(1, 3, "get"), (0, 3, "get")],
    ),
    "nested without labels": (
        "\r  0%| | 0/3 [0]\n\r  0%| | 0/3 [0]\x1b[A\n\r 33%| | 1/3 [0]\x1b[A",
        "",
        [(0, 3, None), (1, 3, None)],
    ),
    "curl -#": (frames("##    10.0%", "#####   50.0%", "######## 100.0%"), "", [(100, 100, None)]),
    "rsync": (
        frames(
            "          0   0%    0.00kB/s    0:00:00", "     32,768  78%    1.20MB/s    0:00:03"
        ),
        "",
        [(78, 100, None)],
    ),
    "wget": (
        frames("f.zip   0%[>    ] 0  --.-K/s", "f.zip  40%[==>  ] 40.0K 1.2MB/s  eta 9s "),
        "",
        [(40, 100, "f.zip")],
    ),
    "git": (
        "Receiving objects:   0% (0/3)\rReceiving objects:  33% (1/3)\r"
        "Receiving objects: 100% (3/3), 1.2 MiB | 9 MiB/s, done.\nResolving\n",
        "Resolving\n",
        [(100, 100, "Receiving objects")],
    ),
    "pip": (
        "\x1b[?25l     \x1b[32m━━━\x1b[0m\x1b[31m╸━━━\x1b[0m \x1b[32m1.2/2.4 MB\x1b[0m "
        "\x1b[31m9 MB/s\x1b[0m eta 0:00:01"
        "\r\x1b[2K     \x1b[32m━━━━━━━\x1b[0m \x1b[32m2.4/2.4 MB\x1b[0m\n\x1b[?25hdone\n",
        "done\n",
        [(2.4e6, 2.4e6, None)],
    ),
    "Keras": (
        "Epoch 1/2\n 1/10 \x1b[32m━\x1b[0m\x1b[37m━━━\x1b[0m 9s - loss: 0.1"
        + "\b" * 40
        + "\r10/10 \x1b[32m━━━━\x1b[0m 0s - loss: 0.1\nEpoch 2/2\n",
        "Epoch 1/2\nEpoch 2/2\n",
        [(10, 10, None)],
    ),
    "docker": (
        "a1: Downloading [=>    ] 512kB/2MB\nb2: Waiting\n\x1b[2A\x1b[2K\r"
        "a1: Downloading [====> ]  1MB/2MB\x1b[2B",
        "b2: Waiting\n",
        [(1e6, 2e6, "a1: Downloading")],
    ),
    "rich": (
        "\x1b[?25lA ━━╸━━━  40% 0:00:02\nB ╺━━━   10% 0:00:09"
        "\r\x1b[2K\x1b[1A\x1b[2KA ━━━━━━ 100% 0:00:00\nB ━━╺━━   50% 0:00:05\n\x1b[?25h",
        "",
        [(50, 100, "B"), (100, 100, "A")],
    ),
    "alive-progress": (
        frames("job |███▌    | 45/100 [45%] in 1.2s (30.1/s)"),
        "",
        [(45, 100, "job")],
    ),
    "ninja": (frames("[1/9] CC a.o", "[9/9] LINK a"), "", [(9, 9, "LINK a")]),
    "ninja without a terminal": (
        "[1/9] CC a.o\n[9/9] LINK a\n",
        "[1/9] CC a.o\n[9/9] LINK a\n",
        [],
    ),
    "cmake": ("[ 12%] Building C a.o\n", "[ 12%] Building C a.o\n", []),
    "cargo": (
        frames("    Building [=>      ] 1/9: a", "    Building [=====>  ] 8/9: b(bin)"),
        "",
        [(8, 9, "Building")],
    ),
    "ollama": (
        frames("pulling a...  10% ▕█   ▏ 10 MB/100 MB", "pulling a...  50% ▕██  ▏ 50 MB/100 MB"),
        "",
        [(50e6, 100e6, "pulling a")],
    ),
    "apt": (
        "Reading database ... 5%\rReading database ... 100%\rReading database ... done\n",
        "Reading database ... done\n",
        [(100, 100, "Reading database")],
    ),
}


@pytest.mark.parametrize("name", BARS)
def test_bars_are_taken_out_wherever_the_bytes_were_cut(name: str) -> None:
    given, text, bars = BARS[name]
    for pieces in partitions(given.encode()):
        assert show(pieces) == (text, bars), pieces


TOKENS = [
    *[
        "a",
        "45%",
        "label ",
        "\r",
        "\n",
        "\b",
        "\t",
        "日",
        "e\u0301",
        "\ufeff",
        "\x1b",
        "[",
        "]0;",
        "\x07",
    ],
    *[
        "\x1b[A",
        "\x1b[2B",
        "\x1b[3C",
        "\x1b[2D",
        "\x1b[5G",
        "\x1b[H",
        "\x1b[K",
        "\x1b[1K",
        "\x1b[2K",
    ],
    *["\x1b[J", "\x1b[1J", "\x1b[2J", "\x1b[2P", "\x1b[3@", "\x1b[2X", "\x1b[?25l", "\x1b[?25h"],
    *["\x1b[31m", "\x1bM", "\x1b7", "\x1b8", "\x1bc", "\x1b\\", "\x9b", "\x9d", "\0"],
    *["50%|# | 1/2 [0:1]", " 12/34 [0:1, 2it/s]", "x" * FRAME_CHARS, "x" * ROW_CHARS],
    *["\x1b[" + "1" * SEQUENCE_CHARS, "\n" * ROWS_COUNT],
]
OUTPUT = st.lists(st.sampled_from(TOKENS).map(str.encode) | st.binary(max_size=4), max_size=20).map(
    b"".join
)


@settings(max_examples=300)
@given(OUTPUT, st.lists(st.integers(0, 10**6), max_size=6))
def test_any_cut_gives_the_same_and_never_a_control_character(
    output: bytes, places: list[int]
) -> None:
    ends = sorted({place % (len(output) + 1) for place in places} | {0, len(output)})
    whole = show([output])
    assert show([output[a:b] for a, b in itertools.pairwise(ends)]) == whole
    assert not set(whole[0]) & set(map(chr, [*range(9), 11, 12, 13, *range(14, 30), 31, 127, 0x9B]))


@settings(max_examples=100)
@given(st.text(st.characters(blacklist_categories=["Cc", "Cs"]) | st.just("\n")))
def test_text_without_control_characters_is_unchanged(text: str) -> None:
    assert show([text.encode()]) == (text, [])


def test_bytes_that_are_not_utf8_pass_unchanged() -> None:
    data = b"\xff\xfea\xe6\x97\n\x80\n"
    for pieces in partitions(data):
        assert b"".join(piece for piece in results(pieces) if isinstance(piece, bytes)) == data


def test_a_binary_event_stream_passes_unchanged() -> None:
    data = bytes.fromhex("0000002000000010bd2fbd8d") + b"\r\x1b\x08"
    data = data[:8] + zlib.crc32(data[:8]).to_bytes(4, "big") + data[12:]
    for pieces in partitions(data):
        assert b"".join(piece for piece in results(pieces) if isinstance(piece, bytes)) == data


def test_tqdm_with_text_between_its_bars() -> None:
    tqdm = pytest.importorskip("tqdm").tqdm
    file = io.StringIO()
    for epoch in range(2):
        outer = tqdm(total=50, file=file, mininterval=0, ncols=80, desc=f"epoch {epoch}")
        inner = tqdm(total=50, file=file, mininterval=0, ncols=80, position=1, leave=False)
        for n in range(50):
            outer.update()
            inner.update()
            if n % 10 == 0:
                tqdm.write(f"loss {epoch} {n}", file=file)
        inner.close()
        outer.close()
    text, bars = show([file.getvalue().encode()])
    expected = [f"loss {epoch} {n}" for epoch in range(2) for n in range(0, 50, 10)]
    assert [line for line in text.splitlines() if line] == expected
    assert bars[0] == (50, 50, "epoch 0")
    assert (50, 50, "epoch 1") in bars
    assert len(bars) <= 4


# --- a reader who waits


def test_settle_gives_text_that_has_no_line_end_yet() -> None:
    decoder = terminal()
    assert [*decoder.feed(b"one\ntwo"), *decoder.pause()] == [b"one\n"]
    assert decoder.is_holding
    assert decoder.settle() == [b"two"]
    assert decoder.feed(b" three") == [b" three"]
    assert [*decoder.feed(b"\n"), *decoder.pause()] == [b"\n"]
    assert decoder.flush() == []


def test_a_pause_gives_the_whole_lines_and_they_stay_as_they_are_redrawn() -> None:
    decoder = terminal()
    assert decoder.feed(b"a: 1\nb: 1\n") == []
    assert decoder.pause() == [b"a: 1\nb: 1\n"]
    assert decoder.pause() == []
    assert decoder.feed(b"\x1b[2Aa: 2\nb: 2\n") == decoder.pause() == []
    assert decoder.flush() == [b"a: 2\nb: 2\n"]


def test_text_above_a_bar_comes_before_it() -> None:
    text, bar = results([b"Epoch 1\n\r 10%|#| 1/10 [0:1]\r 20%|#| 2/10 [0:1]"])[:2]
    assert text == b"Epoch 1\n"
    assert isinstance(bar, Progress)


def test_settle_holds_back_what_may_be_a_bar() -> None:
    decoder = terminal()
    assert decoder.feed(b"Receiving:  10% (1/10)") == decoder.settle() == []
    assert decoder.feed(b"\rReceiving:  20% (2/10)\r") != []
    assert decoder.settle() == []
    assert not any(isinstance(result, bytes) for result in decoder.flush())


def test_what_is_redrawn_after_settle_stays_as_a_line_besides_its_last_state() -> None:
    decoder = terminal()
    decoder.feed(b"working")
    assert decoder.settle() == [b"working"]
    assert [*decoder.feed(b"\rdone   \nend\n"), *decoder.pause()] == [b"\ndone\nend\n"]


# --- time and memory

UNENDING = {
    "a control sequence": b"\x1b[" + b"1" * 1_000_000,
    "a title": b"\x1b]0;" + b"x" * 1_000_000,
    "titles": b"\x1b]0;" * 200_000,
    "C1 strings": b"\xc2\x90" * 200_000 + b"\n",
    "intermediate characters": b"\x1b" + b" " * 1_000_000,
    "carriage returns": b"\r" * 2_000_000,
    "carriage returns in text": b"a\r" * 200_000,
    "backspaces": b"x" * 1000 + b"\b" * 1_000_000,
    "a line": b"x" * 2_000_000,
    "line ends": b"\n" * 1_000_000,
    "bars": b"\r 45%|###| 45/100 [00:01<00:02, 9it/s]" * 20_000,
    "moves": b"\x1b[A\x1b[B" * 50_000,
    "a redrawn screen": b"x\n" * 60 + b"\x1b[99Ay\x1b[99B\n" * 10_000,
    "accents": "\u0301".encode() * 200_000 + b"\rx",
    "digits": b"\r" + b"9" * 1_000_000,
    "wide characters": ("日" * 100 + "\r").encode() * 2_000,
}


@pytest.mark.parametrize("name", UNENDING)
@measured_again
def test_time_grows_no_faster_than_the_output(name: str) -> None:
    data = UNENDING[name]

    def cost(size: int) -> float:
        pieces = [data[at : min(at + 4096, size)] for at in range(0, size, 4096)]
        best = float("inf")
        for _ in range(3):
            started = time.process_time()
            results(pieces)
            best = min(best, time.process_time() - started)
        return best

    whole, part = cost(len(data)), cost(len(data) // 8)
    assert whole < 8 * 3 * part + 0.05
    assert whole < 6.0


def test_memory_is_bounded() -> None:
    random.seed(1)
    decoder = terminal()
    for _ in range(200):
        decoder.feed("".join(random.choices(TOKENS, k=50)).encode())
    screen = decoder._screen
    assert len(screen._rows) <= ROWS_COUNT
    assert all(len(row) <= ROW_CHARS + FRAME_CHARS for row in screen._rows)
    assert len(decoder._unfinished) <= SEQUENCE_CHARS
