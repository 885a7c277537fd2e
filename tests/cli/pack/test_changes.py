"""``ctx pack --diff``: what changed goes in, with what it uses; whole files where they fit."""

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.documents.git.repositories import git

_FILLER = "".join(
    f"def f{n}(a):\n" + f"    a += {n}\n" * 9 + "    return a\n\n\n" for n in range(40)
)
_TAX = _FILLER + "def tax_rate(order):\n    return 0.19\n"
_ORDERS = f"from tax import tax_rate\n\n\n{_FILLER}def refund(order):\n    return tax_rate(order)\n"


def _repository(folder: Path) -> None:
    (folder / "orders.py").write_text(_ORDERS)
    (folder / "tax.py").write_text(_TAX)
    (folder / "leaf.py").write_text(_FILLER)
    (folder / "old.py").write_text("x = 1\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    (folder / "orders.py").write_text(_ORDERS.replace("tax_rate(order)", "order * tax_rate(order)"))
    git(folder, "mv", "old.py", "new.py")


def test_changed_lines_go_in_with_their_context(run: Run, folder: Path) -> None:
    _repository(folder)
    ran = run("pack", ".", "--diff", "HEAD", "--limit", "600", "--json", "--forms", "excerpt")
    assert ran.exit_code == 0, ran.stderr
    assert "return order * tax_rate(order)" in ran.stdout and "return 0.19" in ran.stdout
    assert "leaf.py" not in {each["path"] for each in json.loads(ran.stdout)["documents"]}
    ran = run("pack", ".", "--diff", "HEAD", "--limit", "100k", "--explain")
    assert ran.stdout.count(_FILLER) == 3 and "1 step from orders.py" in ran.stderr


def test_changes_that_do_not_fit(run: Run, folder: Path) -> None:
    _repository(folder)
    (folder / "leaf.py").write_text(_FILLER.replace("+=", "-="))
    ran = run("pack", ".", "--diff", "HEAD", "--limit", "600", "-o", "out.xml")
    assert ran.exit_code == 1 and "leaf.py (changed)" in ran.stderr
    assert "name fewer files that changed" in ran.stderr and not (folder / "out.xml").exists()
