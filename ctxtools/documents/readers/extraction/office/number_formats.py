"""Values of cells as a spreadsheet shows them, by their number formats (ECMA-376 18.8.30, 18.8.31).

Dates and times are written in ISO 8601, whatever their order in the format; percentages and numbers
of decimals are those of the format. Currencies, colours and separators of thousands are left out.
"""

import re
from datetime import datetime, timedelta

_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0",
    38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    **dict.fromkeys([*range(27, 37), *range(50, 59)], "yyyy-mm-dd"),
}  # fmt: skip
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE = re.compile(r"[ymdhs]|AM/PM", re.IGNORECASE)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_DECIMALS = re.compile(r"[0#?]\.([0#?]+)")
_DIGITS = 12  # of a number in the general format; Excel shows 11
_MAX_WHOLE = 1e15
_MAX_DATE = 2_958_466  # days until the year 10,000


def built_in(identifier: int) -> str:
    """The format of an id below 164, "" for the general one and unknown ones."""
    return _BUILT_IN.get(identifier, "")


def shown(value: float, code: str, *, since_1904: bool) -> str:
    """A number as it is shown.

    Args:
        value: the number; for a date, days since 1899-12-30.
        code: its format, "" for the general one.
        since_1904: dates are days since 1904-01-01.
    """
    section = _LITERAL.sub("", code.partition(";")[0])
    if section.strip().lower() in ("", "general", "@"):
        return general(value)
    if _DATE.search(section) and not section.lower().startswith("general"):
        return _date(value, section, since_1904=since_1904)
    decimals = _DECIMALS.search(section)
    places = len(decimals[1]) if decimals else 0
    if "%" in section:
        return f"{value * 100:.{places}f}%"
    if "E" in section.upper() or "/" in section or not re.search(r"[0#?]", section):
        return general(value)
    if decimals is None and value != int(value):
        return f"{value:.0f}"
    return f"{value:.{places}f}"


def general(value: float) -> str:
    """A number without the noise of binary fractions."""
    if value == int(value) and abs(value) < _MAX_WHOLE:
        return str(int(value))
    return f"{value:.{_DIGITS}g}"


def _date(value: float, code: str, *, since_1904: bool) -> str:
    if not 0 <= value < _MAX_DATE:
        return general(value)
    seconds = round(value * 86_400)
    if found := _ELAPSED.search(code):
        if found[1][0] in "hH":
            return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return f"{seconds // 60}:{seconds % 60:02d}" if found[1][0] in "mM" else str(seconds)
    lower = code.lower().replace("am/pm", "")
    has_time = "h" in lower or "s" in lower
    has_date = "y" in lower or "d" in lower or ("m" in lower and not has_time)
    # Excel takes 1900 for a leap year: days before March are one later than they are counted.
    start = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30 + (value < 61))
    try:
        moment = start + timedelta(seconds=seconds)
    except OverflowError:
        return general(value)
    day, clock = moment.strftime("%Y-%m-%d"), moment.strftime("%H:%M:%S")
    if "s" not in lower:
        clock = clock[:5]
    if has_date and "d" not in lower:
        day = day[:7] if "y" in lower and "m" in lower else day
    if has_date and has_time:
        return f"{day} {clock}"
    return day if has_date else clock
