r"""Regular expressions with possessive repeats of groups, such as ``(?:[^"\\]|\\.)*+``.

CPython before 3.11.5 matches them wrongly when the group can backtrack: it may report a match that
ends before it begins (https://github.com/python/cpython/issues/106052). Possessive repeats of one
character or class are right there, and so are atomic groups. There `compile_pattern` compiles what
the later versions make of such a repeat: an ordinary one in an atomic group.
"""

import re
import sys
from typing import AnyStr

_IS_RIGHT = sys.version_info >= (3, 11, 5)
_TOKEN = r"""
    (?P<comment>\(\?\#[^)]*\))
    |(?P<open>\((?:\?(?P<set>[a-zA-Z]*)(?:-(?P<unset>[a-zA-Z]+))?(?P<flags>[:)]))?)
    |(?P<close>\))
    |(?P<class>\[\^?\]?(?:[^\]\\]|\\.)*\])
    |(?P<reference>\\[1-9][0-9]?)
    |(?P<escape>\\.)
    |(?P<repeat>(?:[*+?]|\{(?:[0-9]+(?:,[0-9]*)?|,[0-9]*)\})(?:(?P<possessive>\+)|\??))
    |(?P<character>.)
    """
_IGNORED = r"[ \t\n\r\v\f]+|\#[^\n]*"


def compile_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """``re.compile``, with possessive repeats of groups matched rightly on every Python.

    On a Python that does not, the result's ``pattern`` is the rewritten one.

    Raises:
        re.error: the pattern is not valid.
    """
    return re.compile(pattern if _IS_RIGHT else with_atomic_groups(pattern, flags), flags)


def with_atomic_groups(pattern: AnyStr, flags: int = 0) -> AnyStr:
    """The pattern with each ``(…)*+`` as ``(?>(…)*)``; likewise for ``++``, ``?+``, ``{m,n}+``.

    Both match the same, and the groups keep their numbers. A repeated reference to a group, as in
    ``\\1*+``, counts as a group.

    Args:
        pattern: a valid regular expression for `re`.
        flags: those with which it is compiled; ``re.VERBOSE`` changes what is skipped.
    """
    if isinstance(pattern, bytes):
        return _rewritten(pattern.decode("latin-1"), flags).encode("latin-1")
    return _rewritten(pattern, flags)


def _rewritten(pattern: str, flags: int) -> str:
    pieces: list[str] = []
    opened: list[tuple[int, bool]] = []  # for each open group: its piece; verbose before it
    group: int | None = None  # the first piece of the group that a repeat here would repeat
    verbose = bool(flags & re.VERBOSE)
    token_at, ignored_at = re.compile(_TOKEN, re.VERBOSE | re.DOTALL), re.compile(_IGNORED)
    offset = 0
    while offset < len(pattern):
        if verbose and (ignored := ignored_at.match(pattern, offset)):
            pieces.append(ignored[0])
            offset = ignored.end()
            continue
        token = token_at.match(pattern, offset)
        if token is None:  # not a valid pattern: `re` says why
            return pattern
        offset = token.end()
        piece = token[0]
        match token.lastgroup:
            case "open":
                if token["flags"] != ")":  # not (?x), which holds for the entire pattern
                    opened.append((len(pieces), verbose))
                if token["flags"]:
                    verbose = (verbose or "x" in token["set"]) and "x" not in (token["unset"] or "")
                group = None
            case "close":
                if not opened:
                    return pattern
                group, verbose = opened.pop()
            case "reference":
                group = len(pieces)
            case "repeat":
                if group is not None and token["possessive"]:
                    pieces[group] = "(?>" + pieces[group]
                    piece = piece[:-1] + ")"
                group = None
            case "comment":
                pass
            case _:
                group = None
        pieces.append(piece)
    return "".join(pieces)
