"""tiktoken's interface: ``import ctxtools.compat.tiktoken as tiktoken``.

The ids are the same, and errors are of the same types (and `CtxtoolsError`). What differs:

- ``get_encoding`` makes no download. What tiktoken has downloaded before is found in its cache; the
  packaged encodings need none. It also takes those packaged encodings that tiktoken does not have,
  and models' names are looked up as in tiktoken, whose tables are in model.py.
- A vocabulary has all 256 bytes, which tiktoken demands only of a text that needs them.
- Where one special token's spelling starts with another's, the longer one is found. tiktoken finds
  either.
"""

from ctxtools.compat.tiktoken.core import Encoding
from ctxtools.compat.tiktoken.model import encoding_for_model, encoding_name_for_model
from ctxtools.compat.tiktoken.registry import get_encoding, list_encoding_names

__version__ = "0.14.0"
"""Of the interface: that of tiktoken."""

__all__ = [
    "Encoding",
    "encoding_for_model",
    "encoding_name_for_model",
    "get_encoding",
    "list_encoding_names",
]
