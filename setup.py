"""The parts of the build that pyproject.toml cannot express.

The kernel is optional: without it the slower fallback serves. pip hides the output of a build that
succeeds, so the reason for its absence is kept in the package, where ``ctx info`` finds it. With
``CTXTOOLS_KERNEL=require`` its absence fails the build.

A Python started in the clone imports the sources, not what was installed, so the kernel, or the
reason for its absence, is put next to the sources too.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build import build
from setuptools_rust import RustExtension
from setuptools_rust.build import build_rust

ROOT = Path(__file__).parent
RUST = tomllib.loads((ROOT / "kernel/Cargo.toml").read_text("utf-8"))["package"]["rust-version"]
REASON = Path("ctxtools/_core/not_built.txt")


def obstacle() -> str:
    """Why the kernel cannot be built here; an empty string if nothing is known to prevent it."""
    found = []
    for tool in (os.environ.get("CARGO", "cargo"), "rustc"):
        try:
            command = [tool, "--version"]
            ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT / "kernel")
        except OSError:
            return f"{tool} was not found"
        if ran.returncode:
            if "rustup" in ran.stderr:
                return "rustup has no toolchain, run: rustup default stable"
            return f"{tool} --version failed: {ran.stderr.strip().partition(chr(10))[0]}"
        found += re.findall(r"^\w+ (\d+)\.(\d+)", ran.stdout)
    version = min((int(major), int(minor)) for major, minor in found) if found else ()
    required = tuple(map(int, RUST.split(".")))
    return f"Rust {version[0]}.{version[1]} is too old" if version and version < required else ""


class Build(build):
    """Starts from an empty folder, so that nothing of an earlier build is installed again.

    It also makes the manual pages and completions, which a wheel has in ``share/``.
    """

    def run(self) -> None:
        shutil.rmtree(Path(self.build_lib, "ctxtools"), ignore_errors=True)
        self.distribution.data_files = self.make_shell_files(Path(self.build_base, "share"))
        super().run()

    def make_shell_files(self, folder: Path) -> list[tuple[str, list[str]]]:
        """Make them in a process of its own, and return them as ``data_files`` takes them."""
        shutil.rmtree(folder, ignore_errors=True)
        command = [sys.executable, "-m", "ctxtools.cli.shell", str(folder.absolute())]
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}
        environment["CTXTOOLS_KERNEL"] = "0"  # it is not built yet, or is an old one
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        files: dict[str, list[str]] = {}
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            target = Path("share", path.relative_to(folder).parent).as_posix()
            files.setdefault(target, []).append(str(path))
        return list(files.items())


class Wheel(bdist_wheel):
    """Says which crates are in the kernel, if there is one: ``.dist-info/sboms/`` (PEP 770)."""

    def write_wheelfile(self, wheelfile_base: str, *arguments: str) -> None:
        super().write_wheelfile(wheelfile_base, *arguments)
        package = Path(self.bdist_dir, "ctxtools")
        if [*package.glob("_kernel*.so"), *package.glob("_kernel*.pyd")]:
            target = Path(wheelfile_base, "sboms/ctxtools-kernel.cdx.json").absolute()
            script = ROOT / "scripts/build_sbom.py"
            subprocess.run([sys.executable, str(script), str(target)], check=True)


class BuildKernel(build_rust):
    """Builds the kernel, or records why it was not built."""

    def run(self) -> None:
        self.reason = obstacle()
        if not self.reason:
            super().run()  # of an optional extension, it only prints the errors
        if self.reason:
            self.report()

    def run_for_extension(self, extension: RustExtension) -> None:
        try:
            super().run_for_extension(extension)
        except Exception:
            self.reason = "the build failed, pip install -v shows why"
            raise
        built = Path(self.get_dylib_ext_path(extension, extension.name))
        self.put_next_to_sources(built.name, built.read_bytes())

    def report(self) -> None:
        needs = f"it needs Rust {RUST} or later, from https://rustup.rs"
        message = f"the kernel is not built: {self.reason} ({needs})"
        if os.environ.get("CTXTOOLS_KERNEL") == "require":
            raise SystemExit(f"error: {message}")
        print(f"\nwarning: {message}; the slower fallback is installed\n", file=sys.stderr)
        self.put_next_to_sources(REASON.name, self.reason.encode())
        if not self.inplace:
            target = Path(self.get_finalized_command("build_py").build_lib, REASON)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.reason, "utf-8")

    def put_next_to_sources(self, name: str, content: bytes) -> None:
        """Put the kernel, or the reason for its absence, next to the sources; remove older ones."""
        package = ROOT / "ctxtools"
        target = ROOT / REASON if name == REASON.name else package / name
        with suppress(OSError):  # sources that cannot be written are built all the same
            kernels = [*package.glob("_kernel*.so"), *package.glob("_kernel*.pyd")]
            for old in (ROOT / REASON, *kernels):
                if old != target:
                    old.unlink(missing_ok=True)
            if not target.exists() or target.read_bytes() != content:
                # A running Python may have the old one mapped, so it is not written into.
                new = target.with_name(f"{name}.new")
                new.write_bytes(content)
                os.replace(new, target)


setup(cmdclass={"build": Build, "build_rust": BuildKernel, "bdist_wheel": Wheel})
