"""Finding an encoding by its name, and loading one from a file.

Names are looked up in this order, and nothing else is tried: packaged encodings; tiktoken's other
encodings in tiktoken's cache; the hub, only for a name that starts with ``hf:``.
"""

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path

from ctxtools.checks import check_integer, check_type
from ctxtools.encodings.encoding import Encoding
from ctxtools.encodings.engines import BYTE_LEVEL_ENGINE, byte_level_engine
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS, SplitPattern, get_pattern
from ctxtools.encodings.files.specs import SPECS
from ctxtools.encodings.files.tiktoken_cache import CACHED
from ctxtools.encodings.files.vocabulary import MAX_RANK, parse_tiktoken
from ctxtools.encodings.normalize import SURROGATE
from ctxtools.errors import (
    ConfigError,
    UnknownEncodingError,
    UsageError,
    VocabularyError,
)
from ctxtools.escape import one_line
from ctxtools.regular_file import is_inside, read_regular

MAX_TOKENIZER = 1 << 28
"""Bytes of a tokenizer file: eight times the largest of a public model, Gemma's 33 MB."""

_LONGEST_PATH = 4096  # characters: Linux has none with more bytes, and none is worth printing
_ENDINGS = (".json", ".tiktoken", ".model", ".gguf", "vocab.txt")
_IN_DIRECTORY = (
    *("tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model"),
    *("tekken.json", "vocab.txt"),
)


@cache
def get_encoding(name: str) -> Encoding:
    """The encoding of a name; the same object each time.

    Args:
        name: a packaged encoding (``list_encodings``), which needs no network; another of
            tiktoken's, if tiktoken has downloaded it before; or ``hf:organisation/model`` (and
            ``@revision``, optionally), which is downloaded from the Hugging Face hub unless it
            is in the hub's cache.

    Raises:
        UnknownEncodingError: the name is unknown here.
        VocabularyError: its file is corrupt.
        NetworkError: it had to come from the hub and did not.
    """
    encoding = _named(name)
    encoding.factory = partial(get_encoding, name)
    return encoding


def _named(name: str) -> Encoding:
    check_type("name", name, str)
    if name.startswith("hf:"):
        from ctxtools.encodings.files.hub import find_on_hub
        from ctxtools.encodings.from_files import load_tokenizer_json

        path = find_on_hub(name.removeprefix("hf:"))
        data = read_regular(path, MAX_TOKENIZER, raises=VocabularyError)
        return load_tokenizer_json(data, name)
    if spec := SPECS.get(name):
        backend = byte_level_engine(spec.vocabulary(), SPLIT_PATTERNS[spec.pattern], nfc=spec.nfc)
        return Encoding(name, backend, spec.load_special_tokens())
    if name in CACHED:
        return _from_tiktoken_cache(name)
    raise UnknownEncodingError(f"unknown encoding {name!r:.200}", hint=_suggestion(name))


def as_encoding(encoding: Encoding | str) -> Encoding:
    """An encoding, which may be given by its name.

    Raises:
        UsageError: it is neither.
        UnknownEncodingError: the name is unknown here.
    """
    if isinstance(encoding, str):
        return get_encoding(encoding)
    if not hasattr(encoding, "count_batch"):  # whatever counts like one will do
        raise UsageError(f"encoding must be an Encoding or a name, got {encoding!r:.40}")
    return encoding


def list_encodings() -> tuple[str, ...]:
    """The names of the packaged encodings."""
    return tuple(SPECS)


def describe_encodings() -> Iterator[tuple[str, dict[str, str]]]:
    """The encodings available without a network: (name, facts).

    The facts are ``engine``, ``serves``, ``source`` and ``licence``; ``engine`` and ``path`` of one
    in tiktoken's cache; ``error`` of one that cannot be used.
    """
    engine = BYTE_LEVEL_ENGINE
    for spec in SPECS.values():
        try:
            spec.vocabulary()
        except VocabularyError as error:
            yield spec.name, {"error": error.message}
            continue
        facts = {"serves": spec.serves, "source": spec.source, "licence": spec.licence}
        yield spec.name, {"engine": engine, **facts}
    for name, cached in CACHED.items():
        if os.path.exists(cached.path):
            yield name, {"engine": engine, "path": str(cached.path)}


