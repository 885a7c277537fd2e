"""The grammar of any language, by how authors of grammars name the kinds of nodes.

A grammar calls a function ``function_definition``, ``method_declaration`` or ``fun_decl``, what it
contains ``body`` or ``block``. Where a grammar differs, a row of `_TABLES` adds names, or takes
away those with a minus sign.
"""

import re
from collections.abc import Iterable, Mapping

from ctxtools.chunking.formats.code.grammar import Grammar, names

_END = r"(?:definition|declaration|declarator|item|statement|specifier|defn?|decl)"
_FUNCTIONS = r"(?:function|method|constructor|destructor|subroutine|procedure|macro|mixin|operator"
_FUNCTIONS += r"|subscript|init|deinit|modifier|rpc|task)"
_CLASSES = r"(?:class|struct|interface|trait|enum|module|namespace|object|protocol|extension|record"
_CLASSES += r"|union|contract|library|service|message|type|typealias|actor|concept|instance|package"
_CLASSES += r"|exception|error|impl|alias|newtype)"
_NO = (
    r"(?!\w*?(?:static|local_variable|field|member|property|variable|value|parameter|const|call)_)"
)

_PATTERNS = {
    "functions": rf"{_NO}(?:\w+_)?{_FUNCTIONS}(?:_\w+)??_{_END}|function|method|rpc",
    "classes": rf"{_NO}(?:\w+_)?{_CLASSES}(?:_\w+)??_{_END}|class|module|service|message|enum",
    "imports": r"(?:\w+_)?(?:import|include|open|use|using|require|package|syntax|pragma|library)"
    r"(?:_\w+)??_(?:declaration|statement|directive|clause|header|list|decl|attribute)"
    r"|imports?|include|package|syntax|preproc_include|module_import|import_or_export",
    "bodies": r"(?:\w+_)?(?:body|block|statements|statement_list|declarations|declaration_list"
    r"|compound_statement|do_group|suite|cases|clauses|alternatives|branches"
    r"|enumerator_list)",
    "leading": r"(?:\w+_)?comment(?:_\w+)?"
    r"|attributes?|attribute_(?:list|item|declaration|specifier)|annotations?|\w+_annotation|decorator|hash_bang_line|shebang(?:_\w+)?",
    "wrappers": r"export(?:_\w+)?_(?:statement|declaration|definition)|template_declaration"
    r"|annotated_\w+|global_statement|ambient_declaration|declaration",
    "quiet_wrappers": r"decorated_definition",
    "groups": r"preproc_(?:if|ifdef|ifndef|else|elif)|linkage_specification",
    "values": r"(?:anonymous_|arrow_)?function(?:_definition|_expression|_literal)?"
    r"|lambda(?:_expression|_literal|_function)?|anonymous_(?:function|fun|class)|closure\w*",
    "assignments": r"(?:\w+_)?(?:assignment|assign|declaration|declarator|definition|binding|bind"
    r"|pair|item|element|spec|property|field|entry|elem|attribute)(?:_\w+)?"
    r"|(?:expression|variable|const|let)_statement",
    "literals": r"(?:\w+_)*(?:dictionary|dict|list|array|object|table|map|set|tuple|hash|string|str"
    r"|heredoc|nowdoc|literal|collection|initializer|constructor|vector|vec|struct|record|template"
    r"|macro_invocation)(?:_\w+)*",
}

