"""A package that is installed as ctxtools and leads to this checkout.

Tools such as pre-commit install the package into an environment of their own. Its real one compiles
the kernel, which takes minutes and a network; this one has no code. Its name, its version and its
command are those of the real one, and what the command runs is what is tested.
"""

import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import ctxtools

CHECKOUT = Path(ctxtools.__file__).parent.parent
_INFO = f"ctxtools-{ctxtools.__version__}.dist-info"
WHEEL = f"ctxtools-{ctxtools.__version__}-py3-none-any.whl"


def files() -> dict[str, str]:
    """The content of the wheel, by name."""
    # What it imports is where it is for these tests.
    folders = dict.fromkeys([str(CHECKOUT), sysconfig.get_path("purelib"), *_more_folders()])
    content = {
        "ctxtools_stand_in.pth": "".join(f"{each}\n" for each in folders),
        f"{_INFO}/METADATA": (
            f"Metadata-Version: 2.1\nName: ctxtools\nVersion: {ctxtools.__version__}\n"
        ),
        f"{_INFO}/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
        f"{_INFO}/entry_points.txt": "[console_scripts]\nctx = ctxtools.cli:main\n",
    }
    record = "".join(f"{name},,\n" for name in [*content, f"{_INFO}/RECORD"])
    return {**content, f"{_INFO}/RECORD": record}


def _more_folders() -> list[str]:
    return [each for each in sys.path if each.endswith("site-packages")]


def write_wheel(folder: Path) -> Path:
    """The package as a wheel, in a folder."""
    path = folder / WHEEL
    with ZipFile(path, "w") as wheel:
        for name, content in files().items():
            wheel.writestr(name, content)
    return path


BACKEND = """
from shutil import copyfile
from os.path import basename


def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = basename({wheel!r})
    copyfile({wheel!r}, folder + "/" + name)
    return name
"""


def write_project(folder: Path, wheel: Path) -> None:
    """A project that is built, without anything from a network, as that wheel."""
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (folder / "backend.py").write_text(BACKEND.format(wheel=str(wheel)))
