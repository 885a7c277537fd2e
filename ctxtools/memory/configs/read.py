"""``architecture_of``: the architecture of a model in a file or a folder."""

import os
import re
from pathlib import Path

from ctxtools.errors import CtxtoolsError, FormatError, ReadError, UsageError
from ctxtools.escape import one_line
from ctxtools.memory.architecture import Architecture, Parameters
from ctxtools.memory.configs.fields import MAX_TOKENS, Fields, read_fields
from ctxtools.memory.configs.layers import HEAD_NAMES, LAYER_NAMES, read_layers
from ctxtools.memory.configs.parameters import count_parameters

_MODELOPT = "hf_quant_config.json"  # what ModelOpt did, where config.json does not say it
_NESTED = ("text_config", "language_config", "llm_config", "thinker_config")
# Types whose caches were looked at. Others are read by their fields, with a note.
_KNOWN = (
    r"qwen|llama|mi[sx]tral|ministral|deepseek|kimi|glm|minimax|gemma|gpt_oss|gpt_neox|gpt2|ernie"
    r"|step|mimo|hy_|hunyuan|phi|olmo|granite|nemotron|falcon|starcoder|internlm|internvl|cohere"
    r"|exaone|smollm|yi|baichuan|chatglm|solar|opt|bloom|mpt|seed_oss|apertus"
)


def architecture_of(path: str | os.PathLike[str]) -> Architecture:
    """The architecture of a model, from its files.

    Args:
        path: a ``config.json``, or a folder that has one. Of a folder the weights are measured,
            too: the sizes in the headers of its safetensors files, or the size of a GGUF file.

    Returns:
        The architecture. Layers of a type that is not known here are taken to be grouped-query
        attention, and a note says so.

    Raises:
        UsageError: this is no path.
        ReadError: a file cannot be read.
        FormatError: a value is wrong or missing, or the layers are of a kind whose caches are not
            known; the message names the field.
    """
    from ctxtools.memory.checkpoint import folder_size

    if not isinstance(path, str | os.PathLike):
        raise UsageError(f"path must be a str or a Path, got {type(path).__name__}")
    folder = Path(path)
    is_folder = os.path.isdir(folder)
    file = folder / "config.json" if is_folder else folder
    if file.suffix in (".gguf", ".safetensors"):
        raise FormatError(
            f"{one_line(str(file))}: has weights, and no configuration is read from it",
            hint="name the model, and this file with --weights: ctx memory qwen3-8b --weights FILE",
        )
    if is_folder and not os.path.lexists(file):
        raise ReadError(
            f"{one_line(str(folder))} has no config.json",
            hint="name the folder of a Hugging Face model, or a model that `ctx memory --models` "
            "lists",
        )
    outer = read_fields(file, within=_root(folder) if is_folder else None)
    weights = folder_size(folder, _root(folder)) if is_folder else None
    if file.name != "config.json":
        return _read(outer, os.path.basename(os.path.abspath(file)), weights, None)
    beside = file.with_name(_MODELOPT)
    quantization = None
    if os.path.lexists(beside):
        quantization = read_fields(beside, within=_root(beside.parent)).table("quantization")
    name = os.path.basename(os.path.abspath(file.parent))
    return _read(outer, name, weights, quantization)


def _root(folder: Path) -> Path:
    """What files of a folder may lead to: itself or, in the hub's cache, the model's blobs."""
    real = Path(os.path.realpath(folder))
    return real.parent.parent if real.parent.name == "snapshots" else real