# What is added to a language's grammar; with a minus sign, what is left out: "-*" is all.
_TABLES: Mapping[str, Mapping[str, str]] = {
    "clojure": {
        "calls": "list_lit",
        "function_words": "defn defn- defmacro defmulti defmethod deftest def",
        "class_words": "defrecord deftype defprotocol definterface extend-type extend-protocol",
        "import_words": "ns require import in-ns",
    },
    "cmake": {"functions": "function_def macro_def"},
    "csharp": {"openings": "file_scoped_namespace_declaration"},
    "css": {"titled": "rule_set keyframes_statement", "classes": "media_statement at_rule"},
    "cuda": {"wrappers": "-declaration"},
    "dart": {
        "functions": "function_signature method_signature constructor_signature",
        "continuations": "function_body",
    },
    "dockerfile": {"titled": "from_instruction", "openings": "from_instruction"},
    "elixir": {
        "calls": "call",
        "function_words": "def defp defmacro defmacrop defguard defdelegate test",
        "class_words": "defmodule defprotocol defimpl describe",
        "import_words": "use alias import require",
        "leading": "unary_operator",
    },
    "elm": {
        "functions": "value_declaration",
        "leading": "type_annotation",
        "imports": "module_declaration",
    },
    "erlang": {
        "functions": "fun_decl",
        "equations": "fun_decl",
        "classes": "-record_decl",
        "leading": "spec",
        "imports": "module_attribute export_attribute export_type_attribute behaviour_attribute",
    },
    "fortran": {
        "functions": "-* subroutine function module_procedure",
        "classes": "-* module submodule program derived_type_definition interface",
        "groups": "internal_procedures",
        "bodies": "-*",
    },
    "fsharp": {
        "functions": "function_or_value_defn",
        "classes": "named_module namespace",
        "wrappers": "declaration_expression",
    },
    "gdscript": {"classes": "-class_name_statement", "imports": "class_name_statement"},
    "glsl": {"wrappers": "-declaration"},
    "graphql": {
        "functions": "operation_definition fragment_definition",
        "classes": "schema_definition -type_definition -type_system_definition"
        " -root_operation_type_definition",
        "wrappers": "definition executable_definition type_system_definition type_definition",
        "groups": "document",
        "leading": "description",
        "bodies": "fields_definition input_fields_definition enum_values_definition selection_set",
    },
    "haskell": {
        "functions": "bind",
        "classes": "data_type newtype instance type_synomym",
        "groups": "declarations",
        "leading": "signature haddock pragma",
        "equations": "function bind",
        "imports": "header",
    },
    "hcl": {"classes": "block", "groups": "body", "bodies": "-block", "leading": "-attribute"},
    "julia": {"leading": "string_literal", "bodies": "-compound_statement"},
    "kotlin": {
        "functions": "secondary_constructor anonymous_initializer",
        "classes": "companion_object",
        "continuations": "getter setter",
    },
    "lua": {
        "wrappers": "variable_declaration assignment_statement expression_list",
        "assignments": "expression_list",
    },
    "make": {"functions": "rule define_directive", "bodies": "recipe"},
    "nix": {"bodies": "binding_set"},
    "objc": {
        "classes": "class_interface class_implementation",
        "groups": "implementation_definition",
    },
    "ocaml": {
        "functions": "value_definition -constructor_declaration",
        "bodies": "structure signature",
    },
    "perl": {
        "classes": "package_statement",
        "openings": "package_statement",
        "imports": "-package_statement",
        "leading": "pod",
    },
    "php": {"openings": "namespace_definition", "leading": "attribute_list"},
    "powershell": {"groups": "statement_list"},
    "prisma": {"classes": "model_block enum_block key_value_block", "bodies": "-*"},
    "r": {
        "calls": "call",
        "import_words": "library require source",
        "assignments": "binary_operator",
        "functions": "-function_definition",
        "values": "function_definition",
    },
    "ruby": {
        "functions": "singleton_method",
        "classes": "singleton_class",
        "bodies": "body_statement block_body",
        "calls": "call",
        "function_words": "it specify scenario",
        "class_words": "describe context feature",
        "import_words": "require require_relative load",
    },
    "scss": {"titled": "rule_set keyframes_statement", "classes": "media_statement at_rule"},
    "thrift": {"classes": "-namespace_declaration", "imports": "namespace_declaration"},
    "zig": {
        "functions": "TestDecl FnProto",
        "wrappers": "Decl VarDecl ErrorUnionExpr SuffixExpr",
        "classes": "ContainerDecl",
    },
}


def by_names(kinds: Iterable[str], format: str) -> Grammar:
    """The grammar of a language, from the names of its kinds of nodes."""
    kinds = {*kinds}
    table = _TABLES.get(format, {})
    found = {name: _found(kinds, name, table) for name in Grammar._fields}
    added = {name: names(text) for name, text in table.items()}
    # "use_declaration" of a namespace is no namespace, "class_method_definition" no class.
    found["classes"] -= (found["functions"] | found["imports"]) - added.get("classes", frozenset())
    found["functions"] -= found["imports"] - added.get("functions", frozenset())
    return Grammar(**found)


def completed(grammar: Grammar, kinds: Iterable[str]) -> Grammar:
    """An exact grammar with the kinds of values, which are found by their names."""
    kinds = {*kinds}
    found = {name: _found(kinds, name, {}) for name in ("assignments", "literals")}
    return grammar._replace(**found)


def _found(kinds: Iterable[str], attribute: str, table: Mapping[str, str]) -> frozenset[str]:
    changes = names(table.get(attribute, ""))
    removed = {name[1:] for name in changes if name.startswith("-")}
    if "*" in removed or attribute not in _PATTERNS:
        kinds = ()
    match = re.compile(_PATTERNS.get(attribute, "")).fullmatch
    matching = {kind for kind in kinds if match(snake_case(kind))}
    return frozenset((matching - removed) | {name for name in changes if name[0] != "-"})


def snake_case(kind: str) -> str:
    """The name of a kind as most grammars write it: "fn_proto" for ``FnProto``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()
