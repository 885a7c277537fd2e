"""What detect-secrets finds: its plugins on the lines where one can find anything, and its filters.

https://github.com/Yelp/detect-secrets, Apache-2.0. Only its regular expressions are used, on lines
in memory: neither its reading of files and git, nor its verification, which asks the network.

A line costs 0.2 ms, so that most have to be passed over. Two quick searches in the whole text find
the others: a run of 20 or more characters of base64 with a digit in it, or a word of those that its
`KeywordDetector` looks for, or a URL with a password.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from ctxtools.documents.filetypes import document_kind
from ctxtools.packing.secrets.imports import plugins_alone
from ctxtools.packing.secrets.names import Span
from ctxtools.packing.secrets.patterns import is_dummy

_RUN = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_DIGIT = re.compile(r"[0-9]")
_URL = re.compile(r"://[^\s@]{1,200}@")
# The words of its `KeywordDetector`, which loading would take time to ask for.
_WORD = re.compile(
    r"(?:api|auth|service|account|db|database|priv|private|client)_?key|(?:db|database|key)_?pass|"
    r"password|passwd|pwd|secret|contrase(?:n|ñ)a"
)
# What it does not know: XML elements and attributes, constants of PHP, variables with a type.
_NAMED = r"(?i:[a-z0-9]*[_-]?(?:api_?key|secret|password|passwd|pwd)\w{0,20})"
_ASSIGNED = re.compile(
    rf"<(?:\w+:)?{_NAMED}>([^<>\s$]{{4,200}})</|"
    rf"[\"']{_NAMED}[\"']\s+value\s*=\s*[\"']([^\"'\s$]{{4,200}})[\"']|"
    rf"define\(\s*[\"']{_NAMED}[\"']\s*,\s*[\"']([^\"'\s$]{{4,200}})[\"']|"
    rf"\b{_NAMED}\s*:\s*&?(?:'static )?[\w.|\[\] ]{{1,40}}?=\s*[\"']([^\"'\s$]{{4,200}})[\"']"
)
_HINT = re.compile(r"pass|pwd|secret|key|contrase")  # a part of each, which is faster to find
_WORDS = 8  # that it looks at in one go
_LONGEST_LINE = 500  # characters; of a longer one, what is around a run or word is looked at
_BEFORE, _AFTER = 100, 300  # characters of it
# Random strings that are no secrets: what tells data apart, and what everybody may know.
_PUBLIC = re.compile(
    r"(?i)sha-?(?:1|2|224|256|384|512)|md5|integrity|checksum|digest|hash|etag|uuid|guid|commit|"
    r"revision|fingerprint|signature|public|data:|base64,"
)
_DIGEST_SIZES = {32, 40, 56, 64, 96, 128}  # hexadecimal digits
_CREDENTIAL = re.compile(r"(?i)token|key|secret|auth|cred|pass|bearer|pwd|salt|private")
# A value that is not in quotes, where the kind of file needs none.
_UNQUOTED = re.compile(
    r"\s*(?:export\s+|set\s+|env\s+)?[\w.-]*(?:\w)\s*[:=]\s*([^\s\"'`#;,{}\[\]()<>$]{16,})\s*"
)
_SETTINGS = re.compile(
    r"(?i)(?:^|/)(?:\.env[^/]*|dockerfile[^/]*|\.[a-z]+rc|credentials|config|[^/]*\.(?:env|ini|cfg|"
    r"cnf|conf|config|properties|toml|ya?ml|sh|bash|zsh|npmrc|pypirc|netrc|tfvars))$"
)
_KEYWORD = "Secret Keyword"
_PER_LINE = 50  # passwords
_SHORTEST = 4  # characters of one
_LOOSE = {_KEYWORD, "Base64 High Entropy String", "Hex High Entropy String"}
# Public addresses are no secrets, and of private keys the first line alone is found.
_UNUSED = {"Public IP (ipv4)", "Private Key"}


class Plugins:
    """The plugins and filters of detect-secrets.

    Attributes:
        lines: how many lines they have looked at, each of which takes time; one with many words
            counts as several.
    """

    def __init__(self) -> None:
        self.lines = 0

    def find(self, path: str, text: str, max_lines: int | None = None) -> Iterator[Span]:
        """The secrets in a document; they may overlap. It stops after ``max_lines`` in all."""
        loose = None
        for start, end in _lines(text):
            if max_lines is not None and self.lines >= max_lines:
                return
            line = text[start:end]
            self.lines += 1 + len(_WORD.findall(line.lower())) // 2
            tools = _load()
            if tools.is_allowed(line):
                continue
            if loose is None:
                loose = document_kind(path) != "generated" and not tools.skips_file(path)
            for kind, value in _values(tools, path, line, loose=loose):
                for position in _positions(line, value):
                    first = start + position
                    yield Span(first, first + len(value), kind, kind not in _LOOSE)


def _positions(line: str, value: str) -> Iterator[int]:
    position = line.find(value)
    while position >= 0:
        yield position
        position = line.find(value, position + len(value))


def _values(tools: "_Tools", path: str, line: str, *, loose: bool) -> Iterator[tuple[str, str]]:
    """The kinds and values of the secrets in a line.

    Args:
        tools: of detect-secrets.
        path: of the document.
        line: of it.
        loose: look for passwords and random strings too.
    """
    for plugin in tools.specific:
        for value in plugin.analyze_string(line):
            if value and not tools.drops(value) and not is_dummy(value):
                yield plugin.secret_type, value
    if not loose:
        return
    is_reference = tools.is_reference(line)
    is_settings = _SETTINGS.search(path) is not None
    for plugin in tools.loose:
        if plugin.secret_type == _KEYWORD:
            values = _assigned(plugin, line, tools.password_patterns(path, is_settings))
        else:
            values = _random(plugin, line, is_settings)
        for value in values:
            if tools.drops(value) or tools.is_id(value, line, plugin) or is_dummy(value):
                continue
            if not is_reference or _is_literal(value, line):
                yield plugin.secret_type, value


def _assigned(plugin: Any, line: str, patterns: Any) -> Iterator[str]:
    """What is assigned to names such as password; the plugin finds the first of a line."""
    for match in _ASSIGNED.finditer(line):
        yield next(filter(None, match.groups()))
    for _ in range(_PER_LINE):
        # The time of its regular expressions is not linear in the number of words.
        words = [match.start() for match in _WORD.finditer(line.lower())]
        if not words:
            return
        part = line[: words[_WORDS]] if len(words) > _WORDS else line
        found = [each for each in plugin.analyze_string(part, patterns) if each]
        values = (value.rstrip() for value in found)
        yield from (each for each in values if len(each) >= _SHORTEST and not _is_prose(each))
        end = max((part.find(value) + len(value) for value in found), default=0)
        if not end and part is line:
            return
        line = line[end or len(part) :]


def _is_literal(value: str, line: str) -> bool:
    """Whether a value stands in quotes after a sign: ``connect(host, password="value")``."""
    return re.search(rf"[=:]\s*[\"'`]{re.escape(value)}[\"'`]", line) is not None


def _is_prose(value: str) -> bool:
    return len(value.split()) > 2


def _random(plugin: Any, line: str, is_settings: bool) -> Iterator[str]:
    """Strings that look random; those that everybody may know are passed over."""
    if _PUBLIC.search(line):
        return
    values = list(plugin.analyze_string(line))
    if is_settings and (found := _UNQUOTED.fullmatch(line)):
        values += plugin.analyze_string(f'"{found.group(1)}"')
    for value in values:
        if (
            len(value) >= 20
            and _DIGIT.search(value)
            and (len(value) not in _DIGEST_SIZES or not _is_hex(value) or _CREDENTIAL.search(line))
            and plugin.calculate_shannon_entropy(value) > plugin.entropy_limit
        ):
            yield value


def _is_hex(value: str) -> bool:
    return re.fullmatch(r"[0-9a-fA-F]+", value) is not None


class _Tools:
    """The plugins of detect-secrets, and its filters that need no file and no settings.

    Attributes:
        specific: plugins for secrets of one issuer.
        loose: those for passwords and random strings.
    """

    def __init__(self) -> None:
        from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
        from detect_secrets.filters import allowlist, heuristic
        from detect_secrets.plugins.keyword import REGEX_BY_FILETYPE
        from detect_secrets.util.filetype import FileType, determine_file_type

        made = [make() for make in get_mapping_from_secret_type_to_class().values()]
        plugins = [each for each in made if each.secret_type not in _UNUSED]
        self.specific = [each for each in plugins if each.secret_type not in _LOOSE]
        self.loose = [each for each in plugins if each.secret_type in _LOOSE]
        self._heuristic = heuristic
        self._passwords, self._settings = REGEX_BY_FILETYPE, FileType.CONFIG
        self._file_type = determine_file_type
        self._allowed = [
            regex for regexes in allowlist._get_allowlist_regexes_for_file("") for regex in regexes
        ]

    def password_patterns(self, path: str, is_settings: bool) -> Any:
        """The patterns of passwords in a kind of file; None for those of any."""
        return self._passwords.get(self._settings if is_settings else self._file_type(path))

    def skips_file(self, path: str) -> bool:
        """Whether passwords and random strings in a file are none: in locks, maps, drawings."""
        h = self._heuristic
        return bool(h.is_lock_file(path) or h.is_swagger_file(path) or h.is_non_text_file(path))

    def is_allowed(self, line: str) -> bool:
        """Whether a comment says that there is no secret: ``# pragma: allowlist secret``."""
        return "pragma" in line and any(each.search(line) for each in self._allowed)

    def drops(self, value: str) -> bool:
        """Whether a value is a sequence, a UUID, without a letter, or stands for another."""
        h = self._heuristic
        return bool(
            h.is_sequential_string(value)
            or h.is_potential_uuid(value)
            or h.is_not_alphanumeric_string(value)
            or h.is_templated_secret(value)
            or h.is_prefixed_with_dollar_sign(value)
        )

    def is_id(self, value: str, line: str, plugin: Any) -> bool:
        """Whether a value is called an id."""
        return bool(self._heuristic.is_likely_id_string(value, line.lstrip(), plugin))

    def is_reference(self, line: str) -> bool:
        """Whether a line only says where a secret comes from: ``password = get_password()``."""
        return bool(self._heuristic.is_indirect_reference(line))


