"""Kinds of blocks of JSON and faults in it, as numbers; kernel/src/chunk/json has the same."""

KINDS = ("object", "array", "value", "record", "paragraph")
OBJECT, ARRAY, VALUE, RECORD, PARAGRAPH = range(5)

FOLLOWS, MISSING, UNCLOSED, NO_COMMA, BAD_STRING, KEY_IN_ARRAY, NO_VALUE, NO_VALUE_OF_KEY = range(8)
NO_COLON, NO_KEY = 8, 9
"""What is wrong with a text: something after the value; no value; brackets that are not closed; no
comma or closing bracket; a string that is not closed or has an invalid escape; a key in an array;
no value; none after a key; no colon after one; no key."""
