"""Counts recordings with the models' own processors, as golden values for the tests.

It needs transformers, torch, and mistral-common, none of which the tests do:

    python scripts/media/audio.py > tests/messages/media/audio/goldens.json
"""

import json
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from mistral_common.tokens.tokenizers import audio as mistral
from transformers import WhisperFeatureExtractor
from transformers.models.gemma4 import feature_extraction_gemma4, processing_gemma4
from transformers.models.qwen2_5_omni import processing_qwen2_5_omni
from transformers.models.qwen2_audio import processing_qwen2_audio
from transformers.models.qwen3_asr import processing_qwen3_asr
from transformers.models.qwen3_omni_moe import processing_qwen3_omni_moe

CASES = 150
SEED = 22
RATE = 16_000


def bare(kind: type, **attributes: Any) -> Any:
    """A processor without its tokenizer."""
    made = object.__new__(kind)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def heard(kind: type, seconds: int, **more: Any) -> Callable[[int], int]:
    """The placeholders that a processor of Qwen writes."""
    extractor = WhisperFeatureExtractor(feature_size=128, chunk_length=seconds)
    made = bare(kind, feature_extractor=extractor, audio_token="x", n_window=50)
    kwargs = {"sampling_rate": RATE, "return_attention_mask": True, "return_tensors": "pt", **more}

    def count(samples: int) -> int:
        audio = [np.zeros(samples, dtype=np.float32)]
        return len(made._process_audio(audio, **kwargs)[1][0])

    return count


def gemma(samples: int) -> int:
    extractor = feature_extraction_gemma4.Gemma4AudioFeatureExtractor()
    made = bare(
        processing_gemma4.Gemma4Processor, boa_token="", eoa_token="", audio_token="x",
        feature_extractor=extractor, audio_seq_length=750,
    )  # fmt: skip
    features = extractor([np.zeros(samples, dtype=np.float32)])
    written = len(made.replace_audio_token(features, 0))
    assert written == made._compute_audio_num_tokens(np.zeros(min(samples, 30 * RATE)), RATE)
    return written


def voxtral(samples: int) -> int:
    config = mistral.AudioConfig(
        sampling_rate=RATE,
        frame_rate=12.5,
        encoding_config=mistral.AudioSpectrogramConfig(
            num_mel_bins=128, hop_length=160, window_size=400
        ),
        chunk_length_s=30.0,
    )
    encoder = mistral.AudioEncoder(config, mistral.SpecialAudioIDs(1, 2, 3, 4, 5))
    padded = encoder.pad(np.zeros(samples, dtype=np.float32), RATE)
    return len(encoder._encode_audio_tokens(len(padded))) - 1  # the beginning


def main() -> None:
    families = {
        "qwen2-audio-7b": heard(processing_qwen2_audio.Qwen2AudioProcessor, 30),
        "qwen2.5-omni-7b": heard(processing_qwen2_5_omni.Qwen2_5OmniProcessor, 300),
        "qwen3-omni-30b-a3b": heard(
            processing_qwen3_omni_moe.Qwen3OmniMoeProcessor, 30, padding=True, truncation=False
        ),
        "qwen3-asr-1.7b": heard(
            processing_qwen3_asr.Qwen3ASRProcessor, 30, padding=True, truncation=False
        ),
        "gemma-4-e4b": gemma,
        "voxtral-mini-3b": voxtral,
    }
    random.seed(SEED)
    lengths = [int(2 ** random.uniform(8, 20.2)) for _ in range(CASES)]
    values = {}
    for name, count in families.items():
        values[name] = []
        for samples in lengths:
            try:
                values[name].append([samples, count(samples)])
            except (ValueError, IndexError, RuntimeError, AttributeError) as error:
                print(name, samples, repr(error), file=sys.stderr)
    json.dump(values, sys.stdout, separators=(",", ":"))


main()