@cache
def _load() -> _Tools:
    with suppress(ImportError, AttributeError), plugins_alone():  # as in version 1.5
        return _Tools()
    return _Tools()


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """The lines that may hold a secret, or parts of lines that are long, in order."""
    done = 0
    for start, end in _hits(text):
        if end <= done:
            continue
        first = max(text.rfind("\n", max(start - _LONGEST_LINE, 0), start) + 1, done)
        last = text.find("\n", end, start + _LONGEST_LINE)
        if last < 0 or last - first > _LONGEST_LINE:
            first = max(first, start - _BEFORE)
            last = min(max(end, start + _AFTER), start + _LONGEST_LINE, len(text))
        yield first, last
        done = last


def _hits(text: str) -> list[tuple[int, int]]:
    """What may be a part of a secret, in order."""
    lower = text.lower()
    if len(lower) != len(text):  # some capitals are two small letters
        lower = text.translate(_ASCII_LOWER)
    hits = [match.span() for match in _RUN.finditer(text) if _may_be_secret(match)]
    hits += [
        match.span()
        for match in _HINT.finditer(lower)
        if _WORD.search(lower, max(match.start() - 10, 0), match.end() + 10)
    ]
    hits += [match.span() for match in _URL.finditer(text)]
    return sorted(hits)


def _may_be_secret(match: re.Match[str]) -> bool:
    value = match.group()
    if not _DIGIT.search(value) or value.startswith(("sha512-", "sha256-", "sha384-", "sha1-")):
        return False
    if len(value) not in _DIGEST_SIZES or not _is_hex(value):
        return True
    return _CREDENTIAL.search(match.string, max(match.start() - 60, 0), match.start()) is not None


_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
