"""The directives of reStructuredText and Sphinx, by what is in them."""

from ctxtools.chunking.formats.lines import names
from ctxtools.possessive import compile_pattern

DIRECTIVE = compile_pattern(
    r"\.\. ++(?:\|[^|\n]++\| ++)?([\w.+-]++(?::[\w.+-]++)*+) ?::(?: ++(.*+)|\Z)"
)
"""Groups: the name, what is after it on the line."""

CODE = names(
    "code code-block sourcecode literalinclude parsed-literal doctest testcode testoutput testsetup"
    " testcleanup math raw productionlist graphviz digraph graph mermaid uml plantuml prompt"
    " ipython jupyter-execute highlight"
)
"""Those whose content is kept as it is."""

PLAIN = names("toctree contents include image tikz")
"""Directives whose content is no text."""

LEADS = names("index module currentmodule role default-role program highlight meta")
"""Directives that are about what is after them, if they have no content."""

OBJECTS = names(
    "function method class attribute data exception option cmdoption envvar confval describe object"
    " property staticmethod classmethod decorator decoratormethod macro struct enum member var type"
    " struct union enumerator concept namespace directive role setting opcode pdbcommand"
)
"""Directives that describe what their first line names."""
