"""``tiktoken.Encoding`` over an engine of ctxtools."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from ctxtools.compat.tiktoken.special import Allowed, Disallowed, resolve
from ctxtools.compat.tiktoken.unstable import Unstable
from ctxtools.encodings import Encoding as CtxtoolsEncoding
from ctxtools.encodings.engines import byte_level_engine
from ctxtools.encodings.engines.backend import Backend, decode_with
from ctxtools.encodings.files.patterns import pattern_of
from ctxtools.encodings.ids import as_buffer
from ctxtools.encodings.tokens import character_offsets
from ctxtools.errors import UnknownTokenError, UsageError
from ctxtools.parallel import map_ordered

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

_THREADS = 8  # tiktoken's default
_PER_TASK = 16  # of a batch, since many are short


class NoTokenError(UnknownTokenError, KeyError):
    """A token that the encoding does not have."""


class WrongArgumentError(UsageError, AssertionError):
    """An argument of which tiktoken asserts something else."""


class Encoding:
    """A tokenizer, with tiktoken's interface.

    Args:
        name: what it is called.
        pat_str: a regular expression that splits a text, in the dialect of Rust's ``fancy-regex``.
        mergeable_ranks: the bytes of each token -> its rank, which is its id; every single byte is
            a token.
        special_tokens: the spelling of each special token -> its id.
        explicit_n_vocab: the number of tokens, special ones included, to be compared.

    Raises:
        ValueError: the vocabulary or the pattern cannot be used.
        AssertionError: the number of tokens is another one.
    """

    _load_ranks: Callable[[], dict[bytes, int]]

    def __init__(
        self,
        name: str,
        *,
        pat_str: str,
        mergeable_ranks: dict[bytes, int],
        special_tokens: dict[str, int],
        explicit_n_vocab: int | None = None,
    ) -> None:
        highest = max(max(mergeable_ranks.values()), max(special_tokens.values(), default=0))
        if explicit_n_vocab:
            count = len(mergeable_ranks) + len(special_tokens)
            if (count, highest + 1) != (explicit_n_vocab, explicit_n_vocab):
                raise WrongArgumentError(
                    f"explicit_n_vocab is {explicit_n_vocab:,}, but there are {count:,} tokens, "
                    f"and the highest id is {highest:,}"
                )
        backend = byte_level_engine(mergeable_ranks, pattern_of(pat_str))
        self._mergeable_ranks = mergeable_ranks
        self._set(CtxtoolsEncoding(name, backend, special_tokens), pat_str, highest)

    @classmethod
    def of(
        cls, encoding: CtxtoolsEncoding, pat_str: str, ranks: Callable[[], dict[bytes, int]]
    ) -> "Encoding":
        """A byte-level BPE encoding of ctxtools with this interface.

        Args:
            encoding: the encoding.
            pat_str: its split pattern.
            ranks: returns the bytes of its tokens -> rank, when they are asked for.
        """
        self = cls.__new__(cls)
        self._load_ranks = ranks
        self._set(encoding, pat_str, encoding.vocabulary_size - 1)
        return self

    def _set(self, encoding: CtxtoolsEncoding, pat_str: str, max_token_value: int) -> None:
        self.name = encoding.name
        self.max_token_value = max_token_value
        self._pat_str = pat_str
        self._special_tokens = dict(encoding.special_tokens)
        self._special_token_values = {*self._special_tokens.values()}
        self._encoding = encoding
        self._backend: Backend = encoding.backend

    def __repr__(self) -> str:
        return f"<Encoding {self.name!r}>"

    def __getstate__(self) -> object:
        from ctxtools.compat.tiktoken import registry

        if self is registry.ENCODINGS.get(self.name):
            return self.name
        return {
            "name": self.name,
            "pat_str": self._pat_str,
            "mergeable_ranks": self._mergeable_ranks,
            "special_tokens": self._special_tokens,
        }

    def __setstate__(self, state: Any) -> None:
        from ctxtools.compat.tiktoken import registry

        if isinstance(state, str):
            self.__dict__.update(registry.get_encoding(state).__dict__)
        else:
            Encoding.__init__(self, **state)

    # Text to tokens

    def encode(
        self,
        text: str,
        *,
        allowed_special: Allowed = frozenset(),
        disallowed_special: Disallowed = "all",
    ) -> list[int]:
        """The token ids of a text.

        Args:
            text: any ``str``; a lone surrogate is encoded as U+FFFD.
            allowed_special: the special tokens whose spelling in the text is that token, or "all".
            disallowed_special: those whose spelling in the text is an error; "all" are those that
                are not allowed. The spelling of any other is text.

        Raises:
            ValueError: the spelling of a disallowed special token is in the text.
            TypeError: an argument is of another type.
        """
        allowed, check = self._special(allowed_special, disallowed_special)
        check(_checked(text))
        if not allowed:
            return self._backend.encode(text)
        return self._encoding.encode(text, allowed_special=allowed)

    def encode_ordinary(self, text: str) -> list[int]:
        """The token ids of a text in which the spelling of a special token is text."""
        return self._backend.encode(_checked(text))

    def encode_batch(
        self,
        text: Iterable[str],
        *,
        num_threads: int = _THREADS,
        allowed_special: Allowed = frozenset(),
        disallowed_special: Disallowed = "all",
    ) -> list[list[int]]:
        """The token ids of each text; see ``encode``. No result depends on the threads."""
        allowed, check = self._special(allowed_special, disallowed_special)
        texts = [_checked(each) for each in text]
        for each in texts:
            check(each)
        return self._encoding.encode_batch(
            texts, allowed_special=allowed, threads=_threads(num_threads)
        )

    def encode_ordinary_batch(
        self, text: Iterable[str], *, num_threads: int = _THREADS
    ) -> list[list[int]]:
        """The token ids of each text; see ``encode_ordinary``."""
        texts = [_checked(each) for each in text]
        return self._backend.encode_batch(texts, _threads(num_threads))

    def encode_to_numpy(
        self,
        text: str,
        *,
        allowed_special: Allowed = frozenset(),
        disallowed_special: Disallowed = "all",
    ) -> "NDArray[numpy.uint32]":
        """The token ids of a text as an array that is not copied; see ``encode``.

        Raises:
            UnicodeEncodeError: there is a surrogate in the text.
        """
        import numpy

        allowed, check = self._special(allowed_special, disallowed_special)
        check(_checked(text))
        ids = self._encoding.encode_to_buffer(_without_surrogates(text), allowed_special=allowed)
        return numpy.frombuffer(ids, numpy.uint32)

    def encode_with_unstable(
        self,
        text: str,
        *,
        allowed_special: Allowed = frozenset(),
        disallowed_special: Disallowed = "all",
    ) -> tuple[list[int], list[list[int]]]:
        """The tokens that stay whatever follows the text, and what may come after these instead.

        Returns:
            The ids that stay, and in order the lists of ids that go on from there to the end of the
            text, or beyond it in their last token.

        Raises:
            ValueError, TypeError: see ``encode``.
            UnicodeEncodeError: there is a surrogate in the text.
        """
        allowed, check = self._special(allowed_special, disallowed_special)
        check(_checked(text))
        return self._unstable.encode(_without_surrogates(text), allowed)

    def encode_single_token(self, text_or_bytes: str | bytes) -> int:
        """The id of one token, which may be a special one.

        Raises:
            KeyError: there is no such token.
        """
        data = text_or_bytes.encode() if isinstance(text_or_bytes, str) else bytes(text_or_bytes)
        try:
            return self._encoding.token_id(data)
        except UnknownTokenError as error:
            raise NoTokenError(error.message, hint=error.hint) from None

    # Tokens to text

    def decode(self, tokens: Sequence[int], errors: str = "replace") -> str:
        """The text of token ids.

        Args:
            tokens: the ids.
            errors: what becomes of bytes that are not UTF-8, as ``bytes.decode`` takes it.

        Raises:
            KeyError: an id is not in the vocabulary.
        """
        return self.decode_bytes(tokens).decode("utf-8", errors)

    def decode_bytes(self, tokens: Sequence[int]) -> bytes:
        """The bytes of token ids; see ``decode``."""
        # As in tiktoken, an id that is a special token's too is that of the ordinary token.
        try:
            try:
                return self._backend.decode(as_buffer(tokens))
            except LookupError:
                return decode_with(self._backend.decode, self._special_bytes, [*tokens])
        except LookupError as error:
            for i in tokens:
                if not 0 <= i < 1 << 32:
                    raise OverflowError(f"a token id must be below 2^32, got {i}") from None
            raise NoTokenError(
                f"{self.name} has no token with the id {error.args[0]}",
                hint=f"its ids are below {self.n_vocab:,}",
            ) from None

    def decode_single_token_bytes(self, token: int) -> bytes:
        """The bytes of one token.

        Raises:
            KeyError: the id is not in the vocabulary.
        """
        return self.decode_bytes([token])

    def decode_tokens_bytes(self, tokens: Iterable[int]) -> list[bytes]:
        """The bytes of each token; see ``decode_single_token_bytes``."""
        return [self.decode_single_token_bytes(token) for token in tokens]

    def decode_with_offsets(self, tokens: Sequence[int]) -> tuple[str, list[int]]:
        """The text of token ids, and where in it each token starts, in characters.

        A token that starts inside a character starts where the character does.

        Raises:
            UnicodeDecodeError: the bytes of the tokens are not UTF-8.
            KeyError: an id is not in the vocabulary.
        """
        ids = [*tokens]
        spelled = {i: self.decode_single_token_bytes(i) for i in dict.fromkeys(ids)}
        text = b"".join(map(spelled.__getitem__, ids)).decode()
        starts, _ = character_offsets(ids, spelled)
        return text, starts.tolist()

    def decode_batch(
        self,
        batch: Iterable[Sequence[int]],
        *,
        errors: str = "replace",
        num_threads: int = _THREADS,
    ) -> list[str]:
        """The text of each list of token ids; see ``decode``."""
        decode = partial(self.decode, errors=errors)
        return [*map_ordered(decode, batch, _threads(num_threads), share=_PER_TASK)]

    def decode_bytes_batch(
        self, batch: Iterable[Sequence[int]], *, num_threads: int = _THREADS
    ) -> list[bytes]:
        """The bytes of each list of token ids; see ``decode_bytes``."""
        return [*map_ordered(self.decode_bytes, batch, _threads(num_threads), share=_PER_TASK)]

    # The vocabulary

    @property
    def n_vocab(self) -> int:
        """One more than the highest id."""
        return self.max_token_value + 1

    @property
    def eot_token(self) -> int:
        """The id of ``<|endoftext|>``; a KeyError if there is none."""
        return self._special_tokens["<|endoftext|>"]

    @cached_property
    def special_tokens_set(self) -> set[str]:
        """The spellings of the special tokens."""
        return {*self._special_tokens}

    def is_special_token(self, token: int) -> bool:
        """Whether an id is that of a special token."""
        if not isinstance(token, int):
            raise WrongArgumentError(f"token must be an int, got {type(token).__name__}")
        return token in self._special_token_values

    def token_byte_values(self) -> list[bytes]:
        """The bytes of all tokens that are not special, sorted."""
        return sorted(self._mergeable_ranks)

    @cached_property
    def _mergeable_ranks(self) -> dict[bytes, int]:  # an attribute of those made of ranks
        return self._load_ranks()

    @cached_property
    def _special_bytes(self) -> Mapping[int, bytes]:
        """Id -> bytes of the special tokens that do not have the id of another."""
        spellings = {i: token.encode() for token, i in self._special_tokens.items()}
        ordinary = {*self._mergeable_ranks.values()}
        return {i: token for i, token in spellings.items() if i not in ordinary}

    # What tiktoken's tests use beside, and so do others

    def _encode_single_piece(self, text_or_bytes: str | bytes) -> list[int]:
        data = text_or_bytes.encode() if isinstance(text_or_bytes, str) else text_or_bytes
        return self._backend.encode_bytes(data)

    def _encode_bytes(self, text: bytes) -> list[int]:
        return self._unstable.encode_bytes(text)

    def _encode_only_native_bpe(self, text: str) -> list[int]:
        import regex

        pieces = regex.findall(self._pat_str, text)
        return [i for piece in pieces for i in self._encode_single_piece(piece)]

    @cached_property
    def _unstable(self) -> Unstable:
        return Unstable(self._encoding, self._pat_str, self._mergeable_ranks)

    def _special(
        self, allowed: Allowed, disallowed: Disallowed
    ) -> tuple[AbstractSet[str], Callable[[str], None]]:
        return resolve(self.special_tokens_set, allowed, disallowed)


def _checked(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a text must be a str, got {type(text).__name__}")
    return text


def _without_surrogates(text: str) -> str:
    text.encode()  # raises
    return text


def _threads(num_threads: int) -> int:
    if num_threads <= 0:
        raise UsageError(f"num_threads must be >= 1, got {num_threads}")
    return num_threads
