"""Ages of files, by the history of git."""

from ctxtools.documents.history import read_log


def test_a_log_of_git() -> None:
    log = b"\x01864000\na.py\nb/c.py\n\n\x01777600\nb/c.py\nd.py\n\n\x01950400\nold.py\n"
    assert read_log(log, "repo") == {
        "repo/a.py": 0.0, "repo/b/c.py": 0.0, "repo/d.py": 1.0, "repo/old.py": 0.0
    }  # fmt: skip
    assert read_log(b"", ".") == {}
