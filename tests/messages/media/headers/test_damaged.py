"""A damaged or lying header is a FormatError that says where, after a bounded time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import FormatError
from ctxtools.messages.media.files import is_image, read_image
from tests.hanging import no_hang
from tests.messages.media.headers.samples import (
    FORMATS,
    animated,
    box,
    encoded,
    extents,
    heic,
    jpeg_frame,
    jpeg_segment,
    oriented,
    png_chunk,
    png_header,
)

SAMPLES = [
    *(encoded(format_) for format_ in FORMATS),
    *(oriented(format_, 6) for format_ in ("png", "jpeg", "webp", "tiff", "avif")),
    *(animated(format_, 3) for format_ in ("png", "gif", "webp", "tiff", "avif")),
    heic(box(b"hvcC", b"xyz"), extents(40, 30), box(b"irot", b"\x01")),
    encoded("tiff", big_tiff=True),
]


def _never_anything_else(data: bytes) -> None:
    try:
        image = read_image(data)
    except FormatError:
        return
    assert 0 < image.width < 2**31
    assert 0 < image.height < 2**31
    assert image.frames >= 1


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8),
)
def test_changed_bytes(sample: bytes, changes: list[tuple[int, int]]) -> None:
    data = bytearray(sample)
    for offset, value in changes:
        data[offset % len(data)] = value
    _never_anything_else(bytes(data))


@given(st.sampled_from(SAMPLES), st.integers(0, 400), st.binary(max_size=60))
def test_inserted_bytes(sample: bytes, offset: int, inserted: bytes) -> None:
    _never_anything_else(sample[:offset] + inserted + sample[offset:])


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_beginning(sample: bytes) -> None:
    for length in range(min(len(sample), 600)):
        _never_anything_else(sample[:length])


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    _never_anything_else(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty, at byte 0"),
        (b"hello", "not an image of a known format, at byte 0"),
        (png_header(0, 0), "a PNG of 0 x 0 pixels, at byte 0"),
        (png_header(0, 7), "a PNG of 0 x 7 pixels"),
        (png_header(2**31, 7), "a PNG of 2,147,483,648 x 7 pixels"),
        (png_header(7, 7)[:20], "the image ends after 20 bytes, within its header, at byte 8"),
        (png_header(7, 7).replace(b"\x08\x02", b"\x08\x03"), "the checksum of the PNG's header"),
        (b"\x89PNG\r\n\x1a\n" + png_chunk(b"CgBI", bytes(30)), "does not begin with its header"),
        (b"\xff\xd8\xff\xd9" + bytes(9), "pixels before their size, at byte 4"),
        (b"\xff\xd8\xff\xe0\0\x01" + bytes(9), "a segment of 1 bytes, at byte 4"),
        (b"\xff\xd8\xff\xc0\0\x07" + bytes(9), "a frame of 7 bytes, at byte 4"),
        (b"\xff\xd8" + jpeg_frame(9, 0), "its height after its pixels, at byte 7"),
        (b"\xff\xd8\xff\xe0\xff\xff" + bytes(9), "the image ends after 15 bytes"),
        (b"GIF89a" + bytes(7) + b"?", "a block of an unknown kind, at byte 13"),
        (b"RIFF\0\0\0\0WEBPVP9 " + bytes(20), "a chunk of an unknown kind, at byte 12"),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(20), "does not begin with a key frame, at byte 20"),
        (b"II*\0\x08\0\0\0" + bytes(9), "first directory has no size, at byte 8"),
        (b"II*\0\xff\xff\xff\xff", "the image ends after 8 bytes"),
        (heic(box(b"hvcC")), "primary item has no size"),
        (heic(extents(9, 9), primary=2), "primary item has no size"),
        (box(b"ftyp", b"heic") + box(b"free"), "the image has no box 'meta'"),
        (box(b"ftyp", b"heic") + b"\0\0\0\x07meta", "the box b'meta' has 7 bytes, at byte 12"),
        (box(b"ftyp", b"heic") + b"\0\0\0\xffmeta", "the box b'meta' has 255 bytes, at byte 12"),
        (b"<?xml version='1.0'?>\n<!-- a --><svg width='9'/>", "an SVG drawing"),
        (b"\xef\xbb\xbf<svg viewBox='0 0 9 9'/>", "rasterise it"),
        (b"8BPS" + bytes(40), "a Photoshop file"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image"),
    ],
)
def test_the_error_says_what_is_wrong_and_where(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=re.escape(message)) as caught:
        read_image(data, name="photo")
    assert caught.value.message.startswith("photo: ")


def test_a_narrow_image_is_one() -> None:
    image = read_image(png_header(1, 100_000))
    assert (image.width, image.height) == (1, 100_000)


def test_an_enormous_size_is_noted() -> None:
    image = read_image(png_header(1_000_000, 1_000_000))
    assert image.notes == (
        "says that it has 1,000,000 x 1,000,000 pixels, which few decoders take",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + jpeg_segment(0xE1, b"") * 1_000_000,
        b"\xff\xd8" + b"\xff" * 4_000_000,
        b"\xff\xd8" + bytes(4_000_000),
        b"\xff\xd8" + b"\xff\xd0" * 1_000_000,
        b"\xff\xd8" + jpeg_segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff") * 100_000,
        png_header(9, 9) + png_chunk(b"tEXt", b"") * 1_000_000,
        b"GIF89a" + bytes(7) + b"!\xfe\x01x" * 1_000_000,
        b"GIF89a" + bytes(7) + b"!\xfe" + b"\x01x" * 1_000_000,
        b"RIFF\0\0\0\0WEBPVP8X" + b"\x0a\0\0\0\x02" + bytes(9) + b"ANMF\0\0\0\0" * 1_000_000,
        b"II*\0\x08\0\0\0" + b"\0\0\x08\0\0\0" * 1_000_000,  # a directory that is its own successor
        box(b"ftyp", b"heic") + box(b"free") * 1_000_000,
        box(b"ftyp", b"heic") + b"".join([b"\0\0\xff\xf0meta"] * 100_000),
        heic(*[box(b"irot", b"\x01")] * 250),
        b"<?xml ?>" + b"<!---->" * 1_000_000,
    ],
    ids=range(14),
)
def test_a_header_without_end_takes_a_bounded_time(data: bytes) -> None:
    with no_hang():
        _never_anything_else(data)


@pytest.mark.parametrize(
    "text",
    [
        b"BM is a company of many",
        b"BM",
        b"II",
        b"MM*",
        b"RIFF a WEBP",
        b"GIF",
        b"    ftypmp42",
        b"\xff\xd8",
    ],
)
def test_a_text_or_a_video_is_no_image(text: bytes) -> None:
    assert is_image(text) is None
