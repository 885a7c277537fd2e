"""Repositories for tests: ordinary ones, and one that names a program wherever git would run it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=m"]
ALLOW_FILES = ("-c", "protocol.file.allow=always")


def git(folder: Path, *arguments: str, text: str = "") -> str:
    """What git prints.

    Args:
        text: its standard input.
    """
    command = [*GIT, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, input=text).stdout


def make(root: Path, *paths: str, text: str = "x") -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def _words(text: str) -> list[str]:
    return text.split()


# Every variable of git 2.47 whose value is a program, a command line or a file with more of them.
KEYS = _words("""
alias.log alias.ls-files browser.x.cmd browser.x.path core.alternateRefsCommand core.askPass
core.editor core.fsmonitor core.gitProxy core.pager core.sshCommand credential.helper
credential.https://example.com.helper diff.external diff.x.command diff.x.textconv difftool.x.cmd
difftool.x.path filter.x.clean filter.x.process filter.x.smudge gc.recentObjectsHook gpg.program
gpg.openpgp.program gpg.ssh.defaultKeyCommand gpg.ssh.program gpg.x509.program guitool.x.cmd
help.browser imap.tunnel init.templateDir instaweb.browser instaweb.httpd interactive.diffFilter
man.x.cmd man.x.path merge.x.driver mergetool.x.cmd mergetool.x.path pager.log pager.ls-files
receive.procReceiveRefs remote.origin.receivepack remote.origin.uploadpack remote.origin.proxy
sendemail.ccCmd sendemail.headerCmd sendemail.sendmailCmd sendemail.smtpServer sendemail.toCmd
sequence.editor tar.x.command trailer.x.cmd trailer.x.command uploadpack.packObjectsHook
web.browser
""")

HOOKS = _words("""
applypatch-msg commit-msg fsmonitor-watchman fsmonitor-watchmanv2 p4-changelist p4-post-changelist
p4-pre-submit p4-prepare-changelist post-applypatch post-checkout post-commit post-index-change
post-merge post-receive post-rewrite post-update pre-applypatch pre-auto-gc pre-commit
pre-merge-commit pre-push pre-rebase pre-receive prepare-commit-msg proc-receive push-to-checkout
reference-transaction sendemail-validate update
""")


def hostile_repository(
    root: Path, outside: Path, *, missing: bool = True
) -> Callable[[], list[str]]:
    """A repository that runs a program wherever git lets one be named, if git is asked in it.

    Objects may be missing of which there is a promise, the index is sparse, files are changed and
    have filters, drivers and text conversions, a commit is signed, an object is replaced.

    Args:
        root: the folder to build it in.
        outside: another, for the programs and their marks.
        missing: whether objects are.

    Returns:
        A function that tells which of the programs ran, by the names of their variables.
    """
    programs, marks = outside / "programs", outside / "marks"
    programs.mkdir(parents=True)
    marks.mkdir()

    def program(name: str) -> str:
        path = programs / name.replace("/", "_")
        path.write_text(f"#!/bin/sh\n: > '{marks}/{path.name}'\nexit 1\n")
        path.chmod(0o755)
        return str(path)

    make(root, "kept/a.txt", "kept/b.log", "sparse/deep/c.txt", "sparse/d.log", "top.txt")
    make(root, ".gitignore", text="*.log\nbuild/\n")
    drivers = "* filter=x diff=x merge=x\n"
    make(root, ".gitattributes", text=drivers)
    make(root, ".mailmap", text="A <a@example.com> <t@example.com>\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    make(root, "kept/a.txt", text="y")
    git(root, "commit", "-qam", "two")
    module = outside / "module"
    make(module, "m.txt")
    git(module, "init", "-q")
    git(module, "add", "-A")
    git(module, "commit", "-qm", "one")
    git(root, *ALLOW_FILES, "submodule", "add", "-q", str(module), "module")
    git(root, "commit", "-qm", "three")
    tree = git(root, "rev-parse", "HEAD:sparse").strip()
    git(root, "sparse-checkout", "init", "--cone", "--sparse-index")
    git(root, "sparse-checkout", "set", "kept")
    _sign(root)
    git(root, "replace", "HEAD", "HEAD~1")
    if missing:
        (root / f".git/objects/{tree[:2]}/{tree[2:]}").unlink()
    make(root, "sparse/deep/c.txt", "sparse/e.log", "kept/f.log", "build/g.txt")
    make(root, "kept/a.txt", text="changed")
    # Settings that lead git to the programs; then the programs.
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": str(outside / "nothing"),
        "remote.origin.promisor": "true",
        "remote.ext.url": f"ext::{program('ext-protocol')}",
        "remote.ext.promisor": "true",
        "remote.helper.url": f"x::{outside}",
        "remote.helper.promisor": "true",
        "protocol.allow": "always",
        "core.hooksPath": str(root / "hooks"),
        "core.untrackedCache": "true",
        "log.showSignature": "true",
        "submodule.recurse": "true",
        "submodule.module.update": f"!{program('submodule.module.update')}",
        "diff.submodule": "log",
        "include.path": str(root / "included"),
        "includeIf.gitdir:/.path": str(root / "included"),
    }.items():
        git(root, "config", key, value)
    for key in KEYS:
        git(root, "config", "--add", key, program(key))
    section = f"[core]\n\tfsmonitor = {program('included.fsmonitor')}\n"
    (root / "included").write_text(section)
    update = program("modules.update")
    (root / ".gitmodules").write_text(
        f'[submodule "module"]\n\tpath = module\n\turl = x\n\tupdate = !{update}\n'
    )
    info = root / ".git/info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text(drivers)
    (root / "hooks").mkdir()
    for name in HOOKS:
        hook = program(f"hook {name}")
        for folder in (root / "hooks", root / ".git/hooks"):
            folder.mkdir(exist_ok=True)
            (folder / name).unlink(missing_ok=True)
            (folder / name).symlink_to(hook)
    # A program of git's name, and one of what it might look for, in the folder itself.
    for name in ("git", "git-remote-x", "git.exe", "ssh", "less", "sh", "uname"):
        path = root / name
        path.write_text(f"#!/bin/sh\n: > '{marks}/file {name}'\nexit 1\n")
        path.chmod(0o755)
    return lambda: sorted(each.name for each in marks.iterdir())


def _sign(root: Path) -> None:
    """Give the commit that is checked out a signature."""
    commit = git(root, "cat-file", "commit", "HEAD")
    header, _, message = commit.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    text = f"{header}\n{signature}\n\n{message}"
    signed = git(root, "hash-object", "-t", "commit", "-w", "--stdin", text=text)
    git(root, "update-ref", "HEAD", signed.strip())
