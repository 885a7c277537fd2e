"""Files that are no text, as small as they can be."""

from pathlib import Path

from tests.messages.media.headers.samples import jpeg_frame, jpeg_segment, png_header
from tests.messages.media.readers import test_read
from tests.messages.media.readers.pdfs import pdf

SAMPLES = Path(test_read.__file__).with_name("samples")


def png(width: int = 640, height: int = 480) -> bytes:
    """The beginning of a PNG, which is all that is read."""
    return png_header(width, height) + bytes(100)


def jpeg(width: int = 640, height: int = 480, *, turned: bool = False) -> bytes:
    """The beginning of a JPEG, which an orientation may turn for who looks at it."""
    directory = b"MM\0*\0\0\0\x08\0\x01" + b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" + bytes(4)
    exif = jpeg_segment(0xE1, b"Exif\0\0" + directory) if turned else b""
    return b"\xff\xd8" + exif + jpeg_frame(width, height) + bytes(100)


def media(folder: Path) -> dict[str, bytes]:
    """Write an image, a video, a recording and a PDF."""
    files = {
        "photo.png": png(),
        "clip.mp4": (SAMPLES / "sound.mp4").read_bytes(),  # 64 x 48, 2 seconds
        "talk.wav": test_read.wav(3),
        "paper.pdf": pdf((595, 842, "Hello world")),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return files
