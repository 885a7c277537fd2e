"""The sizes of the images of a folder, compared with what `file` takes to name their formats; and
`ctx count` on photos, from start to end."""

import io
import os
import random
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.corpora import CACHE
from benchmarks.timing import CLOCK, Settings
from ctxtools.bench.machine import cpu_name
from ctxtools.programs import find_program

FORMATS = ("png", "jpeg", "gif", "webp", "bmp", "tiff", "avif")
IMAGES = 10_000
_DIFFERENT = 10 * len(FORMATS)  # the others are copies


def images(number: int) -> list[Path]:
    """Some images of each format, each as large as a thumbnail; the photos have Exif data."""
    pillow = pytest.importorskip("PIL.Image", reason="Pillow makes the images")
    draw = random.Random(1)
    folder = CACHE / f"images-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{index:05}.{FORMATS[index % len(FORMATS)]}" for index in range(number)]
    for index, path in enumerate(paths):
        if index >= _DIFFERENT:
            path.write_bytes(paths[index % _DIFFERENT].read_bytes())
            continue
        width, height = draw.randint(30, 200), draw.randint(30, 200)
        image = pillow.frombytes("RGB", (width, height), draw.randbytes(3 * width * height))
        exif = pillow.Exif()
        exif[0x0112], exif[0x927C] = 6, bytes(20_000)  # the orientation, and a maker's note
        image.save(path, **{"exif": exif} if path.suffix == ".jpeg" else {})
    return paths


def read_all(paths: list[Path]) -> None:
    """The width, height and format of each, in one process and one thread."""
    from ctxtools.messages.media.files import read_image

    for path in paths:
        read_image(path)


def with_pillow(paths: list[Path]) -> None:
    """The same by Pillow, which decodes nothing either until it is asked for pixels."""
    import PIL.Image

    for path in paths:
        with PIL.Image.open(path) as image:
            assert image.size


def with_file(paths: list[Path]) -> None:
    """The formats alone, by a program in C."""
    program = find_program("file")
    if program is None:
        pytest.skip("file is not installed")
    names = "\n".join(map(str, paths))
    command = [program, "--mime-type", "--files-from", "-"]
    subprocess.run(command, input=names, text=True, stdout=subprocess.DEVNULL, check=True)


READERS = {"ctxtools": read_all, "pillow": with_pillow, "file": with_file}


@pytest.mark.parametrize("engine", READERS)
def bench_images(benchmark: BenchmarkFixture, settings: Settings, engine: str) -> None:
    """All files are in the system's cache."""
    paths = images(IMAGES // 100 if settings.rounds == 1 else IMAGES)

    def one_round() -> None:
        start = perf_counter()
        READERS[engine](paths)
        CLOCK.now += perf_counter() - start

    benchmark.group, benchmark.name = f"images, {len(paths):,} files", engine
    benchmark.pedantic(one_round, rounds=min(3, settings.rounds), warmup_rounds=1)
    about: dict[str, Any] = {"kind": "images", "encoding": "", "corpus": "images", "tokens": 0}
    benchmark.extra_info.update(
        engine=engine,
        version="" if engine == "file" else version(engine),
        bytes=sum(path.stat().st_size for path in paths),
        threads=1,
        cpu=cpu_name(),
        status="ok",
        **about,
    )


_SIDES = (1024, 1200, 1280, 1600)
_README = Path(__file__).parents[1] / "README.md"
_MODEL = "qwen3-vl-8b"
_CTX = (sys.executable, "-m", "ctxtools", "count", "--quiet")


def photos(number: int) -> Path:
    """A folder of photos of some hundred kilobytes: 30 in all, each under many names."""
    pillow = pytest.importorskip("PIL.Image", reason="Pillow makes the images")
    draw = random.Random(2)
    folder = CACHE / f"photos-{number}"
    folder.mkdir(parents=True, exist_ok=True)
    originals = []
    for index in range(30):
        width, height = draw.choice(_SIDES), draw.choice(_SIDES)
        noise = pillow.frombytes(
            "RGB", (width // 8, height // 8), draw.randbytes(3 * (width // 8) * (height // 8))
        )
        suffix, scale = (".png", 3) if index % 3 == 0 else (".jpg", 1)
        image = noise.resize((width // scale, height // scale), pillow.Resampling.BICUBIC)
        exif = pillow.Exif()
        exif[0x0112], exif[0x010F], exif[0x927C] = 1 + index % 8, "Maker", bytes(3_000)
        file = io.BytesIO()
        image.save(file, "PNG" if suffix == ".png" else "JPEG", quality=85, exif=exif)
        originals.append(folder / f"IMG_{index:05}{suffix}")
        originals[-1].write_bytes(file.getvalue())
    for index in range(len(originals), number):
        original = originals[index % len(originals)]
        path = folder / f"IMG_{index:05}{original.suffix}"
        if not path.exists():
            os.link(original, path)
    return folder


COMMANDS = {
    "ctx count README.md": lambda folder: [*_CTX, str(_README)],
    "ctx count photo.jpg": lambda folder: [*_CTX, str(folder / "IMG_00001.jpg"), "-m", _MODEL],
    "ctx count photos": lambda folder: [*_CTX, str(folder), "-m", _MODEL],
    "file photos": lambda folder: ["file", "--mime-type", *map(str, sorted(folder.iterdir()))],
}


@pytest.mark.parametrize("name", COMMANDS)
def bench_commands(benchmark: BenchmarkFixture, settings: Settings, name: str) -> None:
    """A photo should take at most 1.2 times as long as a text, a folder no longer than `file`."""
    number = IMAGES // 100 if settings.rounds == 1 else IMAGES
    folder = photos(number)
    command = COMMANDS[name](folder)
    if command[0] == "file":
        program = find_program("file")
        if program is None:
            pytest.skip("file is not installed")
        command[0] = program

    def one_round() -> None:
        start = perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        CLOCK.now += perf_counter() - start

    benchmark.group, benchmark.name = f"commands, {number:,} photos", name
    benchmark.pedantic(one_round, rounds=settings.rounds, warmup_rounds=1)
    about: dict[str, Any] = {"kind": "images", "encoding": "", "corpus": "photos", "tokens": 0}
    benchmark.extra_info.update(
        engine=name,
        version="" if name.startswith("file") else version("ctxtools"),
        bytes=sum(path.stat().st_size for path in folder.iterdir()),
        threads=0,
        cpu=cpu_name(),
        status="ok",
        **about,
    )
