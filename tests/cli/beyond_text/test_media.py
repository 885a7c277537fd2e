"""``ctx count`` of images, videos, recordings and PDFs: as the model counts them, or refused."""

import json
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from tests.cli.beyond_text.samples import jpeg, media, png
from tests.cli.conftest import Run

pytest.importorskip("pymediainfo", reason="the extra media is not installed")
pytest.importorskip("tinytag", reason="the extra media is not installed")
pytest.importorskip("pypdfium2", reason="the extra media is not installed")

GEMINI, QWEN = "gemini-2.5-pro", "qwen3-vl-8b"
NAMES = ("photo.png", "clip.mp4", "talk.wav", "paper.pdf")


def files(run: Run, *arguments: str) -> dict[str, Any]:
    """What is said of each file."""
    return {
        each["path"]: each
        for each in json.loads(run("count", *arguments, "--json").stdout)["files"]
    }


def test_each_is_counted_as_the_library_does(run: Run, folder: Path) -> None:
    media(folder)
    found = files(run, *NAMES, "-m", GEMINI)
    expected = {
        "photo.png": ctx.image_tokens(GEMINI, 640, 480),
        "clip.mp4": ctx.video_tokens(GEMINI, 64, 48, 2, audio=True),
        "talk.wav": ctx.audio_tokens(GEMINI, 3),
    }
    for name, tokens in expected.items():
        interval = tokens.interval
        low_and_high = found[name].get("intervals", {}).get(GEMINI, [int(tokens)] * 2)
        assert found[name]["tokens"] == {GEMINI: int(tokens)}, name
        assert low_and_high == [interval.low, interval.high]
        assert found[name]["how"][GEMINI]["rule"] == tokens.rule
        assert found[name]["how"][GEMINI]["basis"] == tokens.basis
    kinds = {name: each["kind"] for name, each in found.items()}
    assert kinds == dict(zip(NAMES, ("image", "video", "audio", "document"), strict=True))


def test_one_image_prints_a_bare_number(run: Run, folder: Path) -> None:
    media(folder)
    ran = run("count", "photo.png", "-m", QWEN)
    assert (ran.exit_code, ran.stdout) == (0, "300\n")
    (folder / "turned.jpg").write_bytes(jpeg(1000, 700, turned=True))
    for model in ("kimi-k2.5", "llama-4-scout"):
        interval = ctx.image_tokens(model, image="turned.jpg").interval
        between = f"~{interval.typical} ({interval.low}–{interval.high})"
        expected = str(interval.typical) if interval.exact else between
        assert run("count", "turned.jpg", "-m", model).stdout == f"{expected}\n"


def test_what_a_rule_counts_is_no_estimate_where_the_tokenizer_is_closed(
    run: Run, folder: Path
) -> None:
    media(folder)
    ran = run("count", "photo.png", "-m", "claude-opus-4-8")
    assert ran.stdout == f"{int(ctx.image_tokens('claude-opus-4-8', 640, 480))}\n"
    assert "estimate" not in ran.stderr


def test_what_a_model_does_not_take_is_an_error_and_the_rest_is_counted(
    run: Run, folder: Path
) -> None:
    media(folder)
    (folder / "a.txt").write_text("Hello world")
    ran = run("count", "a.txt", *NAMES, "-m", "deepseek-v4-pro")
    assert ran.exit_code == 2
    assert "total of 2 files" in ran.stdout  # of a PDF the text is counted
    assert "note: paper.pdf: deepseek-v4-pro takes no PDF" in ran.stderr
    for name, noun in zip(NAMES, ("an image", "a video", "audio"), strict=False):
        assert f"error: {name}: {noun}: deepseek-v4-pro takes no " in ran.stderr
    assert "hint: " in ran.stderr
    assert "Traceback" not in ran.stderr


def test_several_models_at_once(run: Run, folder: Path) -> None:
    media(folder)
    found = files(run, "photo.png", "-m", QWEN, "-m", "gpt-4o", "-m", GEMINI)["photo.png"]
    assert found["tokens"] == {
        name: int(ctx.image_tokens(name, 640, 480)) for name in (QWEN, "gpt-4o", GEMINI)
    }
    assert [*found["how"]] == [QWEN, "gpt-4o", GEMINI]
    # It has to be of a kind that all of them take.
    ran = run("count", "photo.png", "-m", QWEN, "-m", "deepseek-v4-pro")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "photo.png: an image: deepseek-v4-pro takes no images" in ran.stderr


