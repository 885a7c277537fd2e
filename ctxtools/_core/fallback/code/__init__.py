"""The blocks of source code, by py-tree-sitter."""

import warnings
from array import array
from collections.abc import Sequence

from ctxtools._core.fallback.code.parser import syntax_tree
from ctxtools._core.fallback.code.walker import Walker

_KINDS = 1 << 16  # of nodes; the last one is that of errors


def code_blocks(
    grammar: object,
    data: bytes,
    roles: bytes,
    words: Sequence[Sequence[str]],
    depth: int,
) -> tuple[memoryview, memoryview, memoryview, memoryview, memoryview, str]:
    """The blocks of source code, each after those inside it.

    Args:
        grammar: what the module of a tree-sitter grammar returns as its language.
        data: the code in UTF-8; a lone surrogate is three bytes.
        roles: of each kind of node the sum of its roles (format ``I``), by the kind's number.
        words: those with which a call is a function, a class or an import.
        depth: blocks nested in that many others or more are left out.

    Returns:
        For each block, where it starts, where it ends (in characters), its kind, the strength of a
        cut before it, and the number of its children (format ``I``; kinds as in
        ``ctxtools._core.roles.KINDS``). And their titles, a line for each.

    Raises:
        ValueError: the parser failed, or takes too many steps or too long.
    """
    from tree_sitter import Language

    with warnings.catch_warnings():  # a number is deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        language = Language(grammar)
    known = array("I", roles).tolist()
    walker = Walker(data, known + [0] * (_KINDS - len(known)), words, depth)
    walker.walk(syntax_tree(data, language))
    columns = [memoryview(column) for column in walker.columns]
    return (*columns, "\n".join(walker.titles))  # type: ignore[return-value]
