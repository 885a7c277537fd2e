r"""Secrets that their shape gives away, by the formats that those who issue them document.

They are found without detect-secrets, which calls them by the same names where it knows them too.
Private keys are found as a whole, from the line that begins one to the line that ends it, also with
``\n`` for line breaks in a string, and indented.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ctxtools.packing.secrets.names import Span
from ctxtools.possessive import compile_pattern


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One kind of secret.

    Attributes:
        kind: its name.
        literals: one of them is at every such secret, in small letters: a quick test of a text.
        pattern: matches the secret; its first group, if it has one, is what to keep quiet about.
    """

    kind: str
    literals: tuple[str, ...]
    pattern: re.Pattern[str]


def _pattern(kind: str, pattern: str, *literals: str) -> _Pattern:
    return _Pattern(kind, literals, re.compile(pattern))


_PATTERNS = (
    _pattern(
        "AWS Access Key", r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}", "akia", "asia", "abia", "acca"
    ),
    _pattern(
        "AWS Secret Key",
        r"(?i:secret_?access_?key|aws_?secret(?:_?key)?)[\"']?\s*(?:[:=]|=>|:=)\s*[\"']?"
        r"([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])",
        "secret_access_key",
        "secretaccesskey",
        "aws_secret",
        "awssecret",
    ),
    _pattern("GitHub Token", r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}", "gh"),
    _pattern("GitLab Token", r"gl(?:pat|dt|ptt|rt|oas|agent|soat|ft|imt)-[A-Za-z0-9_-]{20,}", "gl"),
    _pattern(
        "Slack Token", r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}", "xox", "xapp-"
    ),
    _pattern("Slack Webhook", r"hooks\.slack\.com/services/([A-Za-z0-9/]{20,})", "hooks.slack"),
    _pattern(
        "Stripe Access Key",
        r"[rs]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z+/=]{24,}",
        "k_live_",
        "k_test_",
        "whsec_",
    ),
    _pattern(
        "API Key",
        r"sk-(?:proj|svcacct|admin|ant|or)-[A-Za-z0-9_-]{20,}|"
        r"(?<![A-Za-z0-9])sk-(?=\D{0,99}\d)[A-Za-z0-9_-]{32,}",
        "sk-",
    ),
    _pattern(
        "API Key",
        r"(?<![A-Za-z0-9_-])(?:gsk_[A-Za-z0-9]{50,}|xai-[A-Za-z0-9]{60,}|r8_[A-Za-z0-9]{37,}"
        r"|pplx-[A-Za-z0-9]{40,}|tvly-[A-Za-z0-9-]{30,}|lin_api_[A-Za-z0-9]{40,}"
        r"|ntn_[A-Za-z0-9]{40,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|key-[0-9a-f]{32}|dapi[0-9a-f]{32}"
        r"|NRAK-[0-9A-Z]{27}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|hv[sbr]\.[A-Za-z0-9_-]{24,}"
        r"|dp\.(?:pt|st|ct)\.[A-Za-z0-9]{40,}|figd_[A-Za-z0-9_-]{40,}|sbp_[0-9a-f]{40}"
        r"|ATATT3[A-Za-z0-9_=-]{50,}|glsa_[A-Za-z0-9_]{32,}|sntry[su]_[A-Za-z0-9_=+/]{40,}"
        r"|pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_-]{32,}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,})",
        "gsk_",
        "xai-",
        "r8_",
        "pplx-",
        "tvly-",
        "lin_api_",
        "ntn_",
        "pmak-",
        "key-",
        "dapi",
        "nrak-",
        "shp",
        "hvs.",
        "hvb.",
        "hvr.",
        "dp.",
        "figd_",
        "sbp_",
        "atatt3",
        "glsa_",
        "sntry",
        "pscale_",
        "sq0",
    ),
    _pattern(
        "API Key",
        r"(?i:x-(?:api|auth|access)-(?:key|token))[\"']?\s{0,9}[:=]\s{0,9}[\"']?"
        r"(?=[^\s0-9]{0,99}[0-9])([A-Za-z0-9_.+/-]{16,200}={0,2})",
        "x-api-key",
        "x-auth-key",
        "x-auth-token",
        "x-access-token",
        "x-api-token",
    ),
    _pattern("Google API Key", r"AIza[0-9A-Za-z_-]{35}", "aiza"),
    _pattern(
        "Google OAuth Secret",
        r"GOCSPX-[0-9A-Za-z_-]{20,}|ya29\.[0-9A-Za-z_-]{30,}",
        "gocspx-",
        "ya29.",
    ),
    _pattern(
        "Azure Storage Account access key", r"AccountKey=([A-Za-z0-9+/]{86}==)", "accountkey="
    ),
    _pattern("Hugging Face Token", r"hf_[A-Za-z0-9]{30,}", "hf_"),
    _pattern("NPM tokens", r"npm_[A-Za-z0-9]{36}", "npm_"),
    _pattern("NPM tokens", r":_authToken=([^\s$\"'{}]{8,})", ":_authtoken="),
    _pattern(
        "Discord Webhook",
        r"discord(?:app)?\.com/api/webhooks/\d{17,20}/([A-Za-z0-9_-]{60,})",
        "/api/webhooks/",
    ),
    _pattern("PyPI Token", r"pypi-AgE[A-Za-z0-9_-]{50,}", "pypi-age"),
    _pattern("SendGrid API Key", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", "sg."),
    _pattern("DigitalOcean Token", r"do[opr]_v1_[a-f0-9]{64}", "_v1_"),
    _pattern("Age Secret Key", r"AGE-SECRET-KEY-1[0-9A-Z]{58}", "age-secret-key-"),
    # In base64, as Kubernetes has them: BEGIN RSA, BEGIN, BEGIN EC, BEGIN OPENSSH (PRIVATE KEY)
    _pattern(
        "Private Key",
        r"LS0tLS1CRUdJTiB(?:SU0EgUFJJVkFURSBLRVkt|QUklWQVRFIEtFWS0|FQyBQUklWQVRFIEtFWS0|"
        r"PUEVOU1NIIFBSSVZBVEUgS0VZ)[A-Za-z0-9+/]{20,}={0,2}",
        "ls0tls1crudjtib",
    ),
    _pattern(
        "Bearer Token",
        r"(?i:bearer)\s+(?=[^\s0-9]{0,99}[0-9])([A-Za-z0-9_.+/-]{20,}={0,2})",
        "bearer ",
    ),
    _pattern(
        "Connection String",
        r"(?i:;\s?(?:password|pwd)\s?=\s?)([^\s;\"'`$<{%][^\s;\"'`]{2,200})",
        ";password",
        ";pwd",
        "; password",
        "; pwd",
    ),
    _pattern(
        "Basic Auth Credentials",
        r"(?<=[A-Za-z0-9])://[^\s/:@'\"`<>{}()\[\]]{0,100}:"
        r"([^\s/@'\"`<>{}()\[\]$]{1,200})@[A-Za-z0-9\[]",
        "://",
    ),
    _pattern(
        "Basic Auth Credentials",
        r"\bcurl\s[^\n]{0,200}?(?:-u|--user)[ =]?[\"']?[^\s:\"'$<{/]{1,60}:([^\s\"'$<{]{4,100})",
        "curl",
    ),
)

