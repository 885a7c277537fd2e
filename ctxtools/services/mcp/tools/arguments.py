"""Arguments that tools share, with the few words that a model reads of each."""

from typing import Annotated

from pydantic import Field

from ctxtools.errors import UsageError
from ctxtools.services.mcp.call import Call
from ctxtools.services.mcp.files import Named

MAX_PATHS = 1000

Text = Annotated[str | None, Field(description="The text, instead of paths")]
Paths = Annotated[
    list[str] | None,
    Field(description="Files and folders, relative to the root", max_length=MAX_PATHS),
]
Include = Annotated[
    list[str] | None, Field(description="Patterns as in .gitignore: only these files of folders")
]
Exclude = Annotated[list[str] | None, Field(description="Patterns: none of these")]
ModelName = Annotated[str, Field(description="Model or encoding that counts")]
MaxTokens = Annotated[int, Field(description="Of this answer", ge=100, le=1_000_000)]
Cursor = Annotated[str, Field(description="next_cursor, with the same other arguments")]


def named(
    call: Call,
    text: str | None,
    paths: list[str] | None,
    include: list[str] | None = None,
    exclude: list[str] | None = None,
    *,
    example: str = 'paths=["README.md"]',
) -> Named:
    """What a call names; nothing, if it gives a text. The example is of how the tool takes paths.

    Raises:
        UsageError: there is neither a text nor paths, or both, or patterns for no paths.
        CallEndedError: the text is too large.
    """
    call.check_size(len(text or ""))
    if (text is None) == (not paths):
        either = f"pass a text or {example.partition('=')[0]}"
        raise UsageError(
            either if text is None else f"{either}, not both", hint=f"such as {example}"
        )
    if (include or exclude) and not paths:
        raise UsageError("include and exclude are for paths", hint="pass the folder in paths")
    return Named(paths or (), include or (), exclude or ())
