"""Images from paths, data URIs and base64."""

import base64
import os
import random
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import FormatError, ReadError, UsageError
from ctxtools.messages import read_audio, read_document
from ctxtools.messages.media.files import image_from_base64, read_image
from tests.hanging import no_hang
from tests.messages.media.headers.samples import encoded, png_header


def test_a_path_names_its_image(tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(encoded("png", 40, 30))
    for path in (file, str(file)):
        image = read_image(path, detail="low")
        assert (image.width, image.height, image.name) == (40, 30, str(file))
        assert (image.detail, image.size, image.notes) == ("low", file.stat().st_size, ())
    assert read_image(file, name="image 2").name == "image 2"


def test_another_suffix_is_noted(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(encoded("png"))
    assert read_image(file).notes == ("named .jpg, but it is a PNG",)
    file = file.rename(tmp_path / "photo.dat")
    assert read_image(file).notes == ()


@given(
    st.sampled_from(["png", "jpeg", "gif", "webp"]),
    st.sampled_from(["", "\n", "\r\n", " "]),
    st.integers(1, 100),
    st.integers(0, 9_000),
)
def test_base64_is_measured_as_its_bytes(form: str, space: str, side: int, rest: int) -> None:
    data = encoded(form, side, 30) + bytes(rest)
    text = base64.b64encode(data).decode()
    if space:
        text = space.join(text[at : at + 76] for at in range(0, len(text), 76))
    image = read_image(f"data:image/{form};base64,{text}")
    assert image == read_image(data) == image_from_base64(text, media_type=f"image/{form}")
    assert image.size == len(data)


def test_base64_without_padding_and_with_escapes() -> None:
    data = png_header(40, 30)
    text = base64.b64encode(data).decode()
    assert read_image("DATA:image/png;base64," + quote(text, safe="")) == read_image(data)
    assert image_from_base64(text.rstrip("=")) == read_image(data)
    assert read_image("data:image/png," + quote(data)) == read_image(data)
    lower = text.replace("+", "%2b").replace("/", "%2f").replace("=", "%3d")
    assert read_image(f" data:image/png;base64,{lower}") == read_image(data)


@given(st.integers(0, 2**32))
def test_base64_for_urls(seed: int) -> None:
    """Google's libraries write it into requests."""
    data = encoded("png", 40, 30) + random.Random(seed).randbytes(50)
    text = base64.urlsafe_b64encode(data).decode()
    assert image_from_base64(text, media_type="image/png") == read_image(data)


def test_another_media_type_is_noted() -> None:
    text = base64.b64encode(encoded("png")).decode()
    (note,) = read_image(f"data:image/jpeg;base64,{text}").notes
    assert note.startswith("called image/jpeg, but it is a PNG")
    assert read_image(f"data:;base64,{text}").notes == ()


@pytest.mark.parametrize("uri", ["data:image/png;base64", "data:" + "x" * 5000])
def test_a_data_uri_without_data(uri: str) -> None:
    with pytest.raises(FormatError, match="without a comma"):
        read_image(uri)


def test_where_it_is_not_base64() -> None:
    text = base64.b64encode(png_header(40, 30)).decode()
    with pytest.raises(FormatError, match="from character 30 of the data on"):
        image_from_base64(f"{text[:30]}!{text[30:]}")


@pytest.mark.parametrize("data", ["!!!!", "iVBORw0KGgo!AAAA", "é", "A", "AAAAA"])
def test_what_is_not_base64(data: str) -> None:
    with pytest.raises(FormatError, match=r"not base64|not an image"):
        image_from_base64(data)


def test_an_svg_in_a_data_uri() -> None:
    with pytest.raises(FormatError, match="an SVG drawing, which has no pixels"):
        read_image("data:image/svg+xml," + quote("<svg viewBox='0 0 9 9'/>"))


@pytest.mark.parametrize(
    "url", ["https://example.com/a.png", "HTTP://example.com/a.png", "gs://a/b.png", "file:///a"]
)
def test_nothing_is_fetched(url: str) -> None:
    for read in (read_image, read_audio, read_document):
        with pytest.raises(UsageError, match="not fetched"):
            read(url)


def test_content_in_place_of_a_path() -> None:
    text = base64.b64encode(bytes(100_000)).decode()
    for read in (read_image, read_audio, read_document):
        with pytest.raises(ReadError, match="133,336 characters are no path") as caught:
            read(text)
        assert len(str(caught.value)) < 500


def test_a_source_of_another_type() -> None:
    with pytest.raises(UsageError, match="source must be a str or bytes or PathLike, got int"):
        read_image(3)  # type: ignore[arg-type]
    assert read_image(memoryview(png_header(4, 3))).width == 4  # type: ignore[arg-type]


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        read_image(tmp_path / "missing.png")
    with pytest.raises(ReadError, match="is a directory"):
        read_image(tmp_path)
    with pytest.raises(ReadError, match="not a path"):
        read_image("a\0b")


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with no_hang(), pytest.raises(ReadError, match="named pipe"):
        read_image(tmp_path / "pipe.png")


def test_a_path_that_leads_out_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "outside.png").write_bytes(png_header(4, 3))
    (folder / "inside.png").write_bytes(png_header(4, 3))
    assert read_image(folder / "inside.png", within=folder).width == 4
    with pytest.raises(ReadError, match="leads out of its folder"):
        read_image(folder / ".." / "outside.png", within=folder)
