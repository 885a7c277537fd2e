"""Whether a model fits accelerators: weights, caches of tokens and sequences, and what is left."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.memory.architecture import Architecture, Parameters
    from ctxtools.memory.architectures import get_architecture, list_architectures
    from ctxtools.memory.configs.read import architecture_of
    from ctxtools.memory.devices import Device, get_device, list_devices
    from ctxtools.memory.planning.plan import MemoryPlan, Term
    from ctxtools.memory.planning.planner import plan_memory

__all__ = [
    "Architecture",
    "Device",
    "MemoryPlan",
    "Parameters",
    "Term",
    "architecture_of",
    "get_architecture",
    "get_device",
    "list_architectures",
    "list_devices",
    "plan_memory",
]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    _HOMES = {
        "architecture": ("Architecture", "Parameters"),
        "architectures": ("get_architecture", "list_architectures"),
        "configs.read": ("architecture_of",),
        "devices": ("Device", "get_device", "list_devices"),
        "planning.plan": ("MemoryPlan", "Term"),
        "planning.planner": ("plan_memory",),
    }
    __getattr__, __dir__ = lazy_names(globals(), _HOMES)
