"""What the user's ffprobe says of a file, where the library for it is not installed."""

import json
import os
import subprocess
from typing import Any

from ctxtools.errors import FormatError
from ctxtools.programs import program_environment

_SECONDS = 60
_GIVE = "it may be damaged; give its measures"
_ENTRIES = (
    "stream=codec_type,width,height,avg_frame_rate,nb_frames,duration,sample_rate"
    ":stream_side_data=rotation:format=duration"
)
# Containers alone: a playlist would have it open other files.
_FORMATS = (
    "mov,mp4,m4a,3gp,matroska,webm,avi,flv,mpeg,mpegts,asf,ogg,wav,mp3,flac,aac,aiff,mpegvideo"
)


def probe(program: str, descriptor: int, path: str, where: str) -> list[dict[str, Any]]:
    """The tracks of a file, with the fields that MediaInfo has for them.

    Args:
        program: the path of ffprobe.
        descriptor: of the open file.
        path: of the file, for systems on which open files cannot be passed on.
        where: the start of messages: its name.

    Raises:
        FormatError: it cannot read the file, or takes too long.
    """
    posix = os.name == "posix"
    name = f"/dev/fd/{descriptor}" if posix else os.path.abspath(path)
    command = [
        program, "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", _FORMATS,
        "-print_format", "json", "-show_entries", _ENTRIES, "-i", f"file:{name}",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=program_environment(),
            pass_fds=(descriptor,) if posix else (),
            check=False,
        )
        found = json.loads(done.stdout)
        streams = [_track(stream) for stream in found.get("streams", [])]
        whole = {"track_type": "General", "duration": _milliseconds(found.get("format", {}))}
    except subprocess.TimeoutExpired:
        raise FormatError(f"{where}ffprobe takes too long", hint=_GIVE) from None
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        raise FormatError(f"{where}ffprobe cannot read it", hint=_GIVE) from None
    return [whole, *streams]


def _track(stream: dict[str, Any]) -> dict[str, Any]:
    above, _, below = str(stream.get("avg_frame_rate", "")).partition("/")
    rate = float(above) / float(below) if below.strip("0") else None
    turned = next((each.get("rotation") for each in stream.get("side_data_list", [])), None)
    return {
        "track_type": str(stream.get("codec_type")).title(),
        "duration": _milliseconds(stream),
        "width": stream.get("width"),
        "height": stream.get("height"),
        "frame_rate": rate,
        "frame_count": stream.get("nb_frames"),
        "rotation": turned,
        "sampling_rate": stream.get("sample_rate"),
    }


def _milliseconds(entry: dict[str, Any]) -> float | None:
    return float(entry["duration"]) * 1000 if entry.get("duration") else None
