"""WAV and raw AAC, which are measured by their headers alone."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import CtxtoolsError, FormatError
from ctxtools.messages import read_audio

RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000)
STREAMED = "does not say how long it is"


def wav(
    samples: int = 32_000,
    *,
    form: int = 1,
    channels: int = 1,
    bits: int = 16,
    byte_rate: int | None = None,
    claims: int | None = None,
    riff: bytes = b"RIFF",
    before: bytes = b"",
) -> bytes:
    sample = channels * bits // 8
    size = samples * sample
    by_header = 16_000 * sample if byte_rate is None else byte_rate
    fields = struct.pack("<HHIIHH", form, channels, 16_000, by_header, sample, bits)
    data = struct.pack("<I", size if claims is None else claims) + bytes(size)
    head = riff + b"\xff\xff\xff\xffWAVE" + before
    return head + b"fmt " + struct.pack("<I", len(fields)) + fields + b"data" + data


def adts(frames: int, rate: int = 44_100, *, blocks: int = 1, size: int = 50) -> bytes:
    """Frames of raw AAC."""
    bits = 0xFFF << 44 | 1 << 40 | 1 << 38 | RATES.index(rate) << 34 | 1 << 30 | size << 13
    header = (bits | 0x7FF << 2 | blocks - 1).to_bytes(7, "big")
    return (header + bytes(size - 7)) * frames


@pytest.mark.parametrize(("form", "bits"), [(1, 8), (1, 16), (1, 24), (3, 32), (0xFFFE, 24)])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_wav(form: int, bits: int, channels: int) -> None:
    found = read_audio(wav(form=form, bits=bits, channels=channels))
    assert (found.seconds, found.samples, found.rate, found.notes) == (2.0, 32_000, 16_000, ())


@pytest.mark.parametrize("byte_rate", [0, 1, 2**32 - 1])
def test_a_wrong_number_of_bytes_a_second_is_ignored(byte_rate: int) -> None:
    assert read_audio(wav(byte_rate=byte_rate)).seconds == 2


def test_compressed_sound_in_wav_has_its_bytes_a_second() -> None:
    found = read_audio(wav(form=0x55, byte_rate=8_000))
    assert (found.seconds, found.samples) == (8, None)


@pytest.mark.parametrize("claims", [0, 2**31 - 2**12, 2**31 - 1, 2**31, 2**32 - 2**12, 2**32 - 1])
def test_wav_by_a_program_that_wrote_to_a_pipe(claims: int) -> None:
    found = read_audio(wav(claims=claims))
    assert found.seconds == 2
    assert STREAMED in found.notes[0]


def test_wav_that_says_too_much_is_truncated() -> None:
    with pytest.raises(FormatError, match="truncated"):
        read_audio(wav(claims=70_000))


@pytest.mark.parametrize("riff", [b"RF64", b"BW64"])
def test_wav_of_more_than_4_gb(riff: bytes) -> None:
    sizes = b"ds64" + struct.pack("<IQQQI", 28, 0, 64_000, 0, 0)
    found = read_audio(wav(riff=riff, before=sizes, claims=2**32 - 1))
    assert (found.seconds, found.notes) == (2, ())


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("blocks", [1, 4])
def test_raw_aac(rate: int, blocks: int) -> None:
    found = read_audio(adts(100, rate, blocks=blocks), name="it")
    assert (found.samples, found.rate, found.name) == (102_400 * blocks, rate, "it")
    assert found.seconds == 102_400 * blocks / rate
    assert found.notes == ()


def test_raw_aac_between_tags() -> None:
    before = b"ID3\4\0\0\0\0\1\2" + bytes(130)
    found = read_audio(before + adts(10) + b"TAG" + bytes(125))
    assert (found.samples, found.notes) == (10_240, ())


def test_raw_aac_that_is_truncated() -> None:
    found = read_audio(adts(10)[:-1])
    assert found.samples == 9_216
    assert "no sound is found from byte 450 on" in found.notes[0]
    with pytest.raises(FormatError, match="no sound is found in it"):
        read_audio(adts(1)[:-1])


@given(st.binary(max_size=200), st.integers(0, 200))
def test_damaged_sound_is_an_error_or_has_a_length(noise: bytes, at: int) -> None:
    for data in (adts(20), wav(100)):
        try:
            found = read_audio(data[:at] + noise + data[at + len(noise) :])
        except CtxtoolsError:
            continue
        assert found.seconds > 0
