"""What messages call the patterns of files."""

import os

from ctxtools.cli.options import FileOptions
from ctxtools.config import Config


class Labels:
    """What messages call patterns: by their option, or by the setting and where it is."""

    def __init__(self, options: FileOptions, config: Config) -> None:
        self.options = options
        self.config = config

    def __call__(self, option: str, pattern: str) -> str:
        if self.is_own(option, pattern):
            return f"--{option} {pattern!r}"
        return f"{option} {pattern!r} ({self.config.origins.get(option, 'configuration')})"

    def is_own(self, option: str, pattern: str) -> bool:
        """Whether a pattern is from the command line."""
        return pattern in (getattr(self.options, option) or ())

    def only_takes_back(self) -> bool:
        """Whether each pattern of files to include starts with a !."""
        patterns = self.options.include or self.config.include
        return all(pattern.startswith("!") for pattern in patterns)

    def base(self) -> str | None:
        """The folder that the patterns of the project's configuration are written for."""
        folder = self.config.folder()
        return None if folder is None else str(folder)

    def written_for(self, base: str | None) -> list[str]:
        """The patterns of a configuration file in that folder, unless they are options too."""
        given = {*(self.options.include or ()), *(self.options.exclude or ())}
        return [
            pattern
            for option, patterns in (
                ("include", self.config.include),
                ("exclude", self.config.exclude),
            )
            if base is not None
            and self.config.origins.get(option, "").startswith(os.path.join(base, ""))
            for pattern in patterns
            if pattern not in given
        ]

    def is_elsewhere(self, pattern: str) -> bool:
        """Whether it names something beside the configuration file."""
        name = pattern.removeprefix("!").strip("/")
        return any(os.path.exists(file.parent / name) for file in self.config.files)
