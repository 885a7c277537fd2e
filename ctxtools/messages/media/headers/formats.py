"""Which format a file has, by its first bytes: its name may say something else."""

SUFFIXES = {
    "png": "png", "apng": "png",
    "jpg": "jpeg", "jpeg": "jpeg", "jpe": "jpeg", "jfif": "jpeg",
    "gif": "gif", "webp": "webp", "bmp": "bmp", "dib": "bmp", "tif": "tiff", "tiff": "tiff",
    "avif": "avif", "heic": "heic", "heif": "heic", "hif": "heic",
}  # fmt: skip
"""The format that a suffix, or the second half of a media type, stands for."""

MODULES = {
    "png": "png", "jpeg": "jpeg", "gif": "gif", "webp": "webp", "bmp": "bmp", "tiff": "tiff",
    "avif": "heif", "heic": "heif",
}  # fmt: skip
"""The module of this package that reads a format."""

ENOUGH = 32
"""Bytes by which a format is recognised."""

_DIB_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)  # bytes; others are not in use
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")

# What is an image, but of no kind that a model takes: (beginning, name).
_OTHERS = (
    (b"8BPS", "a Photoshop file"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "a JPEG XL image"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000 image"),
    (b"\xffO\xffQ", "a JPEG 2000 image"),
    (b"qoif", "a QOI image"),
    (b"v/1\x01", "an OpenEXR image"),
    (b"FUJIFILMCCD-RAW", "a raw photo"),
)
SVG = "an SVG drawing"


def image_format(beginning: bytes) -> str | None:
    """The format of an image: one of `MODULES`; None if these bytes begin none of them.

    Args:
        beginning: `ENOUGH` bytes or more.
    """
    if beginning.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if beginning.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if beginning.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if beginning.startswith(b"RIFF") and beginning[8:12] == b"WEBP":
        return "webp"
    if beginning.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "tiff"
    # Two letters are no signature: texts begin with them.
    if beginning.startswith(b"BM") and _dib_header(beginning) in _DIB_HEADERS:
        return "bmp"
    return _boxed_format(beginning) if beginning[4:8] == b"ftyp" else None


def other_image(beginning: bytes) -> str | None:
    """What an image is that no model takes as it is: "a Photoshop file"; None if it is none."""
    text = beginning[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype")) and b"<svg" in text:
        return SVG
    return next((name for start, name in _OTHERS if beginning.startswith(start)), None)


def _dib_header(beginning: bytes) -> int:
    return int.from_bytes(beginning[14:18], "little")


def _boxed_format(beginning: bytes) -> str | None:
    brand = beginning[8:12]
    if brand in _AVIF_BRANDS:
        return "avif"
    if brand not in _HEIC_BRANDS:
        return None
    # "mif1" says only that it is an image; the compatible brands say of which codec.
    compatible = beginning[16 : min(int.from_bytes(beginning[:4], "big"), 64)]
    brands = (compatible[start : start + 4] for start in range(0, len(compatible), 4))
    return "avif" if brand in (b"mif1", b"msf1") and b"avif" in brands else "heic"
