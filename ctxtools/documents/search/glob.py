r"""Patterns of paths as git reads them, matched in time that no pattern can make explode.

The meaning is that of git's `wildmatch.c` with the rules of `dir.c` around it (gitignore(5); git
2.47), quirks included:

- Without a slash, except one at the end, a pattern is matched with a name; with one, with the path
  from the folder that the pattern is written for.
- ``*`` is anything but a slash, ``?`` any character but that, ``[a-z]``, ``[!a]``, ``[^a]`` and
  ``[[:alpha:]]`` one of a set, and never a slash; ``\`` takes the next character literally.
- ``**/`` is any folders or none, ``/**`` at the end everything below. Elsewhere ``**`` is ``*``;
  but right after a literal start it is ``**`` too: ``a**/b`` matches ``ab`` and ``ac/d/b``.
- What is not valid (an open bracket, an unknown class, a backslash at the end) matches nothing.

What a character is, the caller decides: to git it is a byte (`as_bytes`).

**Time.** At most as many steps as the pattern and the path have characters, multiplied. A regular
expression that goes back takes exponentially many for ``*a*a*a*a…b``. Here a pattern has, between
its stars, pieces of a fixed length, and the leftmost match of each is enough:

- After ``*``: what follows the piece is a star too, which can take what is between the leftmost
  match and a later one, for both are in one name: the star before the piece passed no slash. A
  piece with a slash in it, or with the end of the path, fits at one position only.
- After ``**``, for all pieces up to the next ``**`` together: these have a fixed number of slashes,
  so that where they start says where they end; and the next ``**`` can take what is between.

So each piece, and all between two ``**``, is an atomic group: no match is ever reconsidered.
"""

import os
import re
import sys
from collections.abc import Iterator

from ctxtools.documents.search.steps import Steps

_SPECIAL = re.compile(r"[*?\[\\]")
_SPECIAL_ENDS = "*?[]\\"  # what is after the last of these is literal

# Steps: see there.
_READING = 125  # a character of a pattern with wildcards
_COMPILING = 20_000, 500  # a regular expression, and each of its characters

# Of ASCII, as in git: \v and \f are no spaces to it.
_CLASSES = {
    "alnum": ("09", "AZ", "az"),
    "alpha": ("AZ", "az"),
    "blank": ("\t\t", "  "),
    "cntrl": ("\0\x1f", "\x7f\x7f"),
    "digit": ("09",),
    "graph": ("!~",),
    "lower": ("az",),
    "print": (" ~",),
    "punct": ("!/", ":@", "[`", "{~"),
    "space": ("\t\n", "\r\r", "  "),
    "upper": ("AZ",),
    "xdigit": ("09", "AF", "af"),
}


def as_bytes(path: str) -> str:
    """A path with a character for each of its bytes, which is what git matches."""
    return path if path.isascii() else os.fsencode(path).decode("latin-1")


def without_spaces_at_end(line: str) -> str:
    """A pattern from a line, whose end may have spaces; one after a backslash belongs to it."""
    shorter = line.rstrip(" ")
    backslashes = len(shorter) - len(shorter.rstrip("\\"))
    return line[: len(shorter) + 1] if backslashes % 2 else shorter


class Glob:
    """One pattern.

    Args:
        pattern: as on a line of a `.gitignore`, without spaces at its end.

    Attributes:
        negated: it starts with ``!``.
        folders_only: it ends with a slash.
        by_name: it is matched with a name, rather than with a path.
        prefix, suffix, part: what everything that it matches starts with, ends with, and has
            between these.
        is_literal: it matches nothing but its prefix.
        is_simple: its literal parts tell what it matches.
        wildcards: how many it has.
    """

    __slots__ = (
        "_body", "_expression", "_minimum", "_source",
        "by_name", "folders_only", "is_literal", "is_simple", "negated", "part", "prefix",
        "suffix",
        "wildcards",
    )  # fmt: skip

    def __init__(self, pattern: str) -> None:
        self.negated = pattern.startswith("!")
        body = pattern[1:] if self.negated else pattern
        self.folders_only = body.endswith("/")
        body = body.removesuffix("/")
        self.by_name = "/" not in body
        body = body.removeprefix("/")
        if body.startswith("**/") and "/" not in body[3:]:
            self.by_name, body = True, body[3:]  # a name in any folder
        if "***" in body:
            body = re.sub(r"\*{3,}", "**", body)
        self._body = body
        # Made when it is first needed, which for most patterns it never is.
        self._source: str | None = None
        self._expression: re.Pattern[str] | None = None
        self.part = ""  # something else that is in everything that it matches
        self.wildcards = 0
        special = _SPECIAL.search(body)
        self.is_literal = special is None
        self.prefix = body[: special.start()] if special else body
        self.suffix = body[max(map(body.rfind, _SPECIAL_ENDS)) + 1 :] if special else ""
        inner = body[len(self.prefix) : len(body) - len(self.suffix)]
        pieces = [] if "[" in inner or "\\" in inner else inner.replace("?", "*").split("*")
        if not self.by_name:  # "**/" may be nothing
            self.suffix = self.suffix.lstrip("/")
            pieces = [piece.lstrip("/") for piece in pieces]
        self.part = max(pieces, key=len, default="")
        self.is_simple = self.by_name and inner.strip("*") == self.part and "?" not in inner
        self.wildcards = sum(map(inner.count, "*?["))
        self._minimum = len(self.prefix) + len(self.suffix)

    def check(self) -> None:
        """Find out what it means, if not done yet.

        Raises:
            ValueError: it is not valid, and matches nothing.
        """
        if not self._body:
            raise ValueError("it names nothing")
        if self._source is None and not self.is_simple:
            self._source, self._minimum = _translate(self._body, len(self.prefix), self.by_name)

    def matches(self, path: str, is_directory: bool, steps: Steps) -> bool:
        """Whether it matches a path itself.

        Raises:
            UsageError: it takes too many steps.
        """
        if self.folders_only and not is_directory:
            return False
        text = path[path.rfind("/") + 1 :] if self.by_name else path
        return self.may_match(text) and (self.is_simple or self.fits(text, steps))

    def may_match(self, text: str) -> bool:
        """Whether it can match a name or a path (see ``by_name``); if it ``is_simple``, it does."""
        prefix, suffix = self.prefix, self.suffix
        if self.is_literal:
            return text == prefix != ""
        return (
            len(text) >= self._minimum
            and text.startswith(prefix)
            and text.endswith(suffix)
            and text.find(self.part, len(prefix), len(text) - len(suffix)) >= 0
        )

    def fits(self, text: str, steps: Steps) -> bool:
        """Whether it matches what it may match.

        Raises:
            UsageError: it takes too many steps.
        """
        if self._expression is None:
            steps.take(_READING * len(self._body))
            try:
                self.check()
            except ValueError:
                self._minimum = sys.maxsize
            if self._source is None or len(text) < self._minimum:
                return False
            steps.take(_COMPILING[0] + _COMPILING[1] * len(self._source))
            self._expression = re.compile(self._source, re.DOTALL)
        steps.take(len(text) * self.wildcards)
        return self._expression.match(text) is not None