@pytest.mark.parametrize("arguments", [(), ("-e", "o200k_base"), ("-m", QWEN, "-e", "o200k_base")])
def test_an_encoding_counts_text_alone(arguments: tuple[str, ...], run: Run, folder: Path) -> None:
    media(folder)
    ran = run("count", "photo.png", *arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "error: photo.png: " in ran.stderr
    assert "-m" in ran.stderr.partition("hint: ")[2]


def test_media_of_a_folder_are_counted_or_skipped_with_a_reason(run: Run, folder: Path) -> None:
    media(folder)
    (folder / "a.txt").write_text("Hello world")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (folder / "none.png").write_bytes(png(0, 0))
    ran = run("count", ".", "-m", QWEN)
    assert ran.exit_code == 0
    assert "total of 4 files" in ran.stdout
    for line in ("broken.png: ", "none.png: ", "talk.wav: "):
        assert f"skipped: {line}" in ran.stderr
    assert "error" not in ran.stderr
    assert run("count", ".", "-m", QWEN, "--strict").exit_code == 2
    text = run("count", ".", "-m", "deepseek-v4-pro")
    assert text.exit_code == 0
    assert "total of 2 files" in text.stdout  # of a PDF the text is counted
    assert "skipped: photo.png: binary (PNG image)" in text.stderr


def test_a_damaged_image_that_was_named_is_an_error(run: Run, folder: Path) -> None:
    media(folder)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (folder / "none.jpg").write_bytes(jpeg(0, 0))
    ran = run("count", "broken.png", "none.jpg", "photo.png", "-m", QWEN)
    assert ran.exit_code == 2
    assert "total of 1 file" in ran.stdout
    assert "error: broken.png: " in ran.stderr
    assert "error: none.jpg: a JPEG of 0 x 0 pixels" in ran.stderr


def test_a_narrow_image_is_refused_by_the_model_that_refuses_it(run: Run, folder: Path) -> None:
    (folder / "line.png").write_bytes(png(1, 100_000))
    ran = run("count", "line.png", "-m", QWEN)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "error: line.png: 1 x 100,000 pixels are too narrow" in ran.stderr


def test_the_content_says_what_a_file_is(run: Run, folder: Path) -> None:
    (folder / "photo.jpg").write_bytes(png())
    (folder / "photo").write_bytes(png())
    (folder / "drawing.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>')
    (folder / "text.png").write_text("Hello world")
    ran = run("count", "photo.jpg", "-m", QWEN)
    assert (ran.exit_code, ran.stdout) == (0, "300\n")
    assert "note: photo.jpg: named .jpg, but it is a PNG" in ran.stderr
    assert run("count", "photo", "-m", QWEN).stderr.count("named") == 0
    # Models get an SVG as the text that it is, and so does a text whose name is wrong.
    assert files(run, "drawing.svg", "text.png", "-m", QWEN)["text.png"]["tokens"] == {QWEN: 2}


def test_stdin(run: Run, folder: Path) -> None:
    data = media(folder)
    assert run("count", "-m", QWEN, input=data["photo.png"]).stdout == "300\n"
    assert run("count", "-", "-m", QWEN, input=data["clip.mp4"]).exit_code == 0
    ran = run("count", "-m", "deepseek-v4-pro", input=data["photo.png"])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "error: stdin: an image: deepseek-v4-pro takes no images" in ran.stderr
    (column,) = json.loads(run("count", "--json", "-m", QWEN, input=data["photo.png"]).stdout)[
        "files"
    ]
    assert (column["path"], column["bytes"]) == ("-", len(data["photo.png"]))


def test_lists_of_files(run: Run, folder: Path) -> None:
    media(folder)
    (folder / "a.txt").write_text("Hello world")
    (folder / "list").write_text("a.txt\nphoto.png\ntalk.wav\n")
    ran = run("count", "--files-from", "list", "-m", QWEN)
    assert ran.exit_code == 0
    assert "total of 2 files" in ran.stdout
    assert "skipped: talk.wav: binary (WAV audio)" in ran.stderr


def test_text_alone(run: Run, folder: Path) -> None:
    media(folder)
    (folder / "a.txt").write_text("Hello world")
    ran = run("count", ".", "-m", QWEN, "--no-media")
    assert "total of 2 files" in ran.stdout
    assert "skipped: photo.png: binary (PNG image)" in ran.stderr
    assert "Kind" not in ran.stdout
    assert run("count", "photo.png", "-m", QWEN, "--no-media").exit_code == 2


def test_large_files_are_skipped_before_they_are_looked_into(run: Run, folder: Path) -> None:
    media(folder)
    ran = run("count", ".", "-m", GEMINI, "--max-file-size", "1000")
    assert "total of 2 files" in ran.stdout
    assert "skipped: talk.wav: 96,044 bytes, above the maximum file size of 1,000" in ran.stderr


def test_threads_do_not_change_the_result(run: Run, folder: Path) -> None:
    for number in range(40):
        (folder / f"{number:02}.png").write_bytes(png(100 + number % 7, 100))
        (folder / f"{number:02}.jpg").write_bytes(jpeg(300, 200 + number % 3, turned=True))
    one, four = (run("count", ".", "-m", QWEN, "--json", "-j", n).stdout for n in "14")
    assert one == four
    for each in json.loads(one)["files"]:
        tokens = ctx.image_tokens(QWEN, image=folder / each["path"])
        assert each["tokens"] == {QWEN: int(tokens)}


def test_a_model_whose_tokenizer_is_not_here_counts_images(run: Run, folder: Path) -> None:
    media(folder)
    (folder / "a.txt").write_text("Hello world")
    ran = run("count", "photo.png", "-m", "pixtral-large")
    assert ran.exit_code == 0
    assert ran.stdout == f"{int(ctx.image_tokens('pixtral-large', 640, 480))}\n"
    for arguments in (("a.txt",), ("photo.png", "a.txt"), (".",)):
        ran = run("count", *arguments, "-m", "pixtral-large")
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert ran.stderr.startswith("error: the tokenizer of pixtral-large is public but not part")
    for command in ("fits", "chunk", "show", "encode"):
        ran = run(command, "a.txt", "-m", "pixtral-large", *(["-l", "99"] * (command == "fits")))
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert ran.stderr.startswith("error: the tokenizer of pixtral-large is public but not part")
