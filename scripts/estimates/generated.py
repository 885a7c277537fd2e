"""Texts of kinds that no package holds: numbers, records, codes, tables, drawings, symbols.

Each maker takes a `random.Random` and gives a text of a few thousand characters. All of them are
deterministic for a seed.
"""

import base64
import json
import random
import string
from collections.abc import Callable
from typing import Final

from symbols import EMOJI, assigned, letters_of, prose_with
from words import WORDS, words


def _lines(rng: random.Random, make: Callable[[], str], most: int = 120) -> str:
    return "\n".join(make() for _ in range(rng.randint(most // 4, most))) + "\n"


def _name(rng: random.Random, style: int | None = None) -> str:
    picked = rng.choices(WORDS, k=rng.randint(1, 3))
    style = rng.randrange(5) if style is None else style
    if style == 0:
        return "_".join(picked)
    if style == 1:
        return picked[0] + "".join(word.title() for word in picked[1:])
    if style == 2:
        return "".join(word.title() for word in picked)
    return "_".join(picked).upper() if style == 3 else "-".join(picked)


def _number(rng: random.Random) -> str:
    kind = rng.randrange(6)
    if kind == 0:
        return str(rng.randint(0, 10 ** rng.randint(1, 9)))
    if kind == 1:
        return f"{rng.uniform(-1000, 1000):.{rng.randint(1, 6)}f}"
    if kind == 2:
        return str(rng.gauss(0, 1))
    if kind == 3:
        return f"{rng.uniform(-1, 1):.3e}"
    return str(rng.randint(0, 99)) if kind == 4 else f"{rng.randint(0, 10**7):,}"


def _date(rng: random.Random) -> str:
    year, month, day = rng.randint(1970, 2030), rng.randint(1, 12), rng.randint(1, 28)
    clock = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
    return rng.choice(
        (
            f"{year}-{month:02}-{day:02}",
            f"{year}-{month:02}-{day:02}T{clock}Z",
            f"{year}-{month:02}-{day:02} {clock}.{rng.randint(0, 999):03}",
            f"{day:02}/{month:02}/{year}",
        )
    )


def _hex(rng: random.Random, length: int) -> str:
    return "".join(rng.choices("0123456789abcdef", k=length))


def _uuid(rng: random.Random) -> str:
    return "-".join(_hex(rng, length) for length in (8, 4, 4, 4, 12))


def numeric_csv(rng: random.Random) -> str:
    """Columns of numbers, one style a column."""
    comma, columns = rng.choice(",;\t,"), rng.randint(2, 14)
    kinds = [rng.randrange(5) for _ in range(columns)]

    def cell(kind: int) -> str:
        if kind == 0:
            return str(rng.randint(0, 999))
        if kind == 1:
            return f"{rng.uniform(0, 100):.2f}"
        if kind == 2:
            return str(rng.random())
        return str(rng.randint(0, 10**6)) if kind == 3 else f"{rng.uniform(-5, 5):.4f}"

    head = comma.join(_name(rng, 0) for _ in range(columns)) + "\n" if rng.random() < 0.6 else ""
    return head + _lines(rng, lambda: comma.join(cell(kind) for kind in kinds), 80)


def mixed_csv(rng: random.Random) -> str:
    """Identifiers, dates, words and numbers."""
    return _lines(
        rng,
        lambda: ",".join(
            (
                str(rng.randint(1, 99999)),
                _date(rng),
                f'"{words(rng)}"',
                _name(rng),
                _number(rng).replace(",", ""),
                rng.choice(("true", "false", "", "NA")),
            )
        ),
        60,
    )


def _value(rng: random.Random, depth: int) -> object:
    kind = rng.randrange(9 if depth else 7)
    if kind < 2:
        return words(rng, 1, 8)
    if kind == 2:
        return rng.randint(0, 10**6)
    if kind == 3:
        return rng.choice((True, False, None, _uuid(rng)))
    if kind == 4:
        return rng.uniform(-100, 100)
    if kind == 5:
        return _date(rng)
    if kind == 6:
        return round(rng.uniform(0, 100), 2)
    if kind == 7:
        return [_value(rng, depth - 1) for _ in range(rng.randint(0, 5))]
    return {_name(rng, rng.choice((0, 1))): _value(rng, depth - 1) for _ in range(3)}


def json_text(rng: random.Random) -> str:
    """JSON of every layout: compact, spaced, indented, a record a line."""
    names = [_name(rng, rng.choice((0, 1))) for _ in range(rng.randint(2, 9))]
    rows = [{name: _value(rng, 2) for name in names} for _ in range(rng.randint(5, 20))]
    layout = rng.randrange(4)
    if layout == 0:
        return json.dumps(rows, separators=(",", ":"))
    if layout == 1:
        return json.dumps(rows)
    if layout == 2:
        return json.dumps(rows, indent=rng.choice((1, 2, 4)))
    return "".join(json.dumps(row) + "\n" for row in rows)


def json_numbers(rng: random.Random) -> str:
    """JSON that holds numbers: coordinates, vectors."""
    rows = [
        [rng.uniform(-180, 180) if rng.random() < 0.7 else rng.randint(0, 9) for _ in range(8)]
        for _ in range(25)
    ]
    digits = rng.randint(1, 12)
    rounded = [[round(value, digits) for value in row] for row in rows]
    return json.dumps(rounded, indent=rng.choice((None, None, 2)))


def identifiers(rng: random.Random) -> str:
    """UUIDs, hashes, keys, addresses: one kind a text."""
    kind = rng.randrange(6)
    make = (
        lambda: _uuid(rng),
        lambda: _hex(rng, rng.choice((32, 40, 64))),
        lambda: f"{_hex(rng, 64)}  ./{_name(rng)}/{_name(rng)}.txt",
        lambda: ".".join(str(rng.randint(0, 255)) for _ in range(4)),
        lambda: "".join(rng.choices(string.ascii_letters + string.digits, k=24)),
        lambda: ":".join(_hex(rng, 4) for _ in range(8)),
    )[kind]
    return _lines(rng, make, 70)


def hexadecimal(rng: random.Random) -> str:
    """Hexadecimal of bytes: one line, a dump, or bytes apart; in either case."""
    kind = rng.randrange(3)
    if kind == 0:
        text = _hex(rng, rng.randint(500, 4000))
    elif kind == 1:
        text = _lines(rng, lambda: " ".join(_hex(rng, 2) for _ in range(16)), 60)
    else:
        text = "".join(
            f"{at * 16:08x}: {' '.join(_hex(rng, 4) for _ in range(8))}  "
            f"{''.join(rng.choices(string.printable[:94] + '...........', k=16))}\n"
            for at in range(60)
        )
    return text.upper() if rng.random() < 0.3 else text


def base64_text(rng: random.Random) -> str:
    """Base64 of random bytes, of text, as one line, as a PEM block, as a data URI."""
    data = rng.randbytes(rng.randint(300, 2500))
    if rng.random() < 0.3:
        data = words(rng, 60, 400).encode()
    text = base64.b64encode(data).decode()
    kind = rng.randrange(4)
    if kind == 0:
        lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
        return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
    if kind == 1:
        return base64.encodebytes(data).decode()
    return f"data:image/png;base64,{text}" if kind == 2 else text


def random_letters(rng: random.Random) -> str:
    """Letters without sense: sequences, passwords, one alphabet a text."""
    alphabet = rng.choice(
        ("ACGT", "ACDEFGHIKLMNPQRSTVWY", string.ascii_lowercase, string.ascii_letters, "01",
         string.ascii_letters + string.digits, string.printable[:94])
    )  # fmt: skip
    gap = rng.choice(("", "\n", " "))
    length = rng.choice((8, 16, 60, 500))
    return gap.join("".join(rng.choices(alphabet, k=length)) for _ in range(2400 // length))


def log_lines(rng: random.Random) -> str:
    """Logs of servers and of programs."""
    kind = rng.randrange(4)
    date = _date(rng)[:10]

    def line() -> str:
        clock = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
        address = ".".join(str(rng.randint(1, 254)) for _ in range(4))
        level = rng.choice(("INFO", "DEBUG", "WARN", "ERROR"))
        if kind == 0:
            return (
                f'{address} - - [{date} {clock} +0000] "GET /{_name(rng)}/{rng.randint(1, 9999)} '
                f'HTTP/1.1" {rng.choice((200, 404, 500))} {rng.randint(100, 99999)} "-" '
                f'"Mozilla/5.0 (X11; Linux x86_64)"'
            )
        if kind == 1:
            host, process = _name(rng, 4), _name(rng, 4)
            number = rng.randint(100, 99999)
            return f"Nov {rng.randint(1, 30):2} {clock} {host} {process}[{number}]: {words(rng)}"
        if kind == 2:
            thread = rng.randint(1, 32)
            return (
                f"{date} {clock},{rng.randint(0, 999):03} {level:5} [worker-{thread}] "
                f"com.example.{_name(rng, 1)}.{_name(rng, 2)} - {words(rng)} "
                f"{_name(rng, 1)}={_number(rng)} id={_uuid(rng)}"
            )
        pair = f"{_name(rng, 0)}={_number(rng)}"
        return f'time="{date}T{clock}Z" level={level.lower()} msg="{words(rng)}" {pair}'

    return _lines(rng, line, 40)


def markdown_table(rng: random.Random) -> str:
    """Tables with aligned and with bare cells."""
    columns, aligned = rng.randint(2, 7), rng.random() < 0.5
    kinds = [rng.randrange(3) for _ in range(columns)]
    width = rng.randint(6, 24)

    def cell(kind: int) -> str:
        text = words(rng, 1, 3) if kind == 0 else _number(rng) if kind == 1 else f"`{_name(rng)}`"
        return text.ljust(width) if aligned else text

    def row() -> str:
        return "| " + " | ".join(cell(kind) for kind in kinds) + " |"

    rule = "|" + "|".join("-" * (width + 2 if aligned else 3) for _ in kinds) + "|"
    return "\n".join([row(), rule, *(row() for _ in range(rng.randint(5, 40)))]) + "\n"


def sql(rng: random.Random) -> str:
    """Tables, inserts and queries, in either case."""
    table, columns = _name(rng, 0), [_name(rng, 0) for _ in range(rng.randint(3, 7))]
    types = ("INTEGER NOT NULL", "VARCHAR(255)", "TIMESTAMP DEFAULT NOW()", "NUMERIC(10,2)", "TEXT")
    fields = ",\n".join(f"    {column} {rng.choice(types)}" for column in columns)

    def row() -> str:
        values = ", ".join(
            rng.choice(
                (f"'{words(rng, 1, 4)}'", str(rng.randint(0, 9999)), f"'{_date(rng)}'", "NULL")
            )
            for _ in columns
        )
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values});"

    def query() -> str:
        first, second = rng.sample(columns, 2)
        return (
            f"SELECT t.{first}, COUNT(*) AS n FROM {table} t LEFT JOIN {_name(rng, 0)} o "
            f"ON o.id = t.{second} WHERE t.{first} > {rng.randint(0, 999)} "
            f"GROUP BY t.{first} HAVING COUNT(*) > 1 ORDER BY n DESC LIMIT 10;"
        )

    make = rng.choice((row, query))
    text = f"CREATE TABLE {table} (\n{fields}\n);\n" + _lines(rng, make, 30)
    return text.lower() if rng.random() < 0.3 else text


def drawing(rng: random.Random) -> str:
    """Drawings and diagrams of ASCII or of box characters, rules, progress bars, banners."""
    alphabet = rng.choice(
        ("/\\|_ ", "+-| ", "#. ", "@%#*+=-:. ", "─│┌┐└┘├┤ ", "█▓▒░ ", "*", "=-~", "o-|/\\ <>^v")
    )
    weights = [1] * (len(alphabet) - 1) + [rng.choice((1, 4, 12))]
    if rng.random() < 0.4:  # runs of one character
        return _lines(
            rng,
            lambda: "".join(
                rng.choice(alphabet) * rng.randint(1, 20) for _ in range(rng.randint(1, 8))
            ),
            40,
        )
    width = rng.randint(20, 90)
    return _lines(rng, lambda: "".join(rng.choices(alphabet, weights, k=width)).rstrip(), 40)


def whitespace(rng: random.Random) -> str:
    """Indented, aligned and blank: columns, deep nesting, empty lines, trailing spaces."""
    kind, unit = rng.randrange(5), rng.choice(("  ", "    ", "\t"))
    if kind == 0:
        return _lines(rng, lambda: unit * rng.randint(0, 14) + words(rng, 1, 3), 80)
    if kind == 1:
        width = rng.randint(8, 40)
        return _lines(rng, lambda: "".join(_name(rng).ljust(width) for _ in range(4)), 50)
    if kind == 2:
        return _lines(rng, lambda: words(rng, 0, 4) + "\n" * rng.choice((0, 1, 1, 2, 5)), 80)
    if kind == 3:
        return _lines(rng, lambda: f"{_number(rng):>14}" * rng.randint(2, 6), 50)
    return _lines(rng, lambda: " " * rng.randint(0, 90) + words(rng, 0, 2) + " " * 9, 50)


def repeated(rng: random.Random) -> str:
    """One short string over and over."""
    unit = "".join(rng.choices(string.printable[:95], k=rng.choice((1, 1, 2, 3, 5, 12))))
    return unit * (1500 // len(unit))


def punctuation(rng: random.Random) -> str:
    """Punctuation of ASCII in runs: operators, escapes, brackets; with words and without."""
    alphabet = rng.choice((string.punctuation, "(){}[];,", "\\\"'", "<>=!&|+-*", ".,:;-"))
    most = rng.choice((1, 3, 12))

    def item() -> str:
        run = "".join(rng.choices(alphabet, k=rng.randint(1, most)))
        return run + rng.choice(("", " ", rng.choice(WORDS), "\n", str(rng.randint(0, 9))))

    return "".join(item() for _ in range(400))


def names(rng: random.Random) -> str:
    """Identifiers, paths, addresses of pages: one style a text."""
    style, kind = rng.randrange(5), rng.randrange(5)
    make = (
        lambda: _name(rng, style),
        lambda: "/".join(_name(rng, style) for _ in range(rng.randint(2, 6))) + ".py",
        lambda: (
            f"https://www.{_name(rng, 4)}.com/{_name(rng, style)}?{_name(rng, 0)}={_hex(rng, 8)}"
        ),
        lambda: f"{_name(rng, 0)}@{_name(rng, 4)}.example.org",
        lambda: "C:\\" + "\\".join(_name(rng, 2) for _ in range(4)),
    )[kind]
    return _lines(rng, make, 70)


def upper_case(rng: random.Random) -> str:
    """English in capitals, in title case, in alternating case."""
    text = ". ".join(words(rng, 6, 16) for _ in range(25))
    kind = rng.randrange(4)
    if kind == 0:
        return text.title()
    if kind == 1:
        return "".join(char.upper() if rng.random() < 0.3 else char for char in text)
    return text.upper()


def numbers(rng: random.Random) -> str:
    """Numbers and dates in a row, apart by spaces, by commas, or not at all."""
    kind = rng.randrange(5)
    if kind == 0:
        return "".join(rng.choices(string.digits, k=2000))
    if kind == 1:
        return " ".join(_number(rng) for _ in range(300))
    if kind == 2:
        return ", ".join(_date(rng) for _ in range(120))
    if kind == 3:
        return " ".join(rng.choices(string.digits, k=800))
    return _lines(rng, lambda: f"${rng.uniform(1, 9999):,.2f} ({rng.uniform(-9, 9):+.1f}%)", 120)


GENERATED: Final[dict[str, Callable[[random.Random], str]]] = {
    "numeric CSV": numeric_csv,
    "mixed CSV": mixed_csv,
    "JSON": json_text,
    "JSON of numbers": json_numbers,
    "identifiers": identifiers,
    "hexadecimal": hexadecimal,
    "base64": base64_text,
    "random letters": random_letters,
    "logs": log_lines,
    "Markdown tables": markdown_table,
    "SQL": sql,
    "drawings": drawing,
    "whitespace": whitespace,
    "repeated": repeated,
    "punctuation": punctuation,
    "names and paths": names,
    "capitals": upper_case,
    "numbers": numbers,
    "emoji": prose_with(EMOJI),
    "arrows and mathematics": prose_with(assigned((0x2190, 0x22FF))),
    "symbols": prose_with(assigned((0x2300, 0x23FF), (0x2460, 0x27BF), (0x2900, 0x2BFF))),
    "typography": prose_with("–—‘’“”„•…«»§©®°±²³½×÷€£¥™¿¡ªº¶·"),
    "random Unicode": letters_of((0xA1, 0x2FFF), (0x3000, 0xD7FF), (0xF900, 0x1FFFF)),
}
