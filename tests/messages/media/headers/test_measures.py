"""The measures of images are those that Pillow finds by decoding them."""

import io
import struct
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.messages.media.files import is_image, read_image
from tests.messages.media.headers.samples import (
    ANIMATED,
    FORMATS,
    ORIENTED,
    PIL,
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
    saved,
)

LIBHEIF = (
    "AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWljAAAByG1ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAHBpY3QAAAAAAAAAAAAA"
    "AAAAAAAANGlsb2MAAAAAREAAAgABAAAAAAHoAAEAAAAAAAAALAACAAAAAAIUAAEAAAAAAAAAJAAAADhpaW5mAAAA"
    "AAACAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAFWluZmUCAAABAAIAAEV4aWYAAAAADnBpdG0AAAAAAAEAAAEHaXBy"
    "cAAAAOZpcGNvAAAAdmh2Y0MBA3AAAACQAAAAAAAe8AD8/fj4AAAPA2AAAQAYQAEMAf//A3AAAAMAkAAAAwAAAwAe"
    "ugJAYQABACpCAQEDcAAAAwCQAAADAAADAB6gNIEHXlurkprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNj"
    "b2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABmAAAAQAAAAChjbGFwAAAAZQAAAAEAAAAlAAAAAf////8AAAAC"
    "////5QAAAAIAAAAQcGl4aQAAAAADCAgIAAAACWlyb3QDAAAAGWlwbWEAAAAAAAAAAQABBoECAwWEhgAAABppcmVm"
    "AAAAAAAAAA5jZHNjAAIAAQABAAAAWG1kYXQAAAAoKAGvE0W09SeBP//wbVH/3B54e9pV+ejARC2IJVLBYfM="
)
sides = st.integers(1, 200)


@given(st.sampled_from(FORMATS), sides, sides, st.sampled_from(("RGB", "L", "P", "1", "RGBA")))
def test_sizes_are_those_of_the_decoder(format_: str, width: int, height: int, mode: str) -> None:
    try:
        data = encoded(format_, width, height, mode=mode)
    except OSError:  # a mode that the format does not have
        data = encoded(format_, width, height)
    image = read_image(data)
    assert is_image(data[:32]) == format_
    assert (image.width, image.height, image.format) == (width, height, format_)
    assert (image.frames, image.rotated, image.notes) == (1, False, ())
    assert image.size == len(data)


@pytest.mark.parametrize("format_", ORIENTED)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_orientation_exchanges_the_sides_for_who_looks(format_: str, orientation: int) -> None:
    data = oriented(format_, orientation, 40, 30)
    image = read_image(data)
    assert (image.width, image.height) == (40, 30)
    if format_ != "tiff":  # which Pillow turns
        assert PIL.open(io.BytesIO(data)).size == (40, 30)
    assert image.rotated == (orientation >= 5)


@pytest.mark.parametrize("format_", ANIMATED)
def test_frames_and_pages_are_counted(format_: str) -> None:
    image = read_image(animated(format_, 5))
    assert image.frames == (2 if format_ == "avif" else 5)  # AVIF: two or more
    assert any("counted as its first" in note for note in image.notes)


def test_far_frames_of_a_gif_are_not_looked_for() -> None:
    data = animated("gif", 2000)
    image = read_image(data)
    assert 1 < image.frames < 2000
    assert "or more frames" in image.notes[0]


def test_a_canvas_is_as_large_as_the_first_frame_of_a_gif() -> None:
    data = bytearray(encoded("gif", 40, 30))
    data[6:10] = bytes(4)
    assert PIL.open(io.BytesIO(data)).size == (40, 30)
    image = read_image(bytes(data))
    assert (image.width, image.height) == (40, 30)


@pytest.mark.parametrize(
    "options", [{"lossless": True}, {"quality": 50}, {"lossless": True, "exact": True}]
)
def test_each_kind_of_webp(options: dict[str, object]) -> None:
    for mode in ("RGB", "RGBA"):
        image = read_image(encoded("webp", 321, 123, mode=mode, **options))
        assert (image.width, image.height) == (321, 123)


