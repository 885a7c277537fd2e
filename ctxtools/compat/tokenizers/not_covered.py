"""The error for what only the library does."""

from ctxtools.errors import CtxtoolsError


class NotCoveredError(CtxtoolsError, NotImplementedError):
    """Something that only the library does."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} cannot be done here exactly", hint="use tokenizers.Tokenizer for it"
        )
