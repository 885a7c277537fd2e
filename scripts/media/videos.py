"""Counts videos with the models' own processors, as golden values for the tests.

It needs transformers, torch, torchvision, tokenizers and qwen-vl-utils, none of which the tests do:

    python scripts/media/videos.py --tokenizers FOLDER > tests/messages/media/video/goldens.json

FOLDER has a tokenizer.json in each of ``qwen``, ``glm`` and ``minimax``. Frames are tensors without
data (torch's "meta" device), so the processors do all of their work but that on pixels.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers.models.ernie4_5_vl_moe import video_processing_ernie4_5_vl_moe as ernie
from transformers.models.gemma4 import processing_gemma4, video_processing_gemma4
from transformers.models.glm4v import processing_glm4v, video_processing_glm4v
from transformers.models.glm46v import processing_glm46v, video_processing_glm46v
from transformers.models.hy_v4_vl import processing_hy_v4_vl, video_processing_hy_v4_vl
from transformers.models.kimi_k25 import processing_kimi_k25, video_processing_kimi_k25
from transformers.models.minimax_m3_vl import (
    processing_minimax_m3_vl,
    video_processing_minimax_m3_vl,
)
from transformers.models.qwen3_vl import processing_qwen3_vl, video_processing_qwen3_vl
from transformers.video_utils import VideoMetadata

CASES = 500
SEED = 22

Case = tuple[int, int, float, float]  # width, height, seconds, frames a second


# Special tokens as single characters of a private area, so that they are easily counted.
VIDEO, START, END, EXTRA = "\ue000", "\ue001", "\ue002", "\ue003"


def bare(kind: type, **attributes: Any) -> Any:
    """A processor without its tokenizer."""
    made = object.__new__(kind)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def metadata(case: Case) -> VideoMetadata:
    width, height, seconds, fps = case
    total = max(1, round(seconds * fps))
    return VideoMetadata(
        total_num_frames=total, fps=fps, width=width, height=height, duration=seconds
    )


def prepared(processor: Any, case: Case, **more: Any) -> Any:
    """What a video processor makes of a video, with its metadata."""
    width, height, *_ = case
    meta = metadata(case)
    indices = processor.sample_frames(meta, **more)
    meta.frames_indices = indices.tolist()
    frames = torch.empty(len(indices), 3, height, width, device="meta", dtype=torch.uint8)
    names = processor.valid_kwargs.__annotations__
    kwargs = {name: getattr(processor, name, None) for name in names}
    kwargs = processor._standardize_kwargs(**kwargs)
    for name in ("input_data_format", "do_sample_frames", "device", "video_metadata"):
        kwargs.pop(name, None)
    for name in ("do_convert_rgb", "data_format", "return_metadata"):
        kwargs.pop(name, None)
    made = processor._preprocess(videos=[frames], **kwargs)
    made["video_metadata"] = [meta]
    return made


def tokens(text: str, tokenizer: Tokenizer | None) -> list[int]:
    """Special tokens, and the tokens of the texts between them, or how many texts there are."""
    special = sum(text.count(mark) for mark in (VIDEO, START, END, EXTRA))
    for mark in (START, END, EXTRA):
        text = text.replace(mark, VIDEO)
    texts = [each for each in text.split(VIDEO) if each]
    if tokenizer is None:
        return [special, len(texts)]
    return [special + sum(len(tokenizer.encode(t, add_special_tokens=False).ids) for t in texts)]


def rewritten(text: str) -> str:
    for name in ("vision_start", "begin_of_image", "media_begin"):
        text = text.replace(f"<|{name}|>", START)
    for name in ("vision_end", "end_of_image", "media_end"):
        text = text.replace(f"<|{name}|>", END)
    text = text.replace("]<]start of image[>[", START).replace("]<]end of image[>[", END)
    return text.replace("<|media_content|>", EXTRA).replace("]<]video[>[", VIDEO)


def qwen(cap: bool) -> Callable[[Case], list[int]]:
    processor = video_processing_qwen3_vl.Qwen3VLVideoProcessor(
        size={"shortest_edge": 4096, "longest_edge": 25_165_824}, cap_pixels_per_frame=cap
    )
    writer = bare(
        processing_qwen3_vl.Qwen3VLProcessor,
        video_processor=processor,
        video_token=VIDEO,
        vision_start_token=START,
        vision_end_token=END,
    )
    return lambda case: tokens(writer.replace_video_token(prepared(processor, case), 0), QWEN)


def qvu(patch: int) -> Callable[[Case], list[int]]:
    """qwen-vl-utils, whose code is run up to where it would decode the file."""
    from qwen_vl_utils import vision_process

    writer = bare(
        processing_qwen3_vl.Qwen3VLProcessor,
        video_processor=video_processing_qwen3_vl.Qwen3VLVideoProcessor(),
        video_token=VIDEO,
        vision_start_token=START,
        vision_end_token=END,
    )

    def read(element: dict[str, Any]) -> Any:
        width, height, _, fps = element["case"]
        total = metadata(element["case"]).total_num_frames
        count = vision_process.smart_nframes(element, total_frames=total, video_fps=fps)
        indices = torch.linspace(0, total - 1, count).round().long().tolist()
        video = torch.empty(count, 3, height, width, device="meta", dtype=torch.uint8)
        return video, {"fps": fps, "frames_indices": indices}, 2.0

    vision_process.VIDEO_READER_BACKENDS["torchvision"] = read
    vision_process.get_video_reader_backend = lambda: "torchvision"

    def count(case: Case) -> list[int]:
        video, meta = vision_process.fetch_video(
            {"video": "a file", "case": case}, image_patch_size=patch, return_video_metadata=True
        )
        frames, _, height, width = video.shape
        grid = torch.tensor([[frames // 2, height // patch, width // patch]])
        if patch == 14:
            return [int(grid.prod()) // 4]
        made = VideoMetadata(
            total_num_frames=0, fps=meta["fps"], frames_indices=meta["frames_indices"]
        )
        return tokens(
            writer.replace_video_token({"video_grid_thw": grid, "video_metadata": [made]}, 0), QWEN
        )

    return count


def written(
    processor: Any, writer: type, tokenizer: Tokenizer | None, **attributes: Any
) -> Callable[[Case], list[int]]:
    """A processor of transformers, and what writes its placeholders."""
    made = bare(writer, video_processor=processor, **attributes)

    def count(case: Case) -> list[int]:
        return tokens(rewritten(made.replace_video_token(prepared(processor, case), 0)), tokenizer)

    return count


def ernie_count(case: Case) -> list[int]:
    """ERNIE's processor draws on frames, so its parts are called by themselves."""
    processor = ernie.Ernie4_5_VLMoeVideoProcessor()
    count = len(processor.sample_frames(metadata(case)))
    width, height, *_ = case
    return [processor.get_num_of_video_patches(count, height, width) // 8]


def gemma_count(case: Case) -> list[int]:
    processor = video_processing_gemma4.Gemma4VideoProcessor()
    width, height, *_ = case
    meta = metadata(case)
    meta.frames_indices = processor.sample_frames(meta).tolist()
    rows, columns = video_processing_gemma4.get_aspect_ratio_preserving_size(
        height, width, processor.patch_size, processor.max_soft_tokens * 9, 3
    )
    writer = bare(
        processing_gemma4.Gemma4Processor, video_token=VIDEO, boi_token=START, eoi_token=END
    )
    made = {"num_soft_tokens_per_video": [rows * columns // 48**2], "video_metadata": [meta]}
    return tokens(writer.replace_video_token(made, 0), None)


def minimax_count(tokenizer: Tokenizer) -> Callable[[Case], list[int]]:
    """MiniMax's processor leaves the sampling to its caller: a frame a second, 4 to 768."""
    processor = video_processing_minimax_m3_vl.MiniMaxM3VLVideoProcessor()
    writer = bare(processing_minimax_m3_vl.MiniMaxM3VLProcessor, video_processor=processor)

    def count(case: Case) -> list[int]:
        meta = metadata(case)
        frames = min(max(int(meta.total_num_frames / meta.fps), 4), 768, meta.total_num_frames)
        text = writer.replace_video_token(prepared(processor, case, num_frames=frames), 0)
        return tokens(rewritten(text), tokenizer)

    return count


def cases() -> list[Case]:
    random.seed(SEED)
    found = list[Case]()
    while len(found) < CASES:
        width, height = (int(2 ** random.uniform(4, 12.3)) for _ in range(2))
        seconds = round(2 ** random.uniform(-1, 13), random.choice([0, 1, 3])) or 1.0
        fps = random.choice(
            [1.0, 5.0, 12.5, 15.0, 23.976, 24.0, 25.0, 29.97, 30.0, 30.0, 59.94, 60.0, 120.0]
        )
        found.append((width, height, seconds, fps))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokenizers", type=Path, required=True)
    folder = parser.parse_args().tokenizers
    global QWEN
    QWEN, glm, minimax = (
        Tokenizer.from_file(str(folder / name / "tokenizer.json"))
        for name in ("qwen", "glm", "minimax")
    )
    hy = video_processing_hy_v4_vl.HYV4VLVideoProcessor()
    glm_marks = {"image_token": VIDEO}
    families: dict[str, Callable[[Case], list[int]]] = {
        "qwen3-vl-8b transformers": qwen(cap=False),
        "qwen3-vl-8b transformers-capped": qwen(cap=True),
        "qwen3-vl-8b qwen-vl-utils": qvu(16),
        "qwen2.5-vl-7b": qvu(14),
        "glm-4.6v": written(
            video_processing_glm46v.Glm46VVideoProcessor(),
            processing_glm46v.Glm46VProcessor,
            glm,
            **glm_marks,
        ),
        "glm-4.5v": written(
            video_processing_glm4v.Glm4vVideoProcessor(),
            processing_glm4v.Glm4vProcessor,
            glm,
            **glm_marks,
        ),
        "kimi-k2.5": written(
            video_processing_kimi_k25.Kimi_K25VideoProcessor(),
            processing_kimi_k25.Kimi_K25Processor,
            None,
            video_token=VIDEO,
        ),
        "minimax-m3": minimax_count(minimax),
        "hy-v4-vl": written(hy, processing_hy_v4_vl.HYV4VLProcessor, None, video_token=VIDEO),
        "ernie-4.5-vl-28b-a3b": ernie_count,
        "gemma-4-31b-it": gemma_count,
    }
    values = {}
    for name, count in families.items():
        rows = []
        for case in cases():
            try:
                rows.append([*case, *count(case)])
            except (ValueError, RuntimeError, IndexError) as error:
                rows.append([*case, type(error).__name__])
                print(name, case, error, file=sys.stderr)
        values[name] = rows
    json.dump(values, sys.stdout, separators=(",", ":"))


main()