_PAYLOAD = re.compile(r"(?=(\.eyJ[A-Za-z0-9_-]{10,}={0,2}\.[A-Za-z0-9_-]{10,}))")
_HEADER = re.compile(r"eyJ[A-Za-z0-9_-]{10,}={0,2}\Z")
_LONGEST_HEADER = 2000  # characters
_BEGIN = re.compile(r"-----?\s?BEGIN ([A-Z0-9 ]{0,30})PRIVATE KEY(?: BLOCK)?\s?-----?")
_END = re.compile(r"-----?\s?END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?\s?-----?")
_LONGEST_KEY = 40_000  # characters; an RSA key of 16,384 bits has 13,000
# What stands between the words of a key in a string of a program, or in YAML.
_NOT_KEY = re.compile(r"""\\[nrt\\"']|[\s"'`+,;|>#*\\]""")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=:.@-]{24,}")
# A line of a key that is never ended: base64, or a header.
_KEY_LINE = compile_pattern(
    r"""[ \t"'`+#*>|]*+"""
    r"""(?:[A-Za-z0-9+/=]{20,}+|(?:Proc-Type|DEK-Info|Version|Comment): .*+|[A-Za-z0-9+/]++=*+)?+"""
    r"""[ \t"'`+,;\\nr]*"""
)
_PUTTY = re.compile(r"PuTTY-User-Key-File-\d: ")
_PUTTY_END = re.compile(r"^Private-MAC: \w+", re.MULTILINE)
_DUMMY = re.compile(
    r"(?i)(.)\1*|x+y+z*|.*\.\.\.|your[-_ ].*|[a-z_-]*[-_](?:key|token|secret|password|pass|here)|"
    r"(?:my|your|the|some|a|<)?[-_ ]?(?:user|db|postgres|root|admin)?[-_ ]?"
    r"(?:password|passwd|passw0rd|passphrase|pass|pwd|pw|secret|token|key|change[-_ ]?me|example|"
    r"placeholder|redacted|hidden|dummy|todo|none|null|nil|true|false|undefined|empty|test|foo|"
    r"bar|string|str|optional|required|default|value)"
    r"(?:[-_ ]?(?:here|value|word|goes[-_ ]here))?>?"
)


