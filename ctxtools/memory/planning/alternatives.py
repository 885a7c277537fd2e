"""What would be if something were otherwise: other figures of the device, other ways to use it."""

from collections.abc import Iterator

from ctxtools.memory.devices import MAX_DEVICES, Device
from ctxtools.memory.planning.plan import Alternative
from ctxtools.memory.planning.request import Setting
from ctxtools.memory.planning.solve import Solved, solve

_FACTORS = (2, 4, 8, 16)  # by how many times more devices may be suggested


def alternatives(
    setting: Setting, device: Device, tensor: int, groups: int
) -> Iterator[Alternative]:
    """What is worth knowing beside a plan for groups of some devices."""
    asked, first = setting.request(tensor, groups), device.memory[0].size
    fits = solve(asked, first).fits
    devices, packaged = tensor * groups, 1
    for each in device.other_memory:
        if each.kind == "package":
            packaged = round(each.size / first)
            yield _alternative(
                f"if the {devices} are packages, of {packaged} devices each",
                solve(setting.request(tensor * packaged, groups), first),
            )
        else:
            condition = f"with {each.size / 10**9:.4g} GB a device ({each.source})"
            yield _alternative(condition, solve(asked, each.size))
    if asked.architecture.has_latents and tensor > 1 and asked.split == 1:
        condition = f"with data parallel {devices}, each device with sequences of its own"
        if (found := solve(setting.request(1, devices), first)).fits is not False:
            yield _alternative(condition, found)
    if not fits:
        yield from _more_devices(setting, first, tensor, groups, fits, packaged)
        yield from _smaller_weights(setting, device, tensor, groups, fits)


def _more_devices(
    setting: Setting, memory: int, tensor: int, groups: int, fits: bool | None, packaged: int
) -> Iterator[Alternative]:
    """The smallest multiples of the devices with which it may fit, and with which it does."""
    heads = setting.architecture.heads
    for factor in _FACTORS:
        more = tensor * factor
        if fits or more * groups > MAX_DEVICES or (heads and heads % more):
            return
        found = solve(setting.request(more, groups), memory)
        if found.fits is not fits and factor != packaged:
            yield _alternative(f"with {more * groups:,} devices", found)
        fits = found.fits


def _smaller_weights(
    setting: Setting, device: Device, tensor: int, groups: int, fits: bool | None
) -> Iterator[Alternative]:
    """With weights of 8 bits, if they are of 16 and nothing else was asked for."""
    formats = (setting.architecture.routed_format, setting.architecture.dense_format)
    if setting.dtype or setting.measured or formats != ("bf16", "bf16"):
        return
    smaller = "int8" if device.lacks("fp8") else "fp8"
    changed = setting._replace(dtype=smaller).request(tensor, groups)
    found = solve(changed, device.memory[0].size)
    if found.fits is not False:
        yield _alternative(f"with the weights in {smaller}", found)


def _alternative(condition: str, found: Solved) -> Alternative:
    return Alternative(condition, found.fits, found.max_context, found.max_sequences)
