"""Finding encodings: by name, in files and in caches, and in no network that was not asked for."""

import base64
import json
import pickle
import socket
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from ctxtools.encodings import Encoding, get_encoding, list_encodings, load, load_encoding
from ctxtools.encodings.files import specs
from ctxtools.encodings.files.specs import SPECS
from ctxtools.encodings.files.tiktoken_cache import CACHED
from ctxtools.errors import (
    NetworkError,
    UnknownEncodingError,
    UsageError,
    VocabularyError,
)
from tests.oracles import byte_level_bpe, deepseek, qwen

TEXT = "Hello, 世界! It's 2026.\n\n\tCafé and <|endoftext|> \U0001f468\u200d\U0001f469."


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def write_ranks(path: Path, ranks: dict[bytes, int]) -> Path:
    lines = (b"%s %d" % (base64.b64encode(token), rank) for token, rank in ranks.items())
    path.write_bytes(b"\n".join(lines))
    return path


def test_the_same_object_each_time() -> None:
    assert get_encoding("qwen2") is get_encoding("qwen2")


def test_an_unknown_name_suggests_similar_ones() -> None:
    with pytest.raises(UnknownEncodingError, match="unknown encoding 'o200k'") as raised:
        get_encoding("o200k")
    assert "did you mean o200k_base? encoding_for_model(name) takes" in str(raised.value)
    with pytest.raises(UnknownEncodingError, match=r"load_encoding\(path\)"):
        get_encoding("some/tokenizer.json")


@pytest.mark.parametrize("name", list_encodings())
def test_a_corrupt_vocabulary(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specs, "DATA", tmp_path)
    spec = SPECS[name]
    with pytest.raises(VocabularyError, match="no such file"):
        spec.ranks()
    data = bytearray((Path(specs.__file__).parent / "data" / spec.file).read_bytes())
    data[-1] ^= 1
    (tmp_path / spec.file).write_bytes(data)
    with pytest.raises(VocabularyError, match="is corrupt: its CRC-32 is"):
        spec.ranks()