def load_encoding(
    path: str | os.PathLike[str],
    *,
    pattern: str | None = None,
    special_tokens: Mapping[str, int] | None = None,
) -> Encoding:
    """The encoding in a tokenizer file.

    Args:
        path: a ``tokenizer.json`` (Hugging Face), a ``.tiktoken`` file of ranks, a
            SentencePiece ``.model``, Mistral's ``tekken.json``, BERT's ``vocab.txt`` or a ``.gguf``
            file; or the directory of a model that has one of them. A ``.model`` may also hold
            ranks, as Llama 3's does. Of a GGUF file no more is read than its metadata, and counts
            are those of the tokenizer that it was made of, as far as it says.
        pattern: for ranks, the name of their split pattern (``SPLIT_PATTERNS``) or of an encoding
            that has it; a file that is known by its content needs none. A GGUF file needs one if
            that which it names is not known here.
        special_tokens: for ranks, the special tokens, spelling -> id.

    Raises:
        VocabularyError: the file cannot be read, or is corrupt.
        UsageError: a pattern is needed or unknown; a special token is none.
        MissingExtraError: only a library can read it, which is not installed.
    """
    check_type("path", path, str, os.PathLike)
    if pattern is not None:
        check_type("pattern", pattern, str)
    _check_special_tokens(special_tokens)
    encoding = _in_file(Path(path), pattern, special_tokens, None)
    encoding.factory = partial(load_encoding, path, pattern=pattern, special_tokens=special_tokens)
    return encoding


def _in_file(
    path: Path,
    pattern: str | None,
    special_tokens: Mapping[str, int] | None,
    within: str | os.PathLike[str] | None,
) -> Encoding:
    # Most runs use a packaged encoding, and need none of this.
    from ctxtools.encodings import from_files

    if os.path.isdir(path):
        path = _in_directory(path)
    if path.suffix.lower() == ".gguf":
        return from_files.load_gguf(path, pattern, within)
    try:
        data = read_regular(
            path, MAX_TOKENIZER, within=within, pipes=within is None, raises=VocabularyError
        )
    except VocabularyError as error:
        if path.name in SPECS:
            error.hint = f"{path.name} is a packaged encoding: ask for it by its name"
        raise
    if data.lstrip()[:1] == b"{":
        return from_files.load_json(data, str(path))
    if _is_ranks(data):
        family = _family(path, data, pattern)
        try:
            backend = byte_level_engine(parse_tiktoken(data), family, nfc=family.nfc)
        except VocabularyError as error:
            raise VocabularyError(f"{path}: {error.message}", hint=error.hint) from None
        return Encoding(str(path), backend, special_tokens)
    if ".model" in path.suffixes:  # Mistral's have a version after it: tokenizer.model.v3
        return from_files.load_sentencepiece(data, path)
    if path.suffix == ".txt":
        return from_files.load_vocab_txt(data, path, within)
    raise VocabularyError(
        f"{path} is not a known kind of tokenizer file",
        hint="give a tokenizer.json, a .tiktoken file of ranks, a SentencePiece .model, a "
        "tekken.json, a vocab.txt of BERT or a .gguf file",
    )


def _in_directory(directory: Path) -> Path:
    """The tokenizer file in the directory of a model."""
    for name in _IN_DIRECTORY:
        if (path := directory / name).is_file():
            return path
    ranks = sorted(directory.glob("*.tiktoken"))
    if len(ranks) == 1:
        return ranks[0]
    hint = f"name the file itself; one of {', '.join(_IN_DIRECTORY)} is looked for"
    if (directory / "vocab.json").is_file():
        hint = (
            "vocab.json and merges.txt do not say how a text is split; with transformers, "
            f"AutoTokenizer.from_pretrained('{directory}').save_pretrained('{directory}') writes "
            "a tokenizer.json"
        )
    raise VocabularyError(f"{directory}: a directory without a tokenizer file", hint=hint)


