"""What ``ctx fits --device`` does beside counting: a plan of the memory for what was counted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ctxtools.cli.runs.fits import Answer
from ctxtools.cli.targets import Target
from ctxtools.errors import UsageError
from ctxtools.memory import Architecture, Device, MemoryPlan, get_architecture, plan_memory
from ctxtools.memory.architectures import find_architecture
from ctxtools.memory.devices import parse_device


@dataclass(frozen=True, slots=True)
class Accelerators:
    """Devices, and the layers of each model that is asked about.

    Attributes:
        device: the accelerator.
        count: how many of it; None for one.
        models: of the targets, by name: as they were typed, or their architecture.
    """

    device: Device
    count: int | None
    models: dict[str, str | Architecture]

    def plans(self, answers: Sequence[Answer]) -> list[MemoryPlan]:
        """A plan for each answer: one sequence of what was counted, and of what was reserved."""
        return [
            plan_memory(
                self.models[answer.target.name],
                self.device,
                self.count,
                max(answer.target.interval(answer.count).high + answer.target.reserve, 1),
            )
            for answer in answers
        ]


def find_accelerators(text: str, targets: Sequence[Target]) -> Accelerators:
    """The devices that ``--device`` names, and the models' layers, before anything is read.

    Raises:
        UsageError: no such device is known, or a target is no model.
        UnknownModelError: the layers of a model are not known.
    """
    device, count = parse_device(text)
    models: dict[str, str | Architecture] = {}
    for target in targets:
        if target.model is None:
            raise UsageError(
                f"--device needs models, and {target.name} is an encoding",
                hint="name one with --model, such as -m deepseek-v4-pro",
            )
        models[target.name] = target.name
        if not find_architecture(target.name):
            models[target.name] = replace(get_architecture(target.model.name), name=target.name)
    return Accelerators(device, count, models)
