"""``ctx memory``, and ``ctx fits --device``."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.memory import configs


def words(text: str) -> list[str]:
    return text.split()


def as_json(run: Run, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return found


def test_what_fits(run: Run) -> None:
    ran = run(*words("memory qwen3-8b --device h100:2 --context 32k -n 4"))
    assert ran.exit_code == 0
    first, second = ran.stdout.splitlines()[:2]
    assert first == "qwen3-8b on 2 × h100: fits"
    assert second.startswith("4 sequences of 32,000 tokens need 9.44 GB of caches on each device")
    for label in ("memory", "− weights", "− overhead", "= left for caches", "= caches needed"):
        assert f"\n{label} " in ran.stdout
    assert "[1] 79.11 GiB: vLLM issue 27508" in ran.stdout
    assert re.search(r"^Longest context of 4 sequences: [\d,]+ for certain, ", ran.stdout, re.M)
    assert ran.stderr.startswith("note: ")


def test_what_does_not_fit(run: Run) -> None:
    ran = run(*words("memory deepseek-v4-pro --device ascend-910c:16 --context 1M"))
    assert ran.exit_code == 1
    assert ran.stdout.startswith("deepseek-v4-pro on 16 × ascend-910c: does not fit\n")
    assert "if the 16 are packages, of 2 devices each" in ran.stdout
    assert "with 64 devices" in ran.stdout
    assert run(*words("memory qwen3-8b -d h100 -c 32k -q")).stderr == ""


def test_what_may_fit(run: Run) -> None:
    ran = run(*words("memory qwen3-8b --device 4090 --context 25k"))
    assert ran.exit_code == 1
    assert ran.stdout.startswith("qwen3-8b on 1 × rtx-4090: may fit\n")


def test_json(run: Run) -> None:
    ran = run(*words("memory kimi-k2.5 --device h200:8 --context 128k --json"))
    plan = json.loads(ran.stdout)
    assert (ran.exit_code, ran.stderr, plan["fits"]) == (0, "", True)
    assert plan["caches"]["bytes_per_token"] == 70_272
    assert {"use", "bytes", "interval", "formula", "basis", "source"} == {*plan["terms"][0]}
    assert plan["device"]["memory"][0]["size"] == int(139.8 * 2**30)
    assert plan["architecture"]["layers"] == [
        {"kind": "latent", "count": 61, "rank": 512, "rope_dim": 64}
    ]
    low, high = plan["max_context"]
    assert 128_000 < low < plan["expected_context"] < high


def test_options_reach_the_plan(run: Run) -> None:
    plan = as_json(
        run,
        *words("memory deepseek-v3.2 --device h200:16 -c 64k -n 8 --tp 8 --dp 2 --dcp 2 --ep"),
        *words("--dtype fp8 --kv-dtype bf16 --indexer-dtype mxfp4 --engine sglang"),
        *words("--utilization 0.8 --block-size 64 --in-flight-tokens 4096 --weights 700GB"),
    )
    expected = {
        "tensor_parallel": 8,
        "data_parallel": 2,
        "decode_context_parallel": 2,
        "kv_dtype": "bf16",
        "indexer_dtype": "mxfp4",
        "engine": "sglang",
        "block_size": 64,
        "in_flight_tokens": 4096,
        "sequences": 8,
        "context": 64_000,
    }
    assert {name: plan[name] for name in expected} == expected
    terms = {each["use"]: each for each in plan["terms"]}
    assert terms["weights"]["basis"] == "given"
    assert terms["tokens"]["bytes"] == 4 * 32_000 * 61 * (1152 + 68)
    plan = as_json(run, *words("memory llama-3.1-8b -d h100 -c 1k --cache-memory 3.81GiB"))
    assert [each["use"] for each in plan["terms"]] == ["available", "tokens", "needed"]
    plan = as_json(run, *words("memory llama-3.1-8b -d h100 -c 1k --overhead 5GB"))
    assert plan["terms"][3]["interval"] == [5 * 10**9, 5 * 10**9]


def test_a_folder(run: Run, folder: Path) -> None:
    (folder / "model").mkdir()
    (folder / "model" / "config.json").write_text(json.dumps(configs.GQA))
    for path in ("model", "model/config.json", "./model"):
        assert run("memory", path, "--device", "h100").exit_code == 0
    (folder / "model").rename(folder / "Qwen3-8B-FP8")  # a folder that has the name of a model
    assert as_json(run, *words("memory Qwen3-8B-FP8 -d h100"))["context"] == 4096
    (folder / "Qwen3-8B-FP8").rename(folder / "model")
    (folder / "model" / "config.json").write_text(json.dumps({**configs.GQA, "head_dim": "\x1b"}))
    ran = run("memory", "model", "--device", "h100")
    assert ran.exit_code == 2
    assert "config.json: head_dim must be an integer" in ran.stderr
    assert "\x1b" not in ran.stderr


def test_lists(run: Run) -> None:
    devices = run("memory", "--devices").stdout
    expected = r"^ascend-910c +65.79 +61.27 +measured +64 \(sold\) or 128 \(package\) "
    assert re.search(expected, devices, re.MULTILINE)
    assert re.search(r"^mlu590 +80 +74.51 +source +96 \(sold\) ", devices, re.MULTILINE)
    models = run("memory", "--models").stdout
    assert re.search(r"^deepseek-v3 +671 +70,272 ", models, re.MULTILINE)
    assert len(json.loads(run("memory", "--devices", "--json").stdout)) > 25
    assert len(json.loads(run("memory", "--models", "--json").stdout)) > 70


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("memory", "no model is named"),
        ("memory qwen3-8b", "no --device is named"),
        ("memory qwen3-8b -d h1000", "unknown device 'h1000'"),
        ("memory qwen3-8b -d h100:0", "the number of devices must be from 1"),
        ("memory qwen3-9b -d h100", "did you mean qwen3-8b"),
        ("memory qwen3-8b -d h100:8 --tp 3", "--tp 3 cannot be had of 8 devices"),
        ("memory qwen3-8b -d h100 --cache-memory 8.11", "--cache-memory: 8.11 would be bytes"),
        ("memory qwen3-8b -d h100:8 --tp 8 --dcp 4", "--dcp is 4"),
        ("memory qwen3-8b -d h100 --dtype fp5", "unknown --dtype 'fp5'"),
        ("memory qwen3-8b -d h100 --kv-dtype x", "unknown --kv-dtype 'x'"),
        ("memory qwen3-8b -d h100 --utilization 2", "--utilization must be above 0"),
        ("memory qwen3-8b -d h100 --weights nothing", "--weights: 'nothing' is neither"),
        ("memory qwen3-8b -d h100 --context x", "--context: 'x' is not a size"),
        ("memory qwen3-8b -d h100 --cache-memory x", "--cache-memory: 'x' is not a size"),
        ("memory missing/config.json -d h100", "config.json: no such file"),
        ("memory missing/model -d h100", "the layers of 'missing/model' are not known"),
        ("fits --device h100 -l 10", "--device needs models, and o200k_base is an encoding"),
        ("fits -m gpt-5 --device h100", "the layers of 'gpt-5' are not known"),
        ("fits -m qwen3-8b --device x", "unknown device 'x'"),
    ],
)
def test_errors(arguments: str, message: str, run: Run) -> None:
    ran = run(*arguments.split(), input="text")
    assert ran.exit_code == 2
    assert message in ran.stderr


def test_fits_answers_both_questions(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text("word " * 2000)
    arguments = ("fits", "a.txt", "-m", "deepseek-v4-flash", "-r", "32k")
    ran = run(*arguments, "--device", "ascend-910c:8")
    assert ran.exit_code == 0
    window, memory = ran.stdout.splitlines()
    assert window.startswith("deepseek-v4-flash: fits, ")
    answer = as_json(run, *arguments, "--device", "ascend-910c:8")
    (column,) = answer["columns"]
    assert memory.startswith(
        "deepseek-v4-flash on 8 × ascend-910c: fits; "
        f"1 sequence of {column['tokens'] + 32_000:,} tokens needs"
    )
    assert (answer["fits"], column["fits"], column["memory"]["fits"]) == (True, True, True)
    assert column["memory"]["context"] == column["tokens"] + 32_000
    assert "memory" not in as_json(run, *arguments)["columns"][0]
    ran = run("fits", "a.txt", "-m", "Qwen/Qwen3-8B-FP8", "--device", "2xH100")
    assert ran.stdout.splitlines()[1].startswith("Qwen/Qwen3-8B-FP8 on 2 × h100: fits; ")
    assert "taken to be in fp8" in ran.stderr


@pytest.mark.parametrize(("device", "verdict"), [("24GB", "does not fit"), ("150GB", "may fit")])
def test_fits_fails_where_the_devices_do_not_certainly_hold_it(
    device: str, verdict: str, run: Run, folder: Path
) -> None:
    (folder / "a.txt").write_text("word " * 2000)
    arguments = ("fits", "a.txt", "-m", "deepseek-v4-flash", "--device", f"{device}:1")
    if verdict == "may fit":
        arguments = ("fits", "a.txt", "-m", "qwen3-8b", "--device", "20GB")
    ran = run(*arguments)
    assert ran.exit_code == 1
    assert ran.stdout.splitlines()[0].split(": ")[1].startswith("fits")
    assert verdict in ran.stdout.splitlines()[1]
    assert as_json(run, *arguments)["fits"] == (False if verdict == "does not fit" else None)
