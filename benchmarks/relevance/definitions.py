"""Functions of Python and Rust sources: their lines, and the comments that document them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_RUST_FUNCTION = re.compile(
    r"( *)(?:pub(?:\([^)]*\))? +)?(?:default +)?(?:const +)?(?:async +)?(?:unsafe +)?"
    r"(?:extern +\"[^\"]*\" +)?fn +(\w+)"
)
_RUST_OWNER = re.compile(
    r"(?:unsafe +)?(?:impl(?:<.*?>)? +(?:[\w:]+(?:<.*>)? +for +)?(?:&(?:'\w+ +)?(?:mut +)?)?"
    r"|(?:pub(?:\([^)]*\))? +)?(?:unsafe +)?trait +)(?:\w+::)*(\w+)"
)
_RUST_DOCS = re.compile(r" *///(?!/) ?(.*)")


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or method.

    Attributes:
        path: of its file.
        name: with those of its classes, as in "Flask.make_response".
        first: its first line, decorators or attributes included, from 1.
        last: its last line.
        documentation: of its docstring or documenting comment; "" without.
        documented: first and last line of that; (0, 0) without.
    """

    path: str
    name: str
    first: int
    last: int
    documentation: str = ""
    documented: tuple[int, int] = (0, 0)

    @property
    def simple_name(self) -> str:
        return self.name.rsplit(".", 1)[-1]

    @property
    def key(self) -> str:
        """What names it in a file of questions."""
        return f"{self.path}::{self.name}"


def definitions(path: str, text: str) -> list[Definition]:
    """The functions of a file that have a name of their own in it; none of other languages.

    What a file defines several times (overloads, setters, variants of a platform) is left out.
    """
    if path.endswith(".py"):
        found = [*_of_python(path, text)]
    elif path.endswith(".rs"):
        found = [*_of_rust(path, text.splitlines())]
    else:
        return []
    names = [each.name for each in found]
    return [each for each in found if names.count(each.name) == 1]


def _of_python(path: str, text: str) -> Iterator[Definition]:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    lines = text.splitlines()
    yield from _of_body(path, module.body, "", lines)


def _of_body(
    path: str, body: list[ast.stmt], prefix: str, lines: list[str]
) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _of_body(path, node.body, f"{prefix}{node.name}.", lines)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            docs, span = "", (0, 0)
            documentation = ast.get_docstring(node)
            if documentation and len(node.body) > 1:
                start, end = node.body[0].lineno, node.body[0].end_lineno or 0
                alone = lines[start - 1].lstrip()[:1] in "rRuU\"'" and start > node.lineno
                if alone and node.body[1].lineno > end:
                    docs, span = documentation, (start, end)
            name = f"{prefix}{node.name}"
            yield Definition(path, name, first, node.end_lineno or first, docs, span)
        elif isinstance(node, ast.If | ast.Try):
            yield from _of_body(path, node.body, prefix, lines)


def _of_rust(path: str, lines: list[str]) -> Iterator[Definition]:
    """By the layout of rustfmt: a block ends with the bracket below its first character."""
    owner = ""
    tests = False
    for number, line in enumerate(lines):
        if line.startswith(("#[cfg(test)]", "#[cfg(all(test")):
            tests = True
        elif line == "}":
            tests = False
        if match := _RUST_OWNER.match(line):
            owner = f"{match[1]}."
        elif line[:1].strip() and not line.startswith(("where", "{", ")", "//", "#")):
            owner = ""
        match = _RUST_FUNCTION.match(line)
        if not match or tests or len(match[1]) > 8:
            continue
        last = _end_of_rust(lines, number, match[1])
        if last is None:
            continue
        first, docs = number, []
        while first and lines[first - 1].strip().startswith(("#[", "///", "//")):
            first -= 1
        documented = [i for i in range(first, number) if _RUST_DOCS.match(lines[i])]
        span = (0, 0)
        if documented and documented == [*range(documented[0], documented[-1] + 1)]:
            span = (documented[0] + 1, documented[-1] + 1)
            docs = [found[1] for i in documented if (found := _RUST_DOCS.match(lines[i]))]
            if documented[0] == first:
                first = documented[-1] + 1  # the answer is the code, not what asks for it
        indented = match[1] and owner
        name = f"{owner if indented else ''}{match[2]}"
        yield Definition(path, name, first + 1, last + 1, "\n".join(docs), span)


def _end_of_rust(lines: list[str], number: int, indent: str) -> int | None:
    """The line that ends a function; None of one without a body."""
    for i in range(number, len(lines)):
        line = lines[i]
        if i == number and line.rstrip().endswith((";", "}")):
            return None if line.rstrip().endswith(";") else i
        if (
            i > number
            and line.startswith(indent)
            and line.rstrip() in (f"{indent}}}", f"{indent}}};")
        ):
            return i
        if i > number and line[: len(indent) + 1].strip() and line.rstrip().endswith(";"):
            return None
    return None
