"""Makes the small videos and recordings that the tests read, with PyAV::

    pip install av==18.1.0 numpy
    python scripts/media/clips.py

Frames are of one colour, and sound is silence, so the files are small, and are nobody's work.
"""

from pathlib import Path

import av
import numpy

SAMPLES = Path(__file__).parents[2] / "tests/messages/media/readers/samples"


def video(name: str, codec: str, *, seconds: float, rate: int, sound: bool = False) -> None:
    """A video of 64 x 48."""
    with av.open(str(SAMPLES / name), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        voice = container.add_stream("aac", rate=16_000) if sound else None
        for number in range(int(seconds * rate)):
            pixels = numpy.full((48, 64, 3), number % 256, numpy.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode())
        if voice:
            speak(container, voice, seconds)


def audio(name: str, codec: str, container_format: str, *, seconds: float) -> None:
    """A recording at 16,000 samples a second."""
    with av.open(str(SAMPLES / name), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=48_000 if codec == "libopus" else 16_000)
        speak(container, stream, seconds)


def speak(container: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    context = stream.codec_context
    silence = numpy.zeros((1, int(seconds * context.rate)), numpy.int16)
    frame = av.AudioFrame.from_ndarray(silence, "s16", "mono")
    frame.sample_rate = context.rate
    size = context.frame_size or 0
    resampler = av.AudioResampler(context.format, "mono", context.rate, frame_size=size)
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        container.mux(stream.encode(part))
    container.mux(stream.encode())


SAMPLES.mkdir(exist_ok=True)
video("sound.mp4", "mpeg4", seconds=2, rate=10, sound=True)
video("silent.webm", "libvpx", seconds=1, rate=25)
video("silent.mkv", "mpeg4", seconds=0.5, rate=10)
audio("talk.mp3", "libmp3lame", "mp3", seconds=0.4)
audio("talk.flac", "flac", "flac", seconds=0.5)
audio("talk.opus", "libopus", "ogg", seconds=1.5)
audio("talk.m4a", "aac", "ipod", seconds=2)
audio("talk.mka", "aac", "matroska", seconds=1)
