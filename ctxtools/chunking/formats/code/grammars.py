"""Grammars that are installed: a package of one language, or the language pack.

The pack is tree-sitter-language-pack up to 0.13, which holds its grammars. Later ones download them
when they are asked for, and are not used. Modules are loaded from the folders of their packages,
since the packages themselves import what is not needed.
"""

import os
import warnings
from functools import cache
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_loader
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxtools.chunking.formats import USE_TEXT
from ctxtools.chunking.formats.code.grammar import roles
from ctxtools.chunking.formats.code.languages import GRAMMARS
from ctxtools.chunking.formats.code.rule import by_names, completed
from ctxtools.errors import missing_extra

if TYPE_CHECKING:
    from tree_sitter import Language

_PACK = "tree_sitter_language_pack"

# format: (the name of the package's module after "tree_sitter_", the function there)
_SINGLE = {
    "typescript": ("typescript", "language_typescript"),
    "tsx": ("typescript", "language_tsx"),
    "csharp": ("c_sharp", "language"),
    "php": ("php", "language_php"),
    "ocaml": ("ocaml", "language_ocaml"),
    "fsharp": ("fsharp", "language_fsharp"),
    "protobuf": ("proto", "language"),
}
_IN_PACK = {"protobuf": "proto"}


class Installed(NamedTuple):
    """A grammar as `code_blocks` takes it.

    Attributes:
        grammar: what its module returns.
        roles: of each kind of node.
        words: those with which a call is a function, a class or an import.
    """

    grammar: object
    roles: bytes
    words: tuple[tuple[str, ...], ...]


@cache
def installed(format: str) -> Installed:
    """The grammar of a language.

    Raises:
        MissingExtraError: tree-sitter or the grammar is not installed.
    """
    try:
        pointer = _pointer(format)
        language = _language(pointer)
    except ImportError as error:
        extra = "code" if format in GRAMMARS else "languages"
        raise missing_extra(
            f"the structure of {format} code",
            "tree-sitter with its grammar",
            extra,
            alternative=USE_TEXT,
        ) from error
    kinds = [
        language.node_kind_for_id(number) or ""
        for number in range(language.node_kind_count)
        if language.node_kind_is_named(number) and language.node_kind_is_visible(number)
    ]
    exact = GRAMMARS.get(format)
    grammar = completed(exact, kinds) if exact else by_names(kinds, format)
    words = grammar.function_words, grammar.class_words, grammar.import_words
    return Installed(pointer, roles(grammar, language), tuple(tuple(sorted(w)) for w in words))


def _pointer(format: str) -> Any:
    """The grammar of a language, as its module returns it.

    Raises:
        ImportError: it is not installed.
    """
    name, function = _SINGLE.get(format, (format, "language"))
    package = f"tree_sitter_{name}"
    try:
        module = _extension(package, "_binding") or import_module(package)
        return getattr(module, function)()
    except (ImportError, AttributeError):
        packed = _extension(_PACK, "bindings", _IN_PACK.get(format, format))
    if packed is None:
        raise ImportError(f"no grammar of {format}")
    return packed.language()


def _language(pointer: object) -> "Language":
    from tree_sitter import Language

    with warnings.catch_warnings():  # a number is deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        return Language(pointer)


def _extension(package: str, *names: str) -> ModuleType | None:
    """A compiled module in the folder of a package, which is not imported; None if it has none.

    Args:
        package: its name.
        names: of the folders in it, and of the module.
    """
    found = find_spec(package)
    for folder in (found and found.submodule_search_locations) or ():
        for suffix in EXTENSION_SUFFIXES:
            path = os.path.join(folder, *names) + suffix
            if os.path.exists(path):
                loader = ExtensionFileLoader(names[-1], path)
                spec = spec_from_loader(names[-1], loader)
                assert spec
                module = module_from_spec(spec)
                loader.exec_module(module)
                return module
    return None