def is_dummy(value: str) -> bool:
    """Whether this stands for a secret in an example: "your-password", "xxxx", "None"."""
    return _DUMMY.fullmatch(value) is not None


def find_certain(text: str) -> Iterator[Span]:
    """The secrets in a text that their shape gives away; they may overlap."""
    lower = text.lower()
    for each in _PATTERNS:
        if not any(literal in lower for literal in each.literals):
            continue
        for match in each.pattern.finditer(text):
            group = 1 if each.pattern.groups else 0
            value = match.group(group)
            if len(set(value)) > 4 and not is_dummy(value):
                yield Span(match.start(group), match.end(group), each.kind)
    yield from _web_tokens(text)
    if "PRIVATE KEY" in text:
        yield from _private_keys(text)
    if "PuTTY-User-Key-File-" in text:
        yield from _putty_keys(text)


def _web_tokens(text: str) -> Iterator[Span]:
    """JSON Web Tokens: header, payload and signature, found by the start of the payload."""
    for match in _PAYLOAD.finditer(text) if ".eyJ" in text else ():
        before = text[max(match.start() - _LONGEST_HEADER, 0) : match.start()].rpartition(".")[2]
        if header := _HEADER.search(before):
            yield Span(match.start() - len(header.group()), match.end(1), "JSON Web Token")


def _private_keys(text: str) -> Iterator[Span]:
    position = 0
    while begin := _BEGIN.search(text, position):
        position = begin.end()
        following = text.find("BEGIN", position, position + _LONGEST_KEY)
        limit = following if following >= 0 else position + _LONGEST_KEY
        end = _END.search(text, position, limit)
        if end and _KEY_BODY.fullmatch(_NOT_KEY.sub("", text[position : end.start()])):
            yield Span(begin.start(), end.end(), "Private Key")
            position = end.end()
        elif (last := _unended(text, position, limit)) > position:
            yield Span(begin.start(), last, "Private Key")
            position = last


def _putty_keys(text: str) -> Iterator[Span]:
    begin = _PUTTY.search(text)
    while begin:
        following = _PUTTY.search(text, begin.end())
        limit = min(following.start() if following else len(text), begin.end() + _LONGEST_KEY)
        if end := _PUTTY_END.search(text, begin.end(), limit):
            yield Span(begin.start(), end.end(), "Private Key")
        begin = following


def _unended(text: str, start: int, limit: int) -> int:
    """Where a key ends that has no last line: after its last line of base64, before a limit."""
    last = start
    position = text.find("\n", start) + 1
    while 0 < position < min(len(text), limit):
        end = text.find("\n", position)
        end = end if end >= 0 else len(text)
        line = text[position:end].rstrip("\r")
        if not _KEY_LINE.fullmatch(line):
            break
        if re.search(r"[A-Za-z0-9+/=]{20}", line) or (last > start and line.strip()):
            last = position + len(line)
        position = end + 1
    return last
