"""Secrets that their shape gives away, by the formats that those who issue them document.

They are found without detect-secrets, which calls them by the same names where it knows them too.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ctxtools.packing.secrets.names import Span


class _Pattern(NamedTuple):
    """One kind of secret.

    Attributes:
        kind: its name.
        literals: one of them is at every such secret, in small letters: a quick test of a text.
        expression: matches the secret; its first group, if it has one, is what to keep quiet about.
            It is compiled where a text has one of the literals.
    """

    kind: str
    literals: tuple[str, ...]
    expression: str


def _pattern(kind: str, expression: str, *literals: str) -> _Pattern:
    return _Pattern(kind, literals, expression)


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

_PAYLOAD = r"(?=(\.eyJ[A-Za-z0-9_-]{10,}={0,2}\.[A-Za-z0-9_-]{10,}))"
_HEADER = r"eyJ[A-Za-z0-9_-]{10,}={0,2}\Z"
_LONGEST_HEADER = 2000  # characters
_DUMMY = (
    r"(?i)(.)\1*|x+y+z*|.*\.\.\.|your[-_ ].*|[a-z_-]*[-_](?:key|token|secret|password|pass|here)|"
    r"(?:my|your|the|some|a|<)?[-_ ]?(?:user|db|postgres|root|admin)?[-_ ]?"
    r"(?:password|passwd|passw0rd|passphrase|pass|pwd|pw|secret|token|key|change[-_ ]?me|example|"
    r"placeholder|redacted|hidden|dummy|todo|none|null|nil|true|false|undefined|empty|test|foo|"
    r"bar|string|str|optional|required|default|value)"
    r"(?:[-_ ]?(?:here|value|word|goes[-_ ]here))?>?"
)


def is_dummy(value: str) -> bool:
    """Whether this stands for a secret in an example: "your-password", "xxxx", "None"."""
    return re.fullmatch(_DUMMY, value) is not None


def find_certain(text: str) -> Iterator[Span]:
    """The secrets in a text that their shape gives away; they may overlap."""
    lower = text.lower()
    for each in _PATTERNS:
        if not any(literal in lower for literal in each.literals):
            continue
        pattern = re.compile(each.expression)
        for match in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            value = match.group(group)
            if len(set(value)) > 4 and not is_dummy(value):
                yield Span(match.start(group), match.end(group), each.kind)
    yield from _web_tokens(text)
    if "PRIVATE KEY" in text or "PuTTY-User-Key-File-" in text:
        from ctxtools.packing.secrets.keys import private_keys, putty_keys

        yield from private_keys(text)
        yield from putty_keys(text)


def _web_tokens(text: str) -> Iterator[Span]:
    """JSON Web Tokens: header, payload and signature, found by the start of the payload."""
    for match in re.finditer(_PAYLOAD, text) if ".eyJ" in text else ():
        before = text[max(match.start() - _LONGEST_HEADER, 0) : match.start()].rpartition(".")[2]
        if header := re.search(_HEADER, before):
            yield Span(match.start() - len(header.group()), match.end(1), "JSON Web Token")
