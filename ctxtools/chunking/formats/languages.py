"""The kinds of nodes of each tree-sitter grammar: a table for each language."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from ctxtools.chunking.formats import USE_TEXT
from ctxtools.errors import missing_extra

if TYPE_CHECKING:
    from tree_sitter import Language


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar and its kinds of nodes.

    Attributes:
        module: the module that contains it, also the name of its package.
        entry: the function there that returns it.
        functions: become an atomic block "function", titled by its signature.
        classes: become a block "class": anything whose members are functions or declarations.
        imports: merged into one block "imports" if consecutive.
        bodies: contain the statements or members of a function, a class or a statement.
        leading: belong to the definition after them: comments, decorators, attributes.
        wrappers: contain a definition after words that are part of its signature, such as
            ``export``.
        quiet_wrappers: the same, with words that are not part of it, such as decorators.
        groups: their members count as members of their parent: ``#ifdef``, ``extern "C"``.
        values: turn the variable they are assigned to into a function or class.
    """

    module: str
    functions: frozenset[str]
    classes: frozenset[str]
    imports: frozenset[str]
    bodies: frozenset[str]
    leading: frozenset[str]
    entry: str = "language"
    wrappers: frozenset[str] = frozenset()
    quiet_wrappers: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()


_JAVASCRIPT = Grammar(
    "tree_sitter_javascript",
    functions=_names("function_declaration generator_function_declaration method_definition"),
    classes=_names("class_declaration"),
    imports=_names("import_statement"),
    bodies=_names("statement_block class_body switch_body"),
    leading=_names("comment decorator hash_bang_line"),
    wrappers=_names("export_statement lexical_declaration variable_declaration"),
    values=_names("arrow_function function_expression generator_function class"),
)


def _typescript(entry: str) -> Grammar:
    return Grammar(
        "tree_sitter_typescript",
        entry=entry,
        functions=_JAVASCRIPT.functions
        | _names("function_signature method_signature abstract_method_signature"),
        classes=_JAVASCRIPT.classes
        | _names("abstract_class_declaration interface_declaration enum_declaration")
        | _names("internal_module module type_alias_declaration"),
        imports=_JAVASCRIPT.imports,
        bodies=_JAVASCRIPT.bodies | _names("interface_body enum_body object_type"),
        leading=_JAVASCRIPT.leading,
        wrappers=_JAVASCRIPT.wrappers | _names("ambient_declaration expression_statement"),
        values=_JAVASCRIPT.values,
    )


_C = Grammar(
    "tree_sitter_c",
    functions=_names("function_definition"),
    classes=_names("struct_specifier union_specifier enum_specifier type_definition"),
    imports=_names("preproc_include"),
    bodies=_names("compound_statement field_declaration_list enumerator_list declaration_list"),
    leading=_names("comment attribute_declaration"),
    groups=_names("preproc_ifdef preproc_if preproc_else preproc_elif linkage_specification"),
)

GRAMMARS = {
    "python": Grammar(
        "tree_sitter_python",
        functions=_names("function_definition"),
        classes=_names("class_definition"),
        imports=_names("import_statement import_from_statement future_import_statement"),
        bodies=_names("block"),
        leading=_names("comment decorator"),
        quiet_wrappers=_names("decorated_definition"),
    ),
    "javascript": _JAVASCRIPT,
    "typescript": _typescript("language_typescript"),
    "tsx": _typescript("language_tsx"),
    "go": Grammar(
        "tree_sitter_go",
        functions=_names("function_declaration method_declaration method_elem"),
        classes=_names("type_spec type_alias"),
        wrappers=_names("type_declaration"),
        imports=_names("package_clause import_declaration"),
        bodies=_names("statement_list field_declaration_list interface_type"),
        leading=_names("comment"),
    ),
    "rust": Grammar(
        "tree_sitter_rust",
        functions=_names("function_item function_signature_item macro_definition"),
        classes=_names("impl_item trait_item struct_item enum_item union_item mod_item"),
        imports=_names("use_declaration extern_crate_declaration"),
        bodies=_names(
            "block declaration_list field_declaration_list enum_variant_list match_block"
        ),
        leading=_names("line_comment block_comment attribute_item inner_attribute_item"),
        groups=_names("foreign_mod_item"),
    ),
    "java": Grammar(
        "tree_sitter_java",
        functions=_names(
            "method_declaration constructor_declaration compact_constructor_declaration"
        ),
        classes=_names(
            "class_declaration interface_declaration enum_declaration record_declaration"
            " annotation_type_declaration"
        ),
        imports=_names("package_declaration import_declaration"),
        bodies=_names(
            "block constructor_body class_body interface_body enum_body annotation_type_body"
            " switch_block"
        ),
        groups=_names("enum_body_declarations"),
        leading=_names("line_comment block_comment marker_annotation annotation"),
    ),
    "c": _C,
    "cpp": Grammar(
        "tree_sitter_cpp",
        functions=_C.functions,
        classes=_C.classes | _names("class_specifier namespace_definition concept_definition"),
        imports=_C.imports,
        bodies=_C.bodies,
        leading=_C.leading | _names("access_specifier"),
        wrappers=_names("template_declaration"),
        groups=_C.groups,
    ),
}


@cache
def load_language(format: str) -> "Language":
    """The grammar of a language, for a parser.

    Raises:
        MissingExtraError: tree-sitter or the grammar is not installed.
    """
    grammar = GRAMMARS[format]
    try:
        from tree_sitter import Language

        return Language(getattr(import_module(grammar.module), grammar.entry)())
    except ImportError as error:
        raise missing_extra(
            f"the structure of {format} code",
            "tree-sitter with its grammar",
            "code",
            alternative=USE_TEXT,
        ) from error
