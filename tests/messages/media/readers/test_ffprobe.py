"""Where MediaInfo is not installed, the user's ffprobe is asked; here a program in its place."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from ctxtools.errors import FormatError
from ctxtools.messages import read_audio, read_video
from ctxtools.messages.media.readers import read as readers

SAMPLES = Path(__file__).with_name("samples")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the program here is a script")

VIDEO: dict[str, Any] = {
    "codec_type": "video", "width": 640, "height": 360, "avg_frame_rate": "30000/1001",
    "nb_frames": "300", "duration": "10.01", "side_data_list": [{"rotation": -90}],
}  # fmt: skip
SOUND = {"codec_type": "audio", "sample_rate": "48000"}


@pytest.fixture
def ffprobe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Prints what is in ``answer`` beside it, if the file that it is asked for can be read."""
    program = tmp_path / "ffprobe"
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        "assert '-format_whitelist' in sys.argv\n"
        "file = sys.argv[-1].removeprefix('file:')\n"
        "assert len(open(file, 'rb').read()) > 100\n"
        "print(pathlib.Path(__file__).with_name('answer').read_text())\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(readers, "find_spec", lambda module: None)
    monkeypatch.setattr(readers, "find_program", lambda name: str(program))
    return tmp_path / "answer"


def test_ffprobe(ffprobe: Path) -> None:
    ffprobe.write_text(json.dumps({"streams": [SOUND, VIDEO], "format": {"duration": "10.1"}}))
    for source in (SAMPLES / "sound.mp4", (SAMPLES / "sound.mp4").read_bytes()):
        found = read_video(source)
        assert (found.width, found.height, found.audio) == (360, 640, True)  # it is turned
        assert (found.seconds, found.frames) == (10.01, 300)
        assert found.fps == pytest.approx(29.97, abs=0.01)
        sound = read_audio(source)
        assert (sound.seconds, sound.rate) == (10.1, 48_000)


@pytest.mark.parametrize(
    "answer",
    ["", "[]", "null", '{"streams": 3}', '{"streams": [[]]}', '{"streams": [], "format": {}}',
     '{"streams": [{"codec_type": "video", "width": 9, "height": 9, "duration": "N/A"}]}',
     '{"streams": [{"codec_type": "video", "width": 9, "height": 9, "duration": "nan"}]}',
     '{"streams": [{"codec_type": "video", "width": 9, "height": 9, "duration": "1e99"}]}',
     json.dumps({"streams": [{**VIDEO, "width": None}]}),
     json.dumps({"streams": [{**VIDEO, "avg_frame_rate": "0/0", "nb_frames": None}]})],
)  # fmt: skip
def test_useless_answers(ffprobe: Path, answer: str) -> None:
    ffprobe.write_text(answer)
    with pytest.raises(FormatError):
        read_video(SAMPLES / "sound.mp4")
