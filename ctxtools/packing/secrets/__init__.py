"""Secrets in what goes into a prompt: keys, tokens and passwords are found, and can be replaced.

names.py      files whose names say it; the type of what is found
patterns.py   what is certain by its shape, found without any other package
keys.py       private keys among that
plugins.py    what detect-secrets finds, if the extra is installed
imports.py    its plugins without the rest of it
scan.py       both of them on a document
find.py       the same, where it is not known from an earlier run
screen.py     what is done about it: reported, replaced, left out, or refused
report.py     what is said about it, never the secret itself
"""
