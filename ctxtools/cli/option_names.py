"""Errors of the library in terms of the command line: "chunk_size" is "--size"."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ctxtools.errors import CtxtoolsError


@contextmanager
def spelled_as_options(**options: str) -> Iterator[None]:
    """Let errors name options instead of the arguments they are passed as. Also a decorator.

    Args:
        options: argument -> option, such as ``chunk_size="--size"``.
    """
    try:
        yield
    except CtxtoolsError as error:
        message, hint = (_spell(text, options) for text in (error.message, error.hint or ""))
        if (message, hint) != (error.message, error.hint or ""):
            error.message = _tuples_as_lists(message)
            error.hint = _tuples_as_lists(hint) or None
        raise


def _spell(text: str, options: dict[str, str]) -> str:
    for argument, option in options.items():
        # With a value, perhaps followed by its command-line spelling in parentheses.
        name = re.escape(argument)
        text = re.sub(rf'(?<!\S){name}="(.*?)"( \({option} \1\))?', rf"{option} \1", text)
        text = re.sub(rf"(?<!\S){name}(?=[\s,:]|$)", option, text)
    return text


def _tuples_as_lists(text: str) -> str:
    return re.sub(r"\((\d+(?:, \d+)+)\)", lambda found: found[1].replace(", ", ","), text)
