"""What is used most of Hugging Face's tokenizers, over an encoding.

``Tokenizer`` reads the same files and returns the same ids, tokens, offsets, masks and overflowing
windows of texts, pairs and texts that are split already, as far as that is exact. What is left to
the library (training, offsets where tokens do not spell the text, the words of a text that is not
split already) is a NotImplementedError.
"""

from ctxtools.compat.tokenizers.encoding import Encoding
from ctxtools.compat.tokenizers.not_covered import NotCoveredError
from ctxtools.compat.tokenizers.tokenizer import Tokenizer

__all__ = ["Encoding", "NotCoveredError", "Tokenizer"]
