"""The syntax tree of a text, by a parser that is stopped where it takes out of proportion."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node

# A tree-sitter parser takes more than linear time and memory on some texts that are not code (12 kB
# of "->#" as Go: 13 s; 400 kB of "a<" as C++: 1 GB). It reports its progress every 100 steps: some
# 5 times for 1,000 bytes of code, and at most 25 times in 125 MB of it. Counted are steps rather
# than seconds, so that the same text has the same blocks on every machine. What a long comment
# saves is not for the code after it: the budget is never above the first number.
_REPORTS, _REPORTS_PER_BYTE = 500, 0.04
_SECONDS, _SECONDS_PER_BYTE = 0.5, 4e-6  # 20 times what code needs, since steps differ

_READ = 1 << 16  # bytes passed to the parser at once


def syntax_tree(data: bytes, language: "Language") -> "Node":
    """The root of the syntax tree of a text in UTF-8.

    Raises:
        ValueError: the parser failed, or took too many steps or too long.
    """
    from tree_sitter import Parser

    guard = _Guard(data)
    try:
        tree = Parser(language).parse(
            lambda start, _: data[start : start + _READ], progress_callback=guard.is_too_much
        )
    except Exception as error:  # ValueError if stopped, or whatever a grammar raises
        raise ValueError(guard.reason or str(error)) from error
    if tree is None:
        raise ValueError(guard.reason)
    return tree.root_node


class _Guard:
    """Stops the parser where a text takes out of proportion.

    Attributes:
        reason: why it was stopped; "" if it was not.
    """

    def __init__(self, data: bytes) -> None:
        self.reason = ""
        self._reports: float = _REPORTS
        self._furthest, self._end = 0, len(data.rstrip(b" \t\r\n\f")) - 1
        self._until = time.thread_time() + _SECONDS + _SECONDS_PER_BYTE * len(data)

    def is_too_much(self, offset: int, has_error: bool) -> bool:
        """What the parser asks every 100 steps, with the byte that it has come to."""
        if offset > self._furthest:
            more = _REPORTS_PER_BYTE * (offset - self._furthest)
            self._reports = min(_REPORTS, self._reports + more)
            self._furthest = offset
            if offset >= self._end:  # balancing the tree is next, and counted too
                self._reports += _REPORTS_PER_BYTE * offset
        self._reports -= 1
        if self._reports < 0:
            self.reason = "it takes too many steps"
        elif time.thread_time() > self._until:
            self.reason = "it takes too long"
        return bool(self.reason)
