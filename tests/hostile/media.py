"""Images, videos, recordings and PDFs that are wrong: cut, lying, endless, or named as others."""

from itertools import pairwise
from pathlib import Path

from tests.hostile.builders import Input, file_into, folder_into
from tests.messages.media.headers.samples import (
    box,
    extents,
    heic,
    jpeg_frame,
    jpeg_segment,
    png_chunk,
    png_header,
)
from tests.messages.media.readers import test_read
from tests.messages.media.readers.pdfs import branching, pdf, written

MEDIA: list[Input] = []
file, folder = file_into(MEDIA), folder_into(MEDIA)

_CLIP = (Path(test_read.__file__).with_name("samples") / "sound.mp4").read_bytes()
_WAV = test_read.wav(1)


@file("cut.png")
def header_that_ends_within_its_sides() -> bytes:
    return png_header(640, 480)[:20]


@file("checksum.png")
def header_whose_checksum_is_wrong() -> bytes:
    return png_header(640, 480)[:-1] + b"\0"


@file("none.png")
def image_of_no_pixels() -> bytes:
    return png_header(0, 0)


@file("line.png")
def image_of_one_column() -> bytes:
    return png_header(1, 100_000)


@file("vast.png")
def image_that_says_it_has_more_pixels_than_there_are() -> bytes:
    return png_header(2**31 - 1, 2**31 - 1)


@file("chunks.png")
def image_of_thousands_of_chunks() -> bytes:
    return png_header(64, 64) + png_chunk(b"tEXt", b"a") * 20_000


@file("photo.jpg")
def png_with_the_name_of_a_jpeg() -> bytes:
    return png_header(640, 480) + bytes(100)


@file("moving.gif")
def animation_that_does_not_end() -> bytes:
    frame = b",\0\0\0\0\x0a\0\x0a\0\0\2\2\x4c\1\0"
    return b"GIF89a\x0a\0\x0a\0\0\0\0" + frame * 20_000


@file("segments.jpg")
def jpeg_of_segments_without_a_frame() -> bytes:
    return b"\xff\xd8" + jpeg_segment(0xE2, b"x") * 20_000


@file("garbage.jpg")
def jpeg_whose_segments_lie() -> bytes:
    return b"\xff\xd8\xff\xe1\xff\xff" + b"\xff" * 200_000


@file("exif.jpg")
def orientation_that_leads_to_itself() -> bytes:
    loop = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\0\x03\0\0\0\x01\0\x63\0\0" * 3
    return b"\xff\xd8" + jpeg_segment(0xE1, loop) + jpeg_frame(640, 480)


@file("pages.tiff")
def tiff_whose_pages_are_a_circle() -> bytes:
    sides = b"\0\x01\0\x03\0\0\0\x01\0\x40\0\0" + b"\x01\x01\0\x03\0\0\0\x01\0\x40\0\0"
    sides = b"\x01\0\0\x03\0\0\0\x01\0\x40\0\0" + sides[12:]
    return b"MM\0*\0\0\0\x08\0\x02" + sides + b"\0\0\0\x08"


@file("boxes.heic")
def heic_of_nested_boxes() -> bytes:
    inner = b""
    for _ in range(2000):
        inner = box(b"meta", b"\0\0\0\0", inner)
    return heic(extents(64, 64))[:24] + inner


@file("drawing.svg")
def drawing_in_which_entities_multiply() -> str:
    names = "abcdefgh"
    entities = "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names)
    )
    return f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "x">{entities}]><svg>&h;</svg>'


@file("drawing.png")
def drawing_with_the_name_of_an_image() -> str:
    return '<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9"/>'


@file("cut.mp4")
def half_of_a_clip() -> bytes:
    return _CLIP[: len(_CLIP) // 2]


@file("zeros.mp4")
def clip_with_zeros_for_its_index() -> bytes:
    start = _CLIP.find(b"moov") + 4
    return _CLIP[:start] + bytes(len(_CLIP) - start)


@file("deep.mp4")
def clip_of_nested_boxes() -> bytes:
    inner = b""
    for _ in range(5000):
        inner = box(b"moov", inner)
    return box(b"ftyp", b"isom\0\0\0\0isom") + inner


@file("hour.wav")
def recording_that_says_it_takes_a_day() -> bytes:
    return _WAV[:40] + b"\xff\xff\xff\x7f" + _WAV[44:]


@file("rate.wav")
def recording_without_a_rate() -> bytes:
    return _WAV[:24] + bytes(8) + _WAV[32:]


@file("empty.wav")
def recording_of_nothing() -> bytes:
    return _WAV[:44]


@file("tag.mp3")
def tag_larger_than_its_file() -> bytes:
    return b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(100)


@file("cut.pdf")
def half_of_a_pdf() -> bytes:
    whole = pdf((595, 842, "Hello"))
    return whole[: len(whole) // 2]


@file("tree.pdf")
def pdf_of_more_pages_than_there_are_atoms() -> bytes:
    return branching(60)


@file("circle.pdf")
def pdf_whose_pages_are_a_circle() -> bytes:
    return written(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>"]
    )


@file("vast.pdf")
def pdf_of_a_page_as_large_as_a_city() -> bytes:
    return pdf((10**9, 10**9, "Hello"))


@file("hidden.pdf")
def pdf_whose_text_hides() -> bytes:
    return pdf((595, 842, "a\\036\\033[2J\\007 b"))


@folder()
def media_that_are_no_files(here: Path) -> None:
    import os

    os.mkfifo(here / "pipe.png")
    (here / "link.png").symlink_to("../home/secret.txt")
    (here / "zero.mp4").symlink_to("/dev/zero")
    (here / "photo.png").write_bytes(png_header(64, 64))
    (here / "folder.pdf").mkdir()


@folder()
def everything_that_is_wrong_at_once(here: Path) -> None:
    for each in MEDIA:
        if each.target != ".":
            each.build(here)
