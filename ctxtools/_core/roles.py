"""What a node of a syntax tree is for the blocks of source code, as `code_blocks` takes it.

Plain numbers, of which a node's is the sum: operations on an IntFlag take a microsecond each.
kernel/src/code/roles.rs has the same.
"""

FUNCTION, CLASS, TITLED, IMPORT, BODY, LEADING, WRAPPER, QUIET_WRAPPER = (1 << n for n in range(8))
GROUP, VALUE, ASSIGNMENT, LITERAL, CONTINUATION, OPENING = (1 << n for n in range(8, 14))
EQUATION, CALL, ELEMENT, COMMENT, OPEN_BRACKET, CLOSE_BRACKET = (1 << n for n in range(14, 20))
CLASS_VALUE, NAME, MODIFIERS = (1 << n for n in range(20, 23))

KINDS = ("statement", "imports", "function", "class", "comment")
"""Kinds of blocks, by their numbers."""

STATEMENT, IMPORTS, FUNCTIONS, CLASSES, COMMENTS = range(5)