def _read(
    outer: Fields, name: str, weights: int | None, quantization: Fields | None
) -> Architecture:
    fields = _language_model(outer)
    notes: list[str] = []
    layers = read_layers(fields, notes)
    model_type = fields.text("model_type") or outer.text("model_type")
    if not re.match(_KNOWN, model_type):
        notes.append(
            f"Model type {model_type!r} is not known here: it is taken to be what its fields say."
        )
    parameters: Parameters | None = None
    try:
        parameters = count_parameters(fields, tied=_is_tied(outer, fields))
    except CtxtoolsError as error:
        notes.append(f"The number of weights cannot be computed: {error.message}.")
    routed, dense = _formats(outer, fields, quantization)
    context = fields.optional(
        "max_position_embeddings", "n_positions", "max_seq_len", maximum=MAX_TOKENS
    )
    if "vision_config" in outer or "audio_config" in outer:
        notes.append("The towers for images and audio are not in the computed weights.")
    return Architecture(
        name,
        layers,
        parameters,
        fields.optional(*HEAD_NAMES),
        context or None,
        routed,
        dense,
        weights,
        "computed",
        outer.file,
        tuple(notes),
    )


def _language_model(outer: Fields) -> Fields:
    """The fields of the language model, which multimodal models keep inside."""
    for name in _NESTED:
        if any(each in outer for each in LAYER_NAMES):
            break
        if inner := outer.table(name):
            return _language_model(inner) if name == "thinker_config" else inner
    if not outer.values:
        raise FormatError(f"{outer.file}: is empty")
    return outer


def _is_tied(outer: Fields, fields: Fields) -> bool:
    if "tie_word_embeddings" in fields:
        return fields.flag("tie_word_embeddings")
    default = fields.text("model_type").startswith("gemma")
    return outer.flag("tie_word_embeddings", default=default)


def _formats(outer: Fields, fields: Fields, beside: Fields | None) -> tuple[str, str]:
    """The formats of routed experts and of other weights in the checkpoint.

    Args:
        outer: of the file.
        fields: of the language model.
        beside: the quantization in a file of its own, where the configuration has none.
    """
    stated = fields.text("dtype") or fields.text("torch_dtype")
    stated = stated or outer.text("dtype") or outer.text("torch_dtype")
    plain = "fp32" if stated == "float32" else "bf16"
    tables = (
        where.table(name)
        for where in (outer, fields)
        for name in ("quantization_config", "compression_config")
    )
    table = next((table for table in tables if table), beside)
    if table is None:
        return plain, plain
    quantized = _quantized_format(table)
    others = plain if _spares_attention(table) else quantized
    experts = fields.text("expert_dtype")
    return ("mxfp4" if experts == "fp4" and quantized == "fp8" else quantized), others


def _quantized_format(table: Fields) -> str:
    method = table.text("quant_method").lower()
    method += " " + table.text("quant_algo").lower() + " " + table.text("format").lower()
    for name in ("mxfp4", "nvfp4", "mxfp8"):
        if name in method:
            return name
    groups = table.table("config_groups")
    for name in sorted(groups.values if groups else ())[:1]:
        group = groups.table(name) if groups else None
        weights = group.table("weights") if group else None
        if weights is None:
            continue
        bits, kind = weights.optional("num_bits", default=16), weights.text("type")
        size = weights.optional("group_size", minimum=-1, default=128)
        if bits == 4:
            return "nvfp4" if kind == "float" else ("int4-g32" if size == 32 else "int4")
        return "int8" if kind == "int" and bits == 8 else ("fp8" if bits == 8 else "bf16")
    if "fp8" in method:
        return "fp8"
    if found := re.search(r"w([48])a(?:8|16)|int([48])", method):
        return f"int{found[1] or found[2]}"
    bits = table.optional("bits", "w_bit", default=0)
    if table.flag("load_in_4bit") or bits == 4:
        return "int4"
    return "int8" if table.flag("load_in_8bit") or bits == 8 else "bf16"


def _spares_attention(table: Fields) -> bool:
    """Whether what is not in experts stays as it was."""
    spared = [
        each
        for name in ("ignore", "modules_to_not_convert", "exclude_modules")
        if isinstance(found := table.values.get(name), list)
        for each in found[:100]
        if isinstance(each, str)
    ]
    return any(re.search(r"(self_attn|\.attn)[.*\\]*$", each) for each in spared)
