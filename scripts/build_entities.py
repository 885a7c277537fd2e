"""Make kernel/src/text/entities.txt: the named character references of HTML.

    python scripts/build_entities.py

The names are those of Python's ``html.entities.html5``, which are the standard's
(https://html.spec.whatwg.org/multipage/named-characters.html). A line has a name, with the
semicolon where that is required, and its code points; lines are in the order of the names' bytes.
"""

from html.entities import html5
from pathlib import Path

TARGET = Path(__file__).parent.parent / "kernel" / "src" / "text" / "entities.txt"


def main() -> None:
    """Write the file."""
    lines = [f"{name} {' '.join(f'{ord(c):x}' for c in html5[name])}\n" for name in sorted(html5)]
    TARGET.write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
