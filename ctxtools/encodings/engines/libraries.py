"""What a child process does with a tokenizer file: a library that stays loaded, and is asked.

isolated.py asks it. It imports nothing of ctxtools, so that the child starts soon.
"""

import json
from array import array
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, Protocol

_MAX_MESSAGE = 120  # characters of what a library says, which may quote the file

Reply = tuple[dict[str, Any], bytes]
"""What came of a request: bytes, or in the header why there are none."""


class RefusedError(Exception):
    """A file that can be read, and is not taken: why, and what to do about it."""


class Library(Protocol):
    """What a library does with one tokenizer file."""

    def facts(self) -> dict[str, Any]:
        """What the process that asks has to know of the file."""
        ...

    def allow(self, number: int, allowed: list[str]) -> None:
        """Give a set of special tokens, which are found in a text, a number."""
        ...

    def count(self, number: int, text: str) -> int:
        """The number of tokens of a text."""
        ...

    def encode(self, number: int, text: str) -> list[int]:
        """The token ids of a text."""
        ...

    def decode(self, ids: list[int]) -> bytes:
        """The bytes of token ids; a LookupError for an id that there is not."""
        ...


class Tokenizers:
    """A ``tokenizer.json``, by ``tokenizers``."""

    def __init__(self, data: bytes) -> None:
        from tokenizers import Tokenizer, decoders

        self._tokenizer = Tokenizer.from_buffer(data)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        self._encoders = {0: self._tokenizer}
        self._added = self._tokenizer.get_added_tokens_decoder()
        self._is_byte_level = isinstance(self._tokenizer.decoder, decoders.ByteLevel)
        self._refuse_chance()

    def _refuse_chance(self) -> None:
        """Raise a RefusedError where counts or ids would not be the same each time."""
        model, normalizer = self._tokenizer.model, self._tokenizer.normalizer
        if dropout := getattr(model, "dropout", None) or getattr(model, "alpha", None):
            raise RefusedError(
                f"its model is to split at random ({dropout:g}), so its counts are not certain",
                'set "dropout" to null in a copy of it, as is right for all but training',
            )
        found = dict[str, str]()
        for token in self._added.values() if normalizer else ():
            if token.normalized:
                spelling = normalizer.normalize_str(token.content)
                if found.setdefault(spelling, token.content) != token.content:
                    raise RefusedError(
                        f"the added tokens {found[spelling]!r:.40} and {token.content!r:.40} are "
                        "the same when they are normalised, and the library takes any of them",
                        'leave out one of them, or set its "normalized" to false',
                    )

    def facts(self) -> dict[str, Any]:
        processor = self._tokenizer.post_processor
        return {
            "vocabulary_size": 1 + max(self._tokenizer.get_vocab().values(), default=-1),
            "special_tokens": {t.content: i for i, t in self._added.items() if t.special},
            "post_processor": processor.__getstate__().decode() if processor else "null",
            "byte_level": self._is_byte_level,
        }

    def allow(self, number: int, allowed: list[str]) -> None:
        """The others are text, as if they were not added at all."""
        from tokenizers import Tokenizer

        whole, model = self._tokenizer, self._tokenizer.model
        in_model, numbered, found = [], {}, set(allowed)
        for i, token in self._added.items():
            if token.special and token.content not in found:
                continue
            if model.token_to_id(token.content) is None:
                numbered[i] = token
            else:
                in_model.append(token)
        # The library numbers these anew, in this order, and each shall have its id.
        ids = range(whole.get_vocab_size(with_added_tokens=False), 1 + max(numbered, default=-1))
        added = [numbered.get(i) or _in_no_text(i) for i in ids] + in_model
        # It holds the same parts as the other one, not copies of them.
        encoder = Tokenizer(model)
        encoder.normalizer, encoder.pre_tokenizer = whole.normalizer, whole.pre_tokenizer
        encoder.post_processor, encoder.decoder = whole.post_processor, whole.decoder
        encoder.add_tokens(added)
        self._encoders[number] = encoder

    def count(self, number: int, text: str) -> int:
        return len(self._encoders[number].encode(text, add_special_tokens=False))

    def encode(self, number: int, text: str) -> list[int]:
        return list(self._encoders[number].encode(text, add_special_tokens=False).ids)

    def decode(self, ids: list[int]) -> bytes:
        tokens = [self._tokenizer.id_to_token(i) for i in ids]
        if None in tokens:
            raise LookupError(ids[tokens.index(None)])
        if self._is_byte_level:  # a token may end inside a character: bytes are made of them there
            return json.dumps(tokens).encode()
        return str(self._tokenizer.decode(ids, skip_special_tokens=False)).encode()


