"""What a project's configuration does to commands, and what gets around it."""

from pathlib import Path

from tests.cli.conftest import Run


def test_the_folder_that_is_counted_has_no_say_only_the_current_one(folder: Path, run: Run) -> None:
    other = folder.parent / "other"
    other.mkdir()
    (other / "ctxtools.toml").write_text("this = is not TOML")
    (other / "a.txt").write_text("hello")
    assert run("count", str(other)).exit_code == 0


def test_what_stands_in_the_way_of_the_command_and_what_gets_around_it(
    folder: Path, run: Run
) -> None:
    (folder / "a.txt").write_text("hello world")
    (folder / "ctxtools.toml").write_text('encoding = "hf:gpt2"\n')
    refused = run("count", ".")
    assert refused.exit_code == 2
    assert "may not use the network" in refused.stderr
    assert "hint: name it yourself: with -e hf:gpt2" in refused.stderr
    for options in (["-e", "o200k_base"], ["-m", "gpt-4o"]):
        assert run("count", ".", *options).exit_code == 0
    (folder / "ctxtools.toml").write_text('color = "always"\n[models.gpt-4o]\nencoding = "qwen2"\n')
    counted = run("count", ".", "-m", "gpt-4o", "--json")
    assert f'"project": "{folder}"' in counted.stdout
    assert counted.stderr.splitlines() == [
        f"note: {folder}/ctxtools.toml: color = 'always' does not count in a project's file, only "
        "in your own",
        f"note: gpt-4o is as the configuration in {folder} defines it",
    ]
    assert run("count", ".", "-m", "gpt-4o", "-q").stderr == ""
    assert f"defined by  the configuration in {folder}\n" in run("models", "gpt-4o").stdout
    assert "color = 'always' does not count" in run("info").stdout
