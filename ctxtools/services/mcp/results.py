"""What tools return, from which the SDK makes their output schemas."""

from typing import Any, NotRequired

from typing_extensions import TypedDict


class Tokens(TypedDict):
    """Tokens for a model or an encoding; low and high where they are an estimate."""

    model: str
    tokens: int
    low: NotRequired[int]
    high: NotRequired[int]


class Skip(TypedDict):
    """What was not read, and why."""

    path: str
    reason: str


class Page(TypedDict):
    """A page; with a next_cursor there are more."""

    next_cursor: NotRequired[str]


class FilesPage(Page):
    """A page of what was made of files."""

    skipped: NotRequired[list[Skip]]
    notes: NotRequired[list[str]]


class FileTokens(TypedDict):
    """The tokens of a file, in the order of the totals."""

    path: str
    tokens: list[int]


class CountResult(FilesPage):
    """Counts."""

    totals: list[Tokens]
    total_files: NotRequired[int]
    files: NotRequired[list[FileTokens]]


class FitsResult(FilesPage):
    """Whether an input fits; null if an estimate does not say."""

    fits: bool | None
    model: str
    tokens: int
    low: NotRequired[int]
    high: NotRequired[int]
    available: int
    remaining: int
    framing: NotRequired[int]


class ChunkEntry(TypedDict):
    """A chunk; start and end are characters of the document."""

    index: int
    text: str
    tokens: int
    start: int
    end: int
    line: int
    headings: NotRequired[list[str]]
    page: NotRequired[int]
    source: NotRequired[str]


class ChunkResult(FilesPage):
    """Chunks."""

    total_chunks: int
    chunks: NotRequired[list[ChunkEntry]]


class PackedEntry(TypedDict):
    """A document that is in the text."""

    path: str
    form: str
    tokens: int


class OmittedEntry(TypedDict):
    """A document that is not."""

    path: str
    reason: str
    tokens: NotRequired[int]


class PackResult(FilesPage):
    """A piece of a packed text; the pieces of all pages join to it."""

    tokens: int
    budget: int
    total_documents: int
    total_omitted: int
    text: str
    documents: NotRequired[list[PackedEntry]]
    omitted: NotRequired[list[OmittedEntry]]


class PartEntry(TypedDict):
    """A part of a request; low and high where its tokens are no exact number."""

    message: NotRequired[int]
    role: NotRequired[str]
    kind: str
    label: NotRequired[str]
    tokens: int
    low: NotRequired[int]
    high: NotRequired[int]
    basis: str


class MessagesResult(Page):
    """The tokens of a request."""

    model: str
    format: str
    tokens: int
    low: int
    high: int
    exact: bool
    parts: NotRequired[list[PartEntry]]
    notes: NotRequired[list[str]]


class ModelEntry(TypedDict):
    """A model: limits in tokens, prices in dollars for a million tokens."""

    name: str
    vendor: NotRequired[str]
    context: NotRequired[int]
    max_input: NotRequired[int]
    max_output: NotRequired[int]
    tokenizer: NotRequired[str]
    exact: bool
    input: list[str]
    price_in: NotRequired[float]
    price_cached: NotRequired[float]
    price_out: NotRequired[float]


class ModelsResult(Page):
    """Models."""

    total_models: int
    models: NotRequired[list[ModelEntry]]


class TermEntry(TypedDict):
    """Bytes on each device."""

    use: str
    low: int
    high: int
    formula: str
    basis: str


class MemoryResult(Page):
    """Whether a model fits; null if an interval does not say. Bytes are those of each device."""

    fits: bool | None
    model: str
    device: str
    devices: int
    engine: str
    context: int
    sequences: int
    max_context: NotRequired[dict[str, int]]
    max_sequences: NotRequired[dict[str, int]]
    terms: NotRequired[list[TermEntry]]
    alternatives: NotRequired[list[dict[str, Any]]]
    notes: NotRequired[list[str]]