class SentencePiece:
    """A SentencePiece ``.model``, by ``sentencepiece``."""

    def __init__(self, data: bytes) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor = SentencePieceProcessor(model_proto=data)

    def facts(self) -> dict[str, Any]:
        processor, size = self._processor, int(self._processor.vocab_size())
        control = (i for i in range(size) if processor.is_control(i))
        return {
            "vocabulary_size": size,
            "special_tokens": {str(processor.id_to_piece(i)): i for i in control},
            "bos": int(processor.bos_id()),
            "eos": int(processor.eos_id()),
        }

    def allow(self, number: int, allowed: list[str]) -> None:
        raise NotImplementedError

    def count(self, number: int, text: str) -> int:
        return len(self._processor.encode(text))

    def encode(self, number: int, text: str) -> list[int]:
        return list(self._processor.encode(text))

    def decode(self, ids: list[int]) -> bytes:
        return str(self._processor.decode(ids)).encode()


def _in_no_text(i: int) -> Any:
    import secrets

    from tokenizers import AddedToken

    return AddedToken(f"{i} {secrets.token_hex(32)}", normalized=False)


def serve(request: dict[str, Any], _: object, data: bytes) -> Generator[Reply, Reply, None]:
    """A job of `ctxtools.isolated`: a library opens a tokenizer file, and answers requests."""
    opened: list[Library] = []
    request, data = yield attempt(partial(load, request["library"], data, opened))
    [library] = opened
    while True:
        request, data = yield attempt(partial(answer, library, request, data))


def load(name: str, data: bytes, opened: list[Library]) -> bytes:
    """Open a library, and return its facts as JSON."""
    opened.append(Tokenizers(data) if name == "tokenizers" else SentencePiece(data))
    return json.dumps(opened[0].facts()).encode()


def answer(library: Library, request: dict[str, Any], data: bytes) -> bytes:
    """The bytes that were asked for."""
    what, number = request["what"], request["number"]
    if what == "count":
        return array("Q", [library.count(number, text) for text in texts_of(data)]).tobytes()
    if what == "encode":
        return array("I", library.encode(number, data.decode())).tobytes()
    if what == "decode":
        return library.decode(array("I", data).tolist())
    library.allow(number, json.loads(data))
    return b""


def texts_of(data: bytes) -> list[str]:
    """The texts of a request to count: how many, the bytes of each, and these."""
    n = int.from_bytes(data[:8], "little")
    start = 8 * (n + 1)
    texts = []
    for length in array("Q", data[8:start]):
        texts.append(data[start : start + length].decode())
        start += length
    return texts


def attempt(work: Callable[[], bytes]) -> Reply:
    """What comes of a request; an error does not end the job."""
    try:
        return {}, work()
    except (KeyboardInterrupt, SystemExit):
        raise
    except LookupError as error:
        return {"unknown": int(error.args[0])}, b""
    except RefusedError as error:
        return dict(zip(("failed", "hint"), error.args, strict=True)), b""
    except BaseException as error:  # a panic of Rust is no Exception
        first, *_ = str(error).strip().splitlines() or [type(error).__name__]
        first = first.removeprefix("Cannot instantiate Tokenizer from buffer: ")
        return {"failed": first[:_MAX_MESSAGE]}, b""
