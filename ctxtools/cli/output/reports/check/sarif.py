"""The result as SARIF 2.1.0, which code scanning services read.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

import os
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from ctxtools import __version__
from ctxtools.cli.output.reports.check.github import in_workspace, path_of
from ctxtools.limits.result import CheckedLimits, Exceeded, Kind

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_RULES: dict[Kind, tuple[str, str]] = {
    "each": ("file-tokens", "A file has more tokens than its limit."),
    "all": ("total-tokens", "All files of a pattern together have more tokens than their limit."),
    "growth": ("file-growth", "A file grew by more tokens than it may."),
    "total growth": ("total-growth", "All files of a pattern together grew by more than they may."),
}
_HELP = "https://github.com/ctxtools/ctxtools/blob/main/docs/check.md"


def as_sarif(checked: CheckedLimits) -> dict[str, Any]:
    """The limits that are exceeded as results, and what could not be read as notifications."""
    failed = [each for each in checked.skipped if each.error]
    invocation: dict[str, Any] = {"executionSuccessful": not failed}
    if failed:
        invocation["toolExecutionNotifications"] = [
            {
                "level": "error",
                "message": {"text": f"{_text(each.path)}: {each.reason}"},
                "locations": [_location(each.path)],
            }
            for each in failed
        ]
    driver = {
        "name": "ctxtools",
        "version": __version__,
        "informationUri": "https://github.com/ctxtools/ctxtools",
        "rules": [
            {
                "id": name,
                "shortDescription": {"text": text},
                "helpUri": _HELP,
                "defaultConfiguration": {"level": "error"},
            }
            for name, text in _RULES.values()
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [_result(each) for each in checked.exceeded],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(each: Exceeded) -> dict[str, Any]:
    name, _ = _RULES[each.kind]
    path = path_of(each)
    # The same limit of the same file is the same result, however many tokens there are.
    identity = f"{name}\0{each.path}\0{each.rule.pattern}".encode("utf-8", "surrogatepass")
    return {
        "ruleId": name,
        "ruleIndex": [*_RULES].index(each.kind),
        "level": "error",
        "message": {"text": each.message},
        "locations": [] if path is None else [_location(path)],
        "partialFingerprints": {"limit/v1": sha256(identity).hexdigest()[:32]},
        "properties": {"tokens": each.of.tokens, "limit": each.limit, "pattern": each.rule.pattern},
    }


def _location(path: str) -> dict[str, Any]:
    uri = quote(os.fsencode(in_workspace(path)))
    location = {"uri": uri} if uri.startswith("/") else {"uri": uri, "uriBaseId": "%SRCROOT%"}
    if uri.startswith("/"):
        location["uri"] = f"file://{uri}"
    return {"physicalLocation": {"artifactLocation": location, "region": {"startLine": 1}}}


def _text(path: str) -> str:
    return path.encode("utf-8", "replace").decode()
