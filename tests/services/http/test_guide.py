"""The commands of docs/serve.md print what it says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.services.http.serving import process

GUIDE = Path(__file__).parents[3] / "docs" / "serve.md"
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(curl (?:.*\\\n)*.*)\n((?:# .*\n)+)", re.MULTILINE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_guide_can_be_followed() -> None:
    commands = [found for block in BLOCKS for found in COMMAND.findall(block)]
    assert len(commands) == 6
    with process() as (_, url):
        for command, expected in commands:
            line = command.replace("http://127.0.0.1:8080", url)
            ran = subprocess.run(line, shell=True, capture_output=True, text=True)
            printed = ran.stdout.replace("\r", "").rstrip("\n").splitlines()
            assert printed == [each.removeprefix("# ") for each in expected.splitlines()]
