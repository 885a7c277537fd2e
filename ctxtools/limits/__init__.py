"""Limits of tokens on files and patterns of files, as a check in CI: what exceeds them, what grew.

`load_limits` reads the rules of a project's configuration, `check_limits` counts what they match
and compares; with a baseline or a revision in git also how much each file grew.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.limits.check import check_limits
    from ctxtools.limits.result import CheckedFile, CheckedLimits, CheckedTotal, Exceeded
    from ctxtools.limits.rules import Growth, LimitRule, LimitRules, load_limits

__all__ = [
    "CheckedFile",
    "CheckedLimits",
    "CheckedTotal",
    "Exceeded",
    "Growth",
    "LimitRule",
    "LimitRules",
    "check_limits",
    "load_limits",
]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    _HOMES = {
        "check": ("check_limits",),
        "result": ("CheckedFile", "CheckedLimits", "CheckedTotal", "Exceeded"),
        "rules": ("Growth", "LimitRule", "LimitRules", "load_limits"),
    }
    __getattr__, __dir__ = lazy_names(globals(), _HOMES)
