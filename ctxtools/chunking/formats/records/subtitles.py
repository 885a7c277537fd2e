"""Subtitles, SubRip (SRT) and WebVTT: a cue is its number, its time and its lines.

A cut between two cues is good where the first ends a sentence, and better where a pause follows.
"""

import re

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed
from ctxtools.chunking.formats import USE_TEXT
from ctxtools.chunking.formats.lines import Lines, lines_of, without_mark
from ctxtools.errors import FormatError
from ctxtools.possessive import compile_pattern

_PAUSE = 3.0  # seconds after which something else may begin

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d{1,3})?)"
_TIMING = re.compile(rf"\s*+{_TIME}\s*+-->\s*+{_TIME}(?:\s|\Z)")
_ENDS_SENTENCE = compile_pattern(r"[.!?…。！？][\"'”’»)\]♪ ]*+(?:</?\w++>)*+\Z")


def parse(text: str, format: str = "srt") -> Parsed:
    """The cues, after what is known of the whole (WebVTT).

    Raises:
        FormatError: there is no cue.
    """
    lines = lines_of(text, without_mark(text))
    timings = [(i, found) for i, line in enumerate(lines.texts) if (found := _timing(line))]
    if not timings:
        name = "WebVTT" if format == "vtt" else "SubRip"
        raise FormatError(f"not {name}: no line has times", hint=USE_TEXT)
    starts = [_cue_start(lines, i) for i, _ in timings]
    ends = [*starts[1:], len(lines.texts)]
    blocks: list[Block] = []
    if lines.last_filled(0, starts[0]):
        head = lines.starts[lines.last_filled(0, starts[0])]
        blocks.append(Block(lines.starts[0], head, "metadata", atomic=True))
    spoken, stopped = "", 0.0  # the last line of the cue before, and when it ended
    for first, last, (i, timing) in zip(starts, ends, timings, strict=True):
        begins, stops = _seconds(timing, 1), _seconds(timing, 4)
        strength = Strength.LINE
        if _ENDS_SENTENCE.search(spoken[-40:]):
            strength = Strength.SENTENCE_LINE
        if begins - stopped >= _PAUSE or not spoken:
            strength = Strength.PARAGRAPH
        end, stop = lines.last_filled(i + 1, last), last
        if format == "vtt":  # an empty line ends a cue
            end = _cue_end(lines, i + 1, last)
            stop = lines.next_filled(end, last)
        blocks.append(
            Block(lines.starts[first], lines.starts[stop], "record", strength, atomic=True)
        )
        if stop < last:
            blocks.append(Block(lines.starts[stop], lines.starts[last], "comment", atomic=True))
        spoken, stopped = lines.texts[end - 1] if end > i + 1 else "", stops
    return Parsed(tuple(blocks))


def _timing(line: str) -> re.Match[str] | None:
    return _TIMING.match(line) if "-->" in line else None


def _cue_start(lines: Lines, i: int) -> int:
    """The line with the number or name of the cue whose times are on line ``i``."""
    texts = lines.texts
    if not i or not texts[i - 1] or _timing(texts[i - 1]):
        return i
    is_number = texts[i - 1].strip().lstrip("\ufeff").isdigit()
    return i - 1 if is_number or i == 1 or not texts[i - 2] else i


def _cue_end(lines: Lines, i: int, last: int) -> int:
    """The line after a cue of WebVTT, which an empty line ends."""
    while i < last and lines.texts[i]:
        i += 1
    return i


def _seconds(timing: re.Match[str], group: int) -> float:
    hours, minutes, seconds = timing.group(group, group + 1, group + 2)
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