@pytest.mark.parametrize(("name", "tokenizer"), [("deepseek_v3", deepseek), ("qwen2", qwen)])
def test_a_tokenizer_json(name: str, tokenizer: object, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    tokenizer().save(str(path))  # type: ignore[operator]
    encoding, packaged = load_encoding(path), get_encoding(name)
    assert encoding.backend.name == packaged.backend.name
    assert encoding.encode(TEXT) == packaged.encode(TEXT)
    assert encoding.decode(encoding.encode(TEXT)) == TEXT
    assert [encoding.decode_bytes([i]) for i in encoding.encode(TEXT)] == [
        packaged.decode_bytes([i]) for i in packaged.encode(TEXT)
    ]
    assert encoding.truncate(TEXT, 7) == packaged.truncate(TEXT, 7)
    assert encoding.count("\ud83d") == packaged.count("\ufffd")


def test_special_tokens_of_a_tokenizer_json_are_text(tmp_path: Path) -> None:
    tokenizer = Tokenizer(byte_level_bpe({bytes([b]): b for b in range(256)}))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens(["<s>"])
    tokenizer.add_tokens(["hello"])
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    encoding = load_encoding(tmp_path / "tokenizer.json")
    assert encoding.special_tokens == {"<s>": 256}
    assert encoding.count("<s>hello") == 4, "<s> is three bytes, hello is a token of the vocabulary"
    assert encoding.count("<s>hello", allowed_special="all") == 2


def test_truncation_and_padding_of_a_tokenizer_json_are_off(tmp_path: Path) -> None:
    tokenizer = Tokenizer(models.WordLevel({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_truncation(2)
    tokenizer.enable_padding(length=9)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert load_encoding(tmp_path / "tokenizer.json").count("a a a a") == 4


def test_ranks_with_a_named_pattern(tmp_path: Path) -> None:
    path = write_ranks(tmp_path / "my.tiktoken", SPECS["qwen2"].ranks())
    encoding = load_encoding(path, pattern="qwen2", special_tokens={"<|im_end|>": 151645})
    assert encoding.encode(TEXT) == get_encoding("qwen2").encode(TEXT)
    assert encoding.encode("<|im_end|>", allowed_special="all") == [151645]


def test_ranks_that_are_known_need_no_pattern(tmp_path: Path) -> None:
    path = write_ranks(tmp_path / "x.model", SPECS["cl100k_base"].ranks())
    path.write_bytes(path.read_bytes() + b"\n")
    assert load_encoding(path).encode(TEXT) == get_encoding("cl100k_base").encode(TEXT)


def test_ranks_without_a_pattern(tmp_path: Path) -> None:
    path = write_ranks(tmp_path / "my.tiktoken", {bytes([b]): b for b in range(256)})
    with pytest.raises(UsageError, match="do not say how a text is split"):
        load_encoding(path)
    with pytest.raises(UsageError, match="unknown split pattern 'x'"):
        load_encoding(path, pattern="x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"IQ== 0\nIg=\n", "line 2 is not a base64 token and its rank"),
        (b"IQ== 0\nIg== one\n", "line 2 is not a base64 token"),
        (b"IQ== 0\nIQ== 1\n", "has a token or a rank twice"),
        (b"IQ== 0\nIg== 0\n", "has a token or a rank twice"),
        (b"IQ== 0\n", "255 of the 256 single bytes have no token, the first is 0x00"),
    ],
)
def test_bad_ranks(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "bad.tiktoken").write_bytes(content)
    with pytest.raises(VocabularyError, match=message) as raised:
        load_encoding(tmp_path / "bad.tiktoken", pattern="o200k")
    assert "bad.tiktoken" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.json", b'{"version": "1.0"', "cannot be read as a tokenizer.json"),
        ("t.json", b"{}", "cannot be read as a tokenizer.json"),
        ("t.bin", b"\x00\x01\x02", "not a known kind of tokenizer file"),
        ("empty.json", b"", "not a known kind of tokenizer file"),
    ],
)
def test_files_that_are_no_tokenizer(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(VocabularyError, match=message):
        load_encoding(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"gone\.json: no such file"):
        load_encoding(tmp_path / "gone.json")


def test_tiktokens_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands in for r50k_base's file by its name; its hash is checked like the real one's."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    load.get_encoding.cache_clear()
    with pytest.raises(UnknownEncodingError, match="p50k_base is not packaged") as raised:
        get_encoding("p50k_base")
    assert "with a network" in str(raised.value)
    cached = CACHED["p50k_base"]
    path = write_ranks(tmp_path / cached.file, SPECS["cl100k_base"].ranks())
    with pytest.raises(VocabularyError, match="corrupt"):
        get_encoding("p50k_base")
    import hashlib

    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(load, "CACHED", {"p50k_base": cached._replace(sha256=sha256)})
    encoding = get_encoding("p50k_base")
    assert encoding.count("a\n\nb") == 4, "r50k's pattern splits two line breaks"
    assert encoding.encode("<|endoftext|>", allowed_special="all") == [50256]
    load.get_encoding.cache_clear()


def test_the_hub_is_asked_only_by_name_and_its_cache_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    qwen().save(str(tmp_path / "tokenizer.json"))
    asked = []

    def download(repository: str, file: str, *, revision: str, local_files_only: bool) -> str:
        asked.append((repository, file, revision, local_files_only))
        if local_files_only or repository == "no/where":
            raise LocalEntryNotFoundError("not here")
        return str(tmp_path / "tokenizer.json")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])
    load.get_encoding.cache_clear()
    encoding = get_encoding("hf:Qwen/Qwen3-8B@main")
    assert encoding.count(TEXT) == get_encoding("qwen2").count(TEXT)
    assert asked == [
        ("Qwen/Qwen3-8B", "tokenizer.json", "main", True),
        ("Qwen/Qwen3-8B", "tokenizer.json", "main", False),
    ]
    with pytest.raises(NetworkError, match="'no/where' did not come from the Hugging Face hub"):
        get_encoding("hf:no/where")


