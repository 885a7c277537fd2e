"""The kinds of nodes of nine languages' grammars, by their names; `rule` knows other languages."""

from ctxtools.chunking.formats.code.grammar import Grammar, names

_JAVASCRIPT = Grammar(
    functions=names("function_declaration generator_function_declaration method_definition"),
    classes=names("class_declaration"),
    imports=names("import_statement"),
    bodies=names("statement_block class_body switch_body"),
    leading=names("comment decorator hash_bang_line"),
    elements=names("jsx_element"),
    wrappers=names("export_statement lexical_declaration variable_declaration"),
    values=names("arrow_function function_expression generator_function class"),
)


_TYPESCRIPT = Grammar(
    functions=_JAVASCRIPT.functions
    | names("function_signature method_signature abstract_method_signature"),
    classes=_JAVASCRIPT.classes
    | names("abstract_class_declaration interface_declaration enum_declaration")
    | names("internal_module module type_alias_declaration"),
    imports=_JAVASCRIPT.imports,
    bodies=_JAVASCRIPT.bodies | names("interface_body enum_body object_type"),
    leading=_JAVASCRIPT.leading,
    elements=_JAVASCRIPT.elements,
    wrappers=_JAVASCRIPT.wrappers | names("ambient_declaration expression_statement"),
    values=_JAVASCRIPT.values,
)


_C = Grammar(
    functions=names("function_definition"),
    classes=names("struct_specifier union_specifier enum_specifier type_definition"),
    imports=names("preproc_include"),
    bodies=names("compound_statement field_declaration_list enumerator_list declaration_list"),
    leading=names("comment attribute_declaration"),
    groups=names("preproc_ifdef preproc_if preproc_else preproc_elif linkage_specification"),
)

GRAMMARS: dict[str, Grammar] = {
    "python": Grammar(
        functions=names("function_definition"),
        classes=names("class_definition"),
        imports=names("import_statement import_from_statement future_import_statement"),
        bodies=names("block"),
        leading=names("comment decorator"),
        quiet_wrappers=names("decorated_definition"),
    ),
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "go": Grammar(
        functions=names("function_declaration method_declaration method_elem"),
        classes=names("type_spec type_alias"),
        wrappers=names("type_declaration"),
        imports=names("package_clause import_declaration"),
        bodies=names("statement_list field_declaration_list interface_type"),
        leading=names("comment"),
    ),
    "rust": Grammar(
        functions=names("function_item function_signature_item macro_definition"),
        classes=names("impl_item trait_item struct_item enum_item union_item mod_item"),
        imports=names("use_declaration extern_crate_declaration"),
        bodies=names("block declaration_list field_declaration_list enum_variant_list match_block"),
        leading=names("line_comment block_comment attribute_item inner_attribute_item"),
        groups=names("foreign_mod_item"),
    ),
    "java": Grammar(
        functions=names(
            "method_declaration constructor_declaration compact_constructor_declaration"
        ),
        classes=names(
            "class_declaration interface_declaration enum_declaration record_declaration"
            " annotation_type_declaration"
        ),
        imports=names("package_declaration import_declaration"),
        bodies=names(
            "block constructor_body class_body interface_body enum_body annotation_type_body"
            " switch_block"
        ),
        groups=names("enum_body_declarations"),
        leading=names("line_comment block_comment marker_annotation annotation"),
    ),
    "c": _C,
    "cpp": Grammar(
        functions=_C.functions,
        classes=_C.classes | names("class_specifier namespace_definition concept_definition"),
        imports=_C.imports,
        bodies=_C.bodies,
        leading=_C.leading | names("access_specifier"),
        wrappers=names("template_declaration"),
        groups=_C.groups,
    ),
}
