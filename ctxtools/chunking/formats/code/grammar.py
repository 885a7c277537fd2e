"""Grammar: what the kinds of nodes in a language's syntax trees are for the blocks of a text."""

from array import array
from typing import TYPE_CHECKING, NamedTuple

from ctxtools._core import roles as role

if TYPE_CHECKING:
    from tree_sitter import Language

_OPENING, _CLOSING = ("{", "[", "("), ("}", "]", ")")


class Grammar(NamedTuple):
    """The kinds of nodes that have a role.

    Attributes:
        functions: become an atomic block "function", titled by its signature.
        classes: become a block "class": anything whose members are functions or declarations.
        titled: statements with a title, such as the rules of a style sheet.
        imports: merged into one block "imports" if consecutive.
        bodies: contain the statements or members of a function, a class or a statement. What is in
            brackets is a body, too.
        leading: belong to the definition after them: comments, decorators, attributes.
        wrappers: contain a definition after words that are part of its signature, such as
            ``export``.
        quiet_wrappers: the same, with words that are not part of it, such as decorators.
        groups: their members count as members of their parent: ``#ifdef``, ``extern "C"``.
        values: turn the variable they are assigned to into a function or class.
        assignments: contain a name and its value.
        literals: values after whose name a long statement is titled.
        continuations: belong to what is before them, such as the body of a function in Dart.
        openings: are titled, and contain all up to the next of them: ``package A;`` in Perl.
        equations: belong to the one before if they have the same name, as in Haskell.
        calls: are definitions or imports if they start with one of the words below.
        elements: their first and last child are a tag.
        function_words, class_words, import_words: with which calls start.
    """

    functions: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    titled: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()
    leading: frozenset[str] = frozenset()
    wrappers: frozenset[str] = frozenset()
    quiet_wrappers: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    assignments: frozenset[str] = frozenset()
    literals: frozenset[str] = frozenset()
    continuations: frozenset[str] = frozenset()
    openings: frozenset[str] = frozenset()
    equations: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    elements: frozenset[str] = frozenset()
    function_words: frozenset[str] = frozenset()
    class_words: frozenset[str] = frozenset()
    import_words: frozenset[str] = frozenset()


_ROLES = {
    "functions": role.FUNCTION,
    "classes": role.CLASS,
    "titled": role.TITLED,
    "imports": role.IMPORT,
    "bodies": role.BODY,
    "leading": role.LEADING,
    "wrappers": role.WRAPPER,
    "quiet_wrappers": role.QUIET_WRAPPER,
    "groups": role.GROUP,
    "values": role.VALUE,
    "assignments": role.ASSIGNMENT,
    "literals": role.LITERAL,
    "continuations": role.CONTINUATION,
    "openings": role.OPENING,
    "equations": role.EQUATION,
    "calls": role.CALL,
    "elements": role.ELEMENT,
}
_OTHERS = {
    "identifier": role.NAME,
    "string_literal": role.NAME,
    "modifiers": role.MODIFIERS,
}


def names(text: str) -> frozenset[str]:
    """The names in a text, which white space separates."""
    return frozenset(text.split())


def roles(grammar: Grammar, language: "Language") -> bytes:
    """The sum of the roles of each kind of node (format ``I``), by the number of the kind."""
    found = array("I")
    for number in range(language.node_kind_count):
        kind = language.node_kind_for_id(number) or ""
        if language.node_kind_is_named(number):
            its = sum(each for name, each in _ROLES.items() if kind in getattr(grammar, name))
            its += _OTHERS.get(kind, 0)
            if its & role.LEADING and "comment" in kind:
                its += role.COMMENT
            if its & role.VALUE and "class" in kind:
                its += role.CLASS_VALUE
        else:
            its = role.OPEN_BRACKET * (kind in _OPENING) + role.CLOSE_BRACKET * (kind in _CLOSING)
        found.append(its)
    return found.tobytes()