def test_without_a_network_the_hub_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub's library would try for 25 seconds."""
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    def download(*_: object, local_files_only: bool, **__: object) -> str:
        assert local_files_only
        raise LocalEntryNotFoundError("not here")

    def fail(*_: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.upper(), raising=False)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    load.get_encoding.cache_clear()
    with pytest.raises(NetworkError, match="Temporary failure in name resolution") as raised:
        get_encoding("hf:org/model")
    assert "give its path" in (raised.value.hint or "")


def test_a_sentencepiece_model(tmp_path: Path) -> None:
    sentencepiece = pytest.importorskip("sentencepiece")
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("the quick brown fox jumps over the lazy dog\n" * 50 + "日本語の文\n" * 50)
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus),
        model_prefix=str(tmp_path / "tiny"),
        vocab_size=300,
        byte_fallback=True,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    encoding = load_encoding(tmp_path / "tiny.model")
    oracle = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "tiny.model"))
    assert encoding.backend.name == "sentencepiece"
    as_mistrals = (tmp_path / "tiny.model").rename(tmp_path / "tiny.model.v3")
    assert load_encoding(as_mistrals).backend.name == "sentencepiece"
    as_mistrals.rename(tmp_path / "tiny.model")
    for text in ("", "the lazy dog", "日本語 x\n\n y", "<s> is text"):
        assert encoding.encode(text) == oracle.encode(text)
    assert encoding.decode(encoding.encode("the lazy dog")) == "the lazy dog"
    assert encoding.truncate("the lazy dog jumps", 3) in "the lazy dog jumps"
    (tmp_path / "tiny.model").write_bytes(b"\x0a\x0e\x0a")
    with pytest.raises(VocabularyError, match="cannot be read as a SentencePiece model"):
        load_encoding(tmp_path / "tiny.model")


def test_special_tokens_that_are_packaged() -> None:
    tokens = get_encoding("deepseek_v3").special_tokens
    assert len(tokens) == 1283
    assert (tokens["<think>"], tokens["</think>"], max(tokens.values())) == (128821, 128822, 129279)
    assert json.dumps(tokens)


def test_encodings_go_to_other_processes(tmp_path: Path) -> None:
    o200k = get_encoding("o200k_base")
    assert pickle.loads(pickle.dumps(o200k)) is o200k
    path = tmp_path / "tokenizer.json"
    path.write_text(deepseek().to_str())
    loaded = pickle.loads(pickle.dumps(load_encoding(path)))
    assert (loaded.name, loaded.count("Some words.")) == (str(path), 3)
    with pytest.raises(TypeError, match="it has no factory"):
        pickle.dumps(Encoding("mine", o200k.backend))


def test_the_directory_of_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("model", "ranks", "words", "empty", "gpt2"):
        Path(name).mkdir()
    tokenizer = Tokenizer(models.WordLevel({"a": 0, "b": 1, "?": 2}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save("model/tokenizer.json")
    for wanted in ("model", "./model", "model/", str(tmp_path / "model")):
        assert load.find_encoding(wanted).count("a b") == 2
    assert load_encoding(Path("model")).encode("b") == [1]
    write_ranks(Path("ranks/x.tiktoken"), {bytes([n]): n for n in range(256)})
    assert load.find_encoding("ranks#cl100k").count("ab") == 2
    Path("words/vocab.json").write_text("{}")
    for name, hint in (("words", "save_pretrained"), ("empty", "tokenizer.")):
        with pytest.raises(VocabularyError, match="without a tokenizer file") as error:
            load.find_encoding(name)
        assert error.value.hint is not None and hint in error.value.hint


def test_a_split_pattern_by_the_name_of_an_encoding(tmp_path: Path) -> None:
    path = write_ranks(tmp_path / "x.tiktoken", {bytes([n]): n for n in range(256)})
    for name in ("cl100k", "cl100k_base", "o200k_base", "p50k_base", "qwen2"):
        assert load.find_encoding(f"{path}#{name}").count("abc") == 3
    with pytest.raises(UsageError) as error:
        load.find_encoding(str(path))
    assert error.value.hint is not None and f"{path}#cl100k" in error.value.hint