_STAR = "(?>[^/]*?"
_DEEP = "(?>(?:.*?/)??"  # "**/"
_ANY = "(?>.*?"


def _translate(body: str, start: int, by_name: bool) -> tuple[str, int]:
    """A regular expression for a match of the whole text, and the minimum length of that.

    Args:
        body: the pattern.
        start: where its first special character is.
        by_name: it is matched with a name, where ``**`` is ``*``.

    Raises:
        ValueError: it is not valid.
    """
    parts: list[str] = []
    minimum = 0
    closing = ""  # of the groups that are open: one after "**", and in it one after "*"
    last = ""
    for token, length in _tokens(body, start, by_name):
        minimum += length
        if token == _STAR:
            if closing.endswith("*"):
                parts.append(")")
            else:
                closing += "*"
        elif token in (_DEEP, _ANY):
            if token == last == _DEEP:  # in a row they mean the same
                continue
            parts.append(")" * len(closing))
            closing = "/"
        parts.append(token)
        last = token
    return "".join((*parts, r"\Z", ")" * len(closing))), minimum


def _tokens(body: str, start: int, by_name: bool) -> Iterator[tuple[str, int]]:
    """The parts of a regular expression, and how many characters each matches at least."""
    position = 0
    while position < len(body):
        character = body[position]
        if character == "*":
            end = position
            while body[end : end + 1] == "*":
                end += 1
            if (
                not by_name
                and end - position > 1
                and (position == start or body[position - 1] == "/")
                and (end == len(body) or body.startswith(("/", "\\/"), end))
            ):
                is_folders = body[end : end + 1] == "/"
                end += is_folders
                yield (_DEEP if is_folders else _ANY), 0
            else:
                yield _STAR, 0
        elif character == "?":
            end = position + 1
            yield "[^/]", 1
        elif character == "[":
            source, end = _set(body, position + 1)
            yield source, 1
        elif character == "\\":
            end = position + 2
            if end > len(body):
                raise ValueError("there is nothing after the backslash at its end")
            yield re.escape(body[end - 1]), 1
        else:
            found = _SPECIAL.search(body, position)
            end = found.start() if found else len(body)
            yield re.escape(body[position:end]), end - position
        position = end


def _set(body: str, position: int) -> tuple[str, int]:
    """A set in brackets as a regular expression, and where it ends.

    Args:
        body: the pattern.
        position: after the bracket.

    Raises:
        ValueError: it is not valid.
    """
    negated = body.startswith(("!", "^"), position)
    position += negated
    ranges: list[tuple[str, str]] = []
    previous = ""  # what a range may start with
    first, closing = position, 0
    while (character := _at(body, position)) != "]" or position == first:
        if character == "-" and previous and _at(body, position + 1) != "]":
            position += 1 + (body[position + 1] == "\\")
            ranges.append((previous, _at(body, position)))
            previous = ""
        elif character == "[" and _at(body, position + 1) == ":":
            if closing < position + 2:  # looked for once, for it may be far
                closing = body.find("]", position + 2) % (len(body) + 1)
                _at(body, closing)
            if closing > position + 2 and body[closing - 1] == ":":
                name = body[position + 2 : closing - 1]
                if name not in _CLASSES:
                    raise ValueError(f"there is no class [:{name:.20}:]")
                ranges += [(each[0], each[1]) for each in _CLASSES[name]]
                previous, position = "", closing
            else:
                previous = character
                ranges.append((character, character))
        else:
            position += character == "\\"
            previous = _at(body, position)
            ranges.append((previous, previous))
        position += 1
    return _class(ranges, negated=negated), position + 1


def _at(body: str, position: int) -> str:
    """A character in brackets."""
    if position >= len(body):
        raise ValueError("its bracket is not closed")
    return body[position]


def _class(ranges: list[tuple[str, str]], *, negated: bool) -> str:
    """A set of characters, which may be large, without a slash."""
    merged: list[tuple[str, str]] = []
    for low, high in sorted(each for each in ranges if each[0] <= each[1]):
        if merged and low <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    inside = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in merged)
    if negated:
        return f"[^/{inside}]"
    return f"(?!/)[{inside}]" if inside else "(?!)"
