"""The table of accelerators."""

import pytest

import ctxtools as ctx
from ctxtools.errors import UsageError
from ctxtools.memory import get_device
from ctxtools.memory.devices import parse_device


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("H100", "h100"),
        ("h100-80gb", "h100"),
        ("H100 SXM", "h100"),
        ("h100_pcie", "h100-pcie"),
        ("a100", "a100-80gb"),
        ("A100 40GB", "a100-40gb"),
        ("4090", "rtx-4090"),
        ("GeForce RTX 4090", "rtx-4090"),
        ("910b", "ascend-910b"),
        ("Ascend 910B2", "ascend-910b"),
        ("ascend910b4", "ascend-910b4"),
        ("Ascend 910C", "ascend-910c"),
        ("MLU590", "mlu590"),
        ("Cambricon MLU370-X8", "mlu370-x8"),
        ("mi300x", "mi300x"),
        ("NVIDIA H100 80GB HBM3", "h100"),
        ("H100-SXM5-80GB", "h100"),
        ("NVIDIA A100-SXM4-40GB", "a100-40gb"),
        ("A100-PCIE-80GB", "a100-80gb-pcie"),
        ("NVIDIA GeForce RTX 4090", "rtx-4090"),
        ("AMD Instinct MI300X", "mi300x"),
        ("910c-128gb", "ascend-910c-package"),
        ("CloudMatrix384", "cloudmatrix384"),
        ("Atlas 800T A2", "atlas-800t-a2"),
        ("Atlas A3", "atlas-800-a3"),
        ("MLU590-96GB", "mlu590-96gb"),
    ],
)
def test_spellings(typed: str, name: str) -> None:
    assert get_device(typed).name == name


def test_the_table() -> None:
    devices = ctx.list_devices()
    assert len({each.name for each in devices}) == len(devices) > 25
    for each in devices:
        assert get_device(each.name) is each
        sizes = [memory.size for memory in each.memory]
        kinds = [memory.kind for memory in each.memory]
        assert "package" not in kinds[:1]
        assert "usable" not in kinds[1:]
        assert all(10**10 < size < 10**12 for size in sizes)
        assert all(memory.source for memory in each.memory)
        assert all(100 < one.gb_per_s < 10_000 and one.source for one in each.bandwidth)


@pytest.mark.parametrize(
    ("name", "gigabytes", "others"),
    [
        ("ascend-910c", [66, 64, 128], [128]),
        ("mlu590", [80, 96], [96]),
        ("b200", [192, 192, 193], []),
        ("h20", [102, 96], []),
        ("h100", [85, 80, 86], []),
        ("ascend-910b", [65, 64], []),
    ],
)
def test_sources_that_disagree_are_all_there(
    name: str, gigabytes: list[int], others: list[int]
) -> None:
    """What is sold as 80 GB has 80 GiB less what the driver keeps: that is no other memory."""
    device = get_device(name)
    assert [round(each.size / 10**9) for each in device.memory] == gigabytes
    assert [round(each.size / 10**9) for each in device.other_memory] == others


def test_a_memory_is_a_device() -> None:
    assert get_device("96GB").memory[0].size == 96 * 10**9
    assert get_device("79.5 GiB").memory[0].size == int(79.5 * 2**30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("h100", ("h100", None)),
        ("ascend-910c:16", ("ascend-910c", 16)),
        ("h100 : 8 ", ("h100", 8)),
        ("8xH100", ("h100", 8)),
        ("8 × H100", ("h100", 8)),
        ("8 H100", ("h100", 8)),
        ("H100x8", ("h100", 8)),
        ("16 x Ascend 910C", ("ascend-910c", 16)),
        ("2x4090", ("rtx-4090", 2)),
        ("4x 96GB", ("96GB", 4)),
        ("MLU370-X8", ("mlu370-x8", None)),
        ("2x MLU370-X8", ("mlu370-x8", 2)),
        ("MI300X", ("mi300x", None)),
    ],
)
def test_how_many(text: str, expected: tuple[str, int | None]) -> None:
    device, count = parse_device(text)
    assert (device.name, count) == expected


@pytest.mark.parametrize(
    "text",
    ["", ":", "h100:", "h100:0", "h100:-1", "h100:x", "h100:9999999", "0GB:1", "h1 00:8", "0xh100"],
)
def test_no_device(text: str) -> None:
    with pytest.raises(UsageError):
        parse_device(text)


def test_suggestions() -> None:
    with pytest.raises(UsageError) as caught:
        get_device("ascend-910d")
    assert "did you mean ascend-910c" in str(caught.value.hint)
