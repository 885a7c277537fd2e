"""Logs: entries of programs that write the time in different ways."""

import pytest

from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.trees import check

TRACE = "Traceback (most recent call last):\n  File x, line 1\n\nValueError: n. too large\n"


@pytest.mark.parametrize(
    "line",
    [
        "2024-03-02T10:01:{:02}Z INFO a",
        "[2024-03-02 10:01:{:02},123] ERROR a",
        "INFO:root:2024/03/02 10:01:{:02} a",
        "Mar  2 10:01:{:02} host sshd[12]: a",
        "127.0.0.1 - ada [02/Mar/2024:10:01:{:02} +0100] a",
        "Sat Mar 02 10:01:{:02} 2024: a",
        "02-Mar-2024 10:01:{:02}.123 SEVERE [main] a",
        "I0302 10:01:{:02}.123456   12 a.go:7] a",
        "10:01:{:02}.123 [main] DEBUG a",
        "<34>1 2003-10-11T22:14:{:02}.003Z host a",
        "time=2024-03-02T10:01:{:02}Z level=info msg=a",
        "17093460{:02}.123 a",
        "[  12.3456{:02}] a",
        "02.03.2024 10:01:{:02} a",
        "20240302 1001{:02} a",
    ],
)
def test_an_entry_has_the_lines_after_it(line: str) -> None:
    entries = [line.format(n) + "\n" + (TRACE if n % 3 == 1 else "") for n in range(9)]
    text = "started\n" + "".join(entries)
    blocks = parse_blocks(text, "log")
    check(blocks, text)
    assert [text[block.start : block.end] for block in blocks] == entries
    assert all(block.atomic and block.kind == "record" for block in blocks)


def test_json_lines_are_entries() -> None:
    text = '{"ts": 1}\n{"ts": 2}\n  at f\n{"ts": 3}\n'
    blocks = parse_blocks(text, "log")
    assert [text[block.start : block.end] for block in blocks] == [
        *('{"ts": 1}\n', '{"ts": 2}\n  at f\n', '{"ts": 3}\n')
    ]


def test_a_time_far_to_the_right_starts_no_entry() -> None:
    entry = "2024-03-02 10:01:02 a\nDetails which were noted, as usual, at 2024-03-02 10:01:01.\n"
    assert len(parse_blocks(entry * 5, "log")) == 5


def test_after_an_empty_line_a_cut_is_better() -> None:
    text = "10:01:02 a\n10:01:03 b\n\n10:01:04 c\n"
    assert [block.strength.name for block in parse_blocks(text, "log")] == [
        *("PARAGRAPH", "SENTENCE", "PARAGRAPH")
    ]


@pytest.mark.parametrize("text", ["", "\n", "compiling a\n", "a 1\n" * 50 + "10:01:02\n"])
def test_a_log_without_times_is_text(text: str) -> None:
    assert parse_blocks(text, "log") == ()