@pytest.mark.parametrize("options", [{"progressive": True}, {"icc_profile": b"x" * 300_000}])
def test_segments_before_the_frame_of_a_jpeg_are_skipped(options: dict[str, object]) -> None:
    image = read_image(encoded("jpeg", 321, 123, **options))
    assert (image.width, image.height) == (321, 123)


def test_fill_bytes_and_garbage_between_segments_are_skipped() -> None:
    data = b"\xff\xd8" + jpeg_segment(0xE0, b"x") + b"\0\1\2" + b"\xff" * 5000
    image = read_image(data + jpeg_frame(321, 123)[1:])
    assert (image.width, image.height) == (321, 123)


def test_rows_of_a_bmp_may_be_from_the_top() -> None:
    data = bytearray(encoded("bmp", 40, 30))
    data[22:26] = struct.pack("<i", -30)
    assert read_image(bytes(data)).height == 30
    core = b"BM" + bytes(12) + struct.pack("<IHHHH", 12, 40, 30, 1, 24)
    image = read_image(core)
    assert (image.width, image.height) == (40, 30)


@pytest.mark.parametrize("options", [{"big_tiff": True}, {"compression": "tiff_lzw"}, {}])
def test_kinds_of_tiff(options: dict[str, object]) -> None:
    data = encoded("tiff", 321, 123, **options)
    image = read_image(data)
    assert (image.width, image.height) == (321, 123)


def test_a_tiff_of_the_other_byte_order() -> None:
    entries = b"".join(
        struct.pack(">HHIHH", tag, 3, 1, value, 0)
        for tag, value in ((256, 321), (257, 123), (274, 6))
    )
    image = read_image(b"MM\0*\0\0\0\x08" + b"\0\x03" + entries + bytes(4))
    assert (image.width, image.height, image.rotated) == (321, 123, True)


@pytest.mark.parametrize("angle", range(4))
def test_a_heic_is_measured_by_its_primary_item(angle: int) -> None:
    data = heic(box(b"hvcC", b"xyz"), extents(4032, 3024), box(b"irot", bytes((angle,))))
    image = read_image(data)
    assert (image.width, image.height, image.format) == (4032, 3024, "heic")
    assert image.rotated == (angle in (1, 3))


def test_what_a_heic_stores_too_much_is_cut_off() -> None:
    fractions = (101, 1, 74, 2, 0, 1, 0, 1)
    aperture = box(b"clap", *(number.to_bytes(4, "big") for number in fractions))
    image = read_image(heic(extents(102, 64), aperture))
    assert (image.width, image.height) == (101, 37)
    image = read_image(heic(extents(102, 36), aperture))  # it cannot be larger than the image
    assert (image.width, image.height) == (102, 36)


def test_a_heic_that_libheif_wrote() -> None:
    image = read_image(b64decode(LIBHEIF))  # of 101 x 37 pixels, turned
    assert (image.width, image.height, image.format) == (101, 37, "heic")
    assert (image.rotated, image.frames, image.notes) == (True, 1, ())


def test_metadata_of_any_size_are_skipped(tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    with open(file, "wb") as stream:
        stream.write(png_header(321, 123))
        stream.write((1 << 30).to_bytes(4, "big") + b"tEXt")
        stream.seek(1 << 30, 1)
        stream.write(b"\0\0\0\0" + png_chunk(b"acTL", b"\0\0\0\x07\0\0\0\0"))
        stream.write(png_chunk(b"IDAT", b""))
    image = read_image(file)
    assert (image.width, image.height, image.frames) == (321, 123, 7)


def test_other_readers_agree() -> None:
    imagesize = pytest.importorskip("imagesize", reason="a second opinion")
    for format_ in FORMATS:
        data = saved(PIL.new("RGB", (123, 45)), format_)
        image = read_image(data)
        assert imagesize.get(io.BytesIO(data)) == (image.width, image.height), format_
