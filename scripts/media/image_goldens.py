"""Make the golden counts of ``tests/messages/media/images/``, with the models' own code.

Run by hand when a rule is added, in an environment of its own::

    pip install torch==2.15.0 torchvision==0.29.2 transformers==5.24.0 \
        mistral-common[opencv]==1.13.1
    pip install qwen-vl-utils==0.0.14 && pip install --no-deps vllm==0.33.0
    python scripts/media/image_goldens.py

Each family's count of each size is that of the processor's own size function. For small images it
is also taken from what the processor makes of a black image of that size, end to end; the two must
agree. None stands for a size that the processor refuses.

The result is in the lists of columns that ``GOLDENS`` describes; it has no text of others.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from image_sizes import other_sizes, small_sizes

GOLDENS = Path(__file__).parents[2] / "tests/messages/media/images/goldens.json.gz"
"""{"sizes": [[width, height], …], "families": [{"model", "detail", "by", "end_to_end", "tokens"}],
"qwen_vl_utils": {factor: tokens}}: ``tokens`` are in the order of ``sizes``, of which the first
``end_to_end`` were processed."""

_SMALL = 90
_SIDES = ("max_height", "max_width")
Count = Callable[[int, int], int]


@dataclass(frozen=True)
class Family:
    """A rule.

    Attributes:
        model: whose rule it is, by a name that ctxtools knows.
        by: what counted.
        count: tokens of a width and height, by the processor's own size function.
        process: the same, by processing a black image.
        detail: the level of detail.
    """

    model: str
    by: str
    count: Count
    process: Count | None = None
    detail: str | None = None


def main() -> None:
    """Write the file."""
    sizes = list(dict.fromkeys([*small_sizes(), *other_sizes()]))
    rows = []
    for family in _families():
        tokens = [_or_none(family.count, *size) for size in sizes]
        processed = 0
        if family.process:
            processed = _SMALL
            for size, expected in zip(sizes[:_SMALL], tokens, strict=False):
                found = _or_none(family.process, *size)
                assert found == expected, (family.model, family.detail, size, found, expected)
        print(f"{family.model:20} {family.detail or '':14} {len(set(tokens)):5} different counts")
        rows.append(
            {
                "model": family.model,
                "detail": family.detail,
                "by": family.by,
                "end_to_end": processed,
                "tokens": tokens,
            }
        )
    prepared = {
        str(factor): [_or_none(_qwen_vl_utils(factor), *size) for size in sizes]
        for factor in (28, 32)
    }
    document = json.dumps(
        {"sizes": sizes, "families": rows, "qwen_vl_utils": prepared}, separators=(",", ":")
    )
    GOLDENS.write_bytes(gzip.compress(document.encode(), 9, mtime=0))
    print(f"{GOLDENS}: {len(sizes)} sizes, {GOLDENS.stat().st_size} bytes")


def _or_none(count: Count, width: int, height: int) -> int | None:
    try:
        return int(count(width, height))
    except (ValueError, ZeroDivisionError, RuntimeError):
        return None


# --- families -------------------------------------------------------------------------------------


def _families() -> list[Family]:
    return [
        *_smart_resize(),
        _glm_5(),
        *_kimi(),
        _llama(),
        *_mistral(),
        _internvl(),
        _gemma_3(),
        *_gemma_4(),
        *_step(),
    ]


def _processor(module: str, name: str, **options: Any) -> Any:
    source = import_module(f"transformers.models.{module}.image_processing_{module}")
    return getattr(source, name)(**options)


def _black(width: int, height: int) -> Any:
    image = import_module("PIL.Image")
    return image.new("RGB", (width, height))


def _grid_family(model: str, module: str, name: str, limits: dict[str, int], **options: Any) -> Any:
    """A family whose processor gives a grid of patches, four of which are a token."""
    size = {"shortest_edge": limits["min_pixels"], "longest_edge": limits["max_pixels"]}
    processor = _processor(module, name, size=size, **options)
    asked = {"size": size, **limits}

    def count(width: int, height: int) -> int:
        patches: int = processor.get_number_of_image_patches(height, width, asked)
        return patches // 4

    def process(width: int, height: int) -> int:
        found = processor(images=[_black(width, height)], return_tensors="pt")
        return int(found["image_grid_thw"][0].prod()) // 4

    return Family(model, f"transformers {name}", count, process)


def _smart_resize() -> list[Family]:
    qwen = "qwen2_vl", "Qwen2VLImageProcessor"
    return [
        _grid_family("qwen2.5-vl", *qwen, {"min_pixels": 3_136, "max_pixels": 12_845_056}),
        _grid_family(
            "qwen3-vl", *qwen, {"min_pixels": 65_536, "max_pixels": 16_777_216}, patch_size=16
        ),
        _grid_family(
            "ernie-4.5-vl",
            "ernie4_5_vl_moe",
            "Ernie4_5_VLMoeImageProcessor",
            {"min_pixels": 3_136, "max_pixels": 4_842_768},
        ),
        _grid_family(
            "minimax-m3",
            "minimax_m3_vl",
            "MiniMaxM3VLImageProcessor",
            {"min_pixels": 3_136, "max_pixels": 451_584},
        ),
        _grid_family(
            "glm-4.1v",
            "glm4v",
            "Glm4vImageProcessor",
            {"min_pixels": 12_544, "max_pixels": 9_633_792},
        ),
        _grid_family(
            "glm-4.6v",
            "glm46v",
            "Glm46VImageProcessor",
            {"min_pixels": 12_544, "max_pixels": 9_633_792},
        ),
        _hy(),
    ]


def _qwen_vl_utils(factor: int) -> Count:
    """What qwen-vl-utils makes of an image before the processor sees it."""
    module = import_module("qwen_vl_utils.vision_process")

    def count(width: int, height: int) -> int:
        rows, columns = module.smart_resize(height, width, factor)
        if not rows or not columns:
            raise ValueError("no pixel is left")
        return int(rows * columns // factor**2)

    return count


def _hy() -> Family:
    processor = _processor("hy_v4_vl", "HYV4VLImageProcessor")
    module = import_module("transformers.models.hy_v4_vl.processing_hy_v4_vl")
    tokens = module.HYV4VLProcessor._num_frame_tokens

    def count(width: int, height: int) -> int:
        return int(tokens(*processor.get_number_of_image_patches(height, width), 2))

    def process(width: int, height: int) -> int:
        found = processor(images=[_black(width, height)], return_tensors="pt")
        _, rows, columns = found["image_grid_thw"][0]
        return int(tokens(rows, columns, 2))

    return Family("hy-v4-vl", "transformers HYV4VLProcessor", count, process)


def _glm_5() -> Family:
    processor = _processor("glm5_next", "Glm5NextImageProcessor")

    def process(width: int, height: int) -> int:
        found = processor(images=[_black(width, height)], return_tensors="pt")
        return int(found["image_grid_thw"][0].prod()) // 4

    return Family(
        "glm-5.3-flash",
        "transformers Glm5NextImageProcessor",
        lambda width, height: processor.get_number_of_image_patches(height, width) // 4,
        process,
    )


def _kimi() -> list[Family]:
    def family(model: str, max_patches: int, max_side: int = 512) -> Family:
        options = {"max_patches": max_patches, "size": dict.fromkeys(_SIDES, max_side)}
        processor = _processor("kimi_k25", "Kimi_K25ImageProcessor", **options)

        def count(width: int, height: int) -> int:
            tokens: int = processor.get_number_of_image_patches(height, width) // 4
            if max_side > 512:
                # Kimi-VL's own code refuses what has more positions than it knows.
                resize = import_module(type(processor).__module__).navit_resize
                _, padded = resize(height, width, 14, 2, max_patches, max_side)
                if max(padded) // 14 >= 512:
                    raise ValueError("too many positions")
            return tokens

        def process(width: int, height: int) -> int:
            found = processor(images=[_black(width, height)], return_tensors="pt")
            return int(found["image_grid_thw"][0].prod()) // 4

        return Family(
            model,
            f"transformers Kimi_K25ImageProcessor, max_patches={max_patches}",
            count,
            process,
        )

    return [family("kimi-k2.5", 16_384), family("kimi-k3", 65_536), family("kimi-vl", 4_096, 10**9)]


def _llama() -> Family:
    torch = import_module("torch")
    module = import_module("transformers.models.llama4.image_processing_llama4")
    text = import_module("transformers.models.llama4.processing_llama4").Llama4Processor
    processor = module.Llama4ImageProcessor()
    canvases = torch.tensor(module.find_supported_resolutions(16, processor.size))

    def tokens(rows: int, columns: int) -> int:
        expanded: str = text._prompt_split_image(None, (rows, columns), 144)
        return expanded.count("<|")

    def count(width: int, height: int) -> int:
        canvas = module.get_best_fit((height, width), canvases)
        return tokens(*(int(side) // 336 for side in canvas))

    def process(width: int, height: int) -> int:
        found = processor(images=[_black(width, height)], return_tensors="pt")
        return tokens(*(int(side) for side in found["aspect_ratios"][0]))

    return Family("llama-4", "transformers Llama4Processor", count, process)


def _mistral() -> list[Family]:
    module = import_module("mistral_common.tokens.tokenizers.image")
    chunk = import_module("mistral_common.protocol.instruct.chunk").ImageChunk

    @dataclass
    class Sized:
        size: tuple[int, int]

    def family(model: str, *config: int) -> Family:
        special = module.SpecialImageIDs(1, 2, 3)
        encoder = module.ImageEncoder(module.ImageConfig(*config), special)

        def count(width: int, height: int) -> int:
            columns, rows = encoder._image_to_num_tokens(Sized((width, height)))
            return int(rows * (columns + 1))

        def process(width: int, height: int) -> int:
            return len(encoder(chunk(image=_black(width, height))).tokens)

        return Family(model, "mistral-common ImageEncoder", count, process)

    return [family("pixtral-12b", 16, 1024), family("mistral-small-3.1", 14, 1540, 2)]


def _internvl() -> Family:
    options = {"size": {"height": 448, "width": 448}, "crop_to_patches": True}
    processor = _processor("got_ocr2", "GotOcr2ImageProcessor", **options)

    def process(width: int, height: int) -> int:
        found = processor(images=[_black(width, height)], return_tensors="pt")
        return int(found["num_patches"][0]) * 256 + 2

    return Family(
        "internvl3",
        "transformers GotOcr2ImageProcessor",
        lambda width, height: processor.get_number_of_image_patches(height, width) * 256 + 2,
        process,
    )


def _gemma_3() -> Family:
    torch = import_module("torch")
    options = {
        "pan_and_scan_min_crop_size": 256,
        "pan_and_scan_max_num_crops": 4,
        "pan_and_scan_min_ratio_to_activate": 1.2,
    }
    processor = _processor("gemma3", "Gemma3ImageProcessor", do_pan_and_scan=True, **options)

    def tokens(crops: int) -> int:
        return 256 + (17 + crops - 1 + 260 * crops if crops else 0)

    def count(width: int, height: int) -> int:
        image = torch.zeros(1).expand(1, height, width)
        return tokens(len(processor.pan_and_scan_batched(image, **options)))

    def process(width: int, height: int) -> int:
        found = processor(images=[_black(width, height)], return_tensors="pt")
        return tokens(int(found["num_crops"][0]))

    by = "crops: transformers Gemma3ImageProcessor; tokens: 256 each, 4 around, 17 of text"
    return Family("gemma-3", by, count, process, "pan_and_scan")


def _gemma_4() -> list[Family]:
    module = import_module("transformers.models.gemma4.image_processing_gemma4")

    def family(budget: int) -> Family:
        processor = module.Gemma4ImageProcessor(max_soft_tokens=budget)

        def count(width: int, height: int) -> int:
            sides = module.get_aspect_ratio_preserving_size(height, width, 16, 9 * budget, 3)
            return int(sides[0] * sides[1] // 48**2)

        def process(width: int, height: int) -> int:
            found = processor(images=[_black(width, height)], return_tensors="pt")
            return int(found["num_soft_tokens_per_image"][0])

        detail = None if budget == 280 else str(budget)
        return Family("gemma-4", "transformers Gemma4ImageProcessor", count, process, detail)

    return [family(budget) for budget in (70, 140, 280, 560, 1120)]


def _step() -> list[Family]:
    processor = _processor("step3p7", "Step3p7ImageProcessor")

    def tokens(crops: int, rows_that_end: int) -> int:
        return 171 + 83 * crops + rows_that_end

    def count(width: int, height: int) -> int:
        columns, rows = processor._plan_patches(width, height, 728, 504)[3:5]
        return tokens(columns * rows, max(rows - 1, 0))

    def process(width: int, height: int) -> int:
        found = processor(images=[_black(width, height)], return_tensors="pt")
        ends = found.get("patch_newline_masks", [[]])[0]
        return tokens(int(found["num_local_patches"][0]), sum(ends))

    # vllm is not imported, as that needs a device: this file of it stands alone.
    package = find_spec("vllm")
    assert package and package.submodule_search_locations
    path = Path(package.submodule_search_locations[0]) / "transformers_utils/processors/step3_vl.py"
    source = path.read_text().replace("from vllm.tokenizers import TokenizerLike", "")
    first = ModuleType("step3_vl")
    exec(compile("from __future__ import annotations\n" + source, str(path), "exec"), vars(first))
    patcher = first.ImagePatcher()

    def count_first(width: int, height: int) -> int:
        return tokens(*patcher.get_num_patches(width, height))

    def process_first(width: int, height: int) -> int:
        _, crops, ends = patcher(_black(width, height))
        return tokens(len(crops), sum(ends))

    return [
        Family("step-3.7-flash", "transformers Step3p7ImageProcessor", count, process),
        Family("step3", "vllm ImagePatcher", count_first, process_first),
    ]


if __name__ == "__main__":
    main()
