"""Ctrl-C and the end of memory in batches, columns and files: an exception, and all goes on."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.core import needs_kernel

pytestmark = [
    needs_kernel,
    pytest.mark.skipif(sys.platform != "linux", reason="signals, limits, and /proc"),
]

_START = """
import resource, sys
from collections import deque
from ctxtools import get_encoding
from ctxtools.documents import File, count_documents
path, threads, text = sys.argv[1], int(sys.argv[2]), open(sys.argv[1]).read()
encoding = get_encoding("o200k_base")
expected = encoding.count(text)
"""
# Hours of work, of which little memory is taken before it begins.
_CALLS = {
    "count_batch": "encoding.count_batch([text] * 10**7, threads=threads)",
    "count_files": "encoding.count_files([path] * 10**6, threads=threads)",
    "encode_batch": "encoding.encode_batch([text] * 10**6, threads=threads)",
    "encode_batch_to_arrow": "encoding.encode_batch_to_arrow([text] * 10**6, threads=threads)",
    "count_documents": "deque(count_documents(files, [encoding], threads=threads), maxlen=0)",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("".join(f"Line {n} of a text, 漢字 and {n * n}.\n" for n in range(20_000)))
    return path


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("call", _CALLS)
def test_an_interrupt_ends_a_call_of_hours(call: str, threads: int, path: Path) -> None:
    code = f"""{_START}
files = (File(path, explicit=False) for _ in range(10**7))
try:
    print("begun", flush=True)
    {_CALLS[call]}
except KeyboardInterrupt:
    print(encoding.count_batch([text] * 9, threads=threads) == [expected] * 9)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path), str(threads)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            assert process.stdout and process.stdout.readline() == "begun\n"
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, said) == (0, "True\n")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("call", ["encode_batch", "encode_batch_to_arrow"])
def test_ids_that_memory_does_not_hold(call: str, threads: int, path: Path) -> None:
    code = f"""{_START}
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
limit = used + (1 << 28)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    {_CALLS[call]}
except MemoryError:
    print(encoding.count_batch([text] * 9, threads=threads) == [expected] * 9)
"""
    command = [sys.executable, "-c", code, str(path), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr[-999:]
