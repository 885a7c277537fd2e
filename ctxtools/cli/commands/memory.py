"""``ctx memory``: whether a model, and sequences of a length, fit some accelerators."""

from typing import Annotated

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import argument, panel
from ctxtools.memory.planning.engines import Engine

_model_option = panel("The model")
_device_option = panel("The devices")
_engine_option = panel("The engine")

# What is also a word of the language is an argument only where an error is about it.
_OPTIONS = {
    "tensor_parallel": "--tp",
    "data_parallel": "--dp",
    "decode_context_parallel": "--dcp",
    "cache_memory": "--cache-memory",
    "kv_dtype": "--kv-dtype",
    "indexer_dtype": "--indexer-dtype",
    "unknown dtype": "unknown --dtype",
    "give weights": "give --weights",
    "give a context": "give a --context",
} | {
    f"{name}{after}": f"--{name}{after}"
    for name in ("context", "overhead", "utilization", "weights")
    for after in (":", " must")
}


def memory(
    model: Annotated[
        str | None,
        argument(
            metavar="[MODEL]",
            help="A model by name, its config.json, or its folder, whose weights are measured.",
        ),
    ] = None,
    device: Annotated[
        str | None,
        _device_option(
            "--device",
            "-d",
            metavar="NAME[:N]",
            help="An accelerator and how many of it: h100:8 or 8xH100, ascend-910c:16; or the "
            "memory of one: 96GB:8. Without a number, as many as --tp and --dp need.",
        ),
    ] = None,
    context: Annotated[
        str | None,
        _model_option(
            "--context",
            "-c",
            help="Tokens of each sequence, input and output: 32k, 1M. Defaults to what the model "
            "takes by its configuration.",
        ),
    ] = None,
    sequences: Annotated[
        int, _model_option("--sequences", "-n", min=1, help="How many sequences at once.")
    ] = 1,
    dtype: Annotated[
        str | None,
        _model_option(
            help="The format of the weights: bf16, fp8, int8, int4, mxfp4, nvfp4, q4_k and others. "
            "Defaults to that of the published checkpoint."
        ),
    ] = None,
    weights: Annotated[
        str | None,
        _model_option(
            metavar="SIZE|PATH",
            help="The size of the weights, such as 860GB, or their files: safetensors, their index "
            "or folder, GGUF.",
        ),
    ] = None,
    kv_dtype: Annotated[
        str | None,
        _model_option(
            "--kv-dtype",
            help="The format of keys and values: bf16, fp8, fp8_ds_mla, nvfp4 and others. Defaults "
            "to that of the engine.",
        ),
    ] = None,
    indexer_dtype: Annotated[
        str | None,
        _model_option(
            "--indexer-dtype", help="The format of the keys of indexers: bf16, fp8, mxfp4."
        ),
    ] = None,
    tensor_parallel: Annotated[
        int | None,
        _device_option(
            "--tp",
            min=1,
            help="Devices that share each layer. Defaults to all, or as many as split the heads "
            "evenly.",
        ),
    ] = None,
    data_parallel: Annotated[
        int | None,
        _device_option(
            "--dp", min=1, help="Groups of devices, each with sequences of its own. Defaults to 1."
        ),
    ] = None,
    expert_parallel: Annotated[
        bool,
        _device_option("--ep", help="Distribute whole experts over the devices, not parts of all."),
    ] = False,
    decode_context_parallel: Annotated[
        int,
        _device_option("--dcp", min=1, help="Devices of a group that share the tokens of a cache."),
    ] = 1,
    engine: Annotated[Engine, _engine_option(help="Whose defaults and pages to take.")] = "vllm",
    utilization: Annotated[
        float | None,
        _engine_option(
            help="The share of the memory that the engine may use: gpu_memory_utilization, or "
            "mem_fraction_static. Defaults to the engine's."
        ),
    ] = None,
    block_size: Annotated[
        int | None, _engine_option("--block-size", min=1, help="Tokens of a page of the caches.")
    ] = None,
    in_flight_tokens: Annotated[
        int | None,
        _engine_option(
            "--in-flight-tokens",
            min=0,
            help="Tokens that are scheduled and not yet settled, for which windows reserve: in "
            "vLLM by default twice max_num_batched_tokens.",
        ),
    ] = None,
    overhead: Annotated[
        str | None,
        _engine_option(
            metavar="BYTES",
            help="What activations, graphs and libraries take on a device: 6GB. Defaults to an "
            "interval.",
        ),
    ] = None,
    cache_memory: Annotated[
        str | None,
        _engine_option(
            "--cache-memory",
            metavar="BYTES",
            help="The memory for caches on a device, as an engine prints it: 46.8GiB.",
        ),
    ] = None,
    devices: Annotated[
        bool, opt.show_option("--devices", help="List the devices that are known.")
    ] = False,
    models: Annotated[
        bool, opt.show_option("--models", help="List the models whose layers are known.")
    ] = False,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    color: opt.Colors = None,
) -> int | None:
    """Plan memory: exit with 0 if it certainly fits, with 1 if it does not or may not.

    Each term is shown with how it is known. Weights and caches follow from the model's layers; what
    activations take is an interval, and so may be what fits.
    """
    from ctxtools.cli.option_names import spelled_as_options
    from ctxtools.cli.output.console import print_json, warn
    from ctxtools.cli.output.reports.memory.plan import print_plan
    from ctxtools.config import load_config
    from ctxtools.errors import UsageError
    from ctxtools.memory import list_architectures, list_devices, plan_memory
    from ctxtools.memory.devices import parse_device

    shown_color = color or load_config().color
    if devices or models:
        from ctxtools.cli.output.reports.memory.lists import print_devices, print_models

        if as_json:
            found = list_devices() if devices else list_architectures()
            print_json([each.as_json() for each in found])
        elif devices:
            print_devices(list_devices(), shown_color)
        else:
            print_models(list_architectures(), shown_color)
        return 0
    if model is None:
        raise UsageError(
            "no model is named", hint="ctx memory deepseek-v4-pro --device ascend-910c:16"
        )
    if device is None:
        raise UsageError(
            "no --device is named", hint="--device h100:8; `ctx memory --devices` lists them"
        )
    accelerator, count = parse_device(device)
    with spelled_as_options(**_OPTIONS):
        plan = plan_memory(
            model,
            accelerator,
            count,
            context,
            sequences=sequences,
            dtype=dtype,
            kv_dtype=kv_dtype,
            indexer_dtype=indexer_dtype,
            weights=weights,
            tensor_parallel=tensor_parallel,
            data_parallel=data_parallel,
            expert_parallel=expert_parallel,
            decode_context_parallel=decode_context_parallel,
            engine=engine,
            utilization=utilization,
            block_size=block_size,
            in_flight_tokens=in_flight_tokens,
            overhead=overhead,
            cache_memory=cache_memory,
        )
    if as_json:
        print_json(plan.as_json())
    else:
        print_plan(plan, shown_color)
        for note in () if quiet else plan.notes:
            warn(f"note: {note}")
    return int(plan.fits is not True)