def find_encoding(wanted: str, *, within: str | os.PathLike[str] | None = None) -> Encoding:
    """The encoding that a user means by a word: a name or the path of a tokenizer file.

    Args:
        wanted: what ``get_encoding`` takes, or a path, which has a separator or the ending of a
            tokenizer file, or is that of a file. The path of a file of ranks may be followed
            by ``#`` and the name of their split pattern: ``ranks.tiktoken#qwen2``.
        within: the folder of a project whose configuration has the word. Paths are relative to it
            and lead to what is in it; the hub is not asked.

    Raises:
        ConfigError: it is on the hub or outside of ``within``.
        CtxtoolsError: what ``get_encoding`` and ``load_encoding`` raise.
    """
    if wanted in SPECS or wanted in CACHED:
        return get_encoding(wanted)
    if wanted.startswith("hf:") and within is not None:
        raise _not_for_projects(wanted, "use the network")
    path, _, pattern = (wanted, "", "") if _exists(wanted, within) else wanted.partition("#")
    is_path = os.sep in path or path.endswith(_ENDINGS) or _exists(path, within)
    is_path = is_path and len(path) <= _LONGEST_PATH
    if wanted.startswith("hf:") or not is_path:
        return get_encoding(wanted)
    if within is None:
        return load_encoding(path, pattern=pattern or None)
    path = os.path.join(within, path)
    if not is_inside(path, within):
        raise _not_for_projects(wanted, f"name a file outside of {one_line(os.fsdecode(within))}")
    encoding = _in_file(Path(path), pattern or None, None, within)
    encoding.factory = partial(find_encoding, wanted, within=within)
    return encoding


def _exists(path: str, folder: str | os.PathLike[str] | None) -> bool:
    return os.path.exists(path if folder is None else os.path.join(folder, path))


def _not_for_projects(wanted: str, deed: str) -> ConfigError:
    import shlex

    shown = one_line(f"{wanted:.200}")
    return ConfigError(
        f"encoding {shown}: the configuration of a project may not {deed}",
        hint=f"name it yourself: with -e {shlex.quote(shown)}, in CTXTOOLS_ENCODING, or in your "
        "own configuration",
    )


def _check_special_tokens(special_tokens: Mapping[str, int] | None) -> None:
    if special_tokens is None:
        return
    check_type("special_tokens", special_tokens, Mapping)
    for spelling, i in special_tokens.items():
        check_type("each special token", spelling, str)
        if not spelling or re.search(SURROGATE, spelling):
            raise UsageError(f"a special token must be text, got {spelling!r:.40}")
        check_integer(f"the id of {spelling!r:.40}", i, 0, MAX_RANK)


def _is_ranks(data: bytes) -> bool:
    """Whether the first line is an ASCII word and a number, as in a file of ranks."""
    words = data[:1000].split(b"\n", 1)[0].split()
    return len(words) == 2 and words[0].isascii() and words[1].isdigit()


def _family(path: Path, data: bytes, pattern: str | None) -> SplitPattern:
    if pattern is not None:
        named = SPECS.get(pattern) or CACHED.get(pattern)
        return get_pattern(named.pattern if named else pattern)
    import hashlib

    sha256 = hashlib.sha256(data).hexdigest()
    for family in SPLIT_PATTERNS.values():
        if sha256 in family.ranks:
            return family
    raise UsageError(
        f"{path} holds ranks, which do not say how a text is split",
        hint=f"name the split pattern after a #: {path}#cl100k (in Python, pattern='cl100k'); the "
        f"patterns are {', '.join(SPLIT_PATTERNS)}",
    )


def _from_tiktoken_cache(name: str) -> Encoding:
    spec = CACHED[name]
    if not os.path.exists(spec.path):
        raise UnknownEncodingError(
            f"{name} is not packaged, and tiktoken has not downloaded it here",
            hint=f"python -c \"import tiktoken; tiktoken.get_encoding('{name}')\" on a machine "
            "with a network; load_encoding(path) takes its .tiktoken file",
        )
    backend = byte_level_engine(spec.ranks(), SPLIT_PATTERNS[spec.pattern])
    return Encoding(name, backend, spec.special_tokens)


def _suggestion(name: str) -> str:
    """A hint for an unknown name."""
    if name.endswith(_ENDINGS) or os.sep in name:
        return "load_encoding(path) takes a tokenizer file"
    from ctxtools.suggestions import closest_match

    meant = closest_match(name, [*SPECS, *CACHED])
    packaged = f"the packaged encodings are {', '.join(SPECS)};"
    return f"{meant or packaged} encoding_for_model(name) takes a model"
