"""Pages read as a browser reads them, by another HTML parser; and names that try to be more."""

import json
from base64 import b64encode
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]><img src=x onerror=alert(1)>",
    "<b>bold</b>&amp;&lt;",
    "\u202egpj.exe",
    "line\u2028end\u2029",
    "$style ${script} $$",
    "quote\"'`\\",
    "مرحبا",
    "a\x00\x1b[31mb",
    "half \ud800 pair \udc80",
    "__proto__",
    "constructor",
]
"""Names and contents."""


def tree(page: str) -> Any:
    """The document, as a browser sees it."""
    selectolax = pytest.importorskip("selectolax.lexbor")
    return selectolax.LexborHTMLParser(page)


def data_of(page: str) -> Any:
    """What the page's script is given."""
    return json.loads(tree(page).css_first("script#data").text())


def skipped_of(data: Any) -> dict[str, list[str]]:
    """The paths of files that were not read, by the reason."""
    folders, groups = data["skipped"]["folders"], data["skipped"]["groups"]
    starts = [""]
    for name, parent in [*zip(folders["name"], folders["parent"], strict=True)][1:]:
        starts.append(f"{starts[parent]}{'' if name == '/' else name}/")
    return {
        each["reason"]: [
            starts[at] + name for at, name in zip(each["folder"], each["name"], strict=True)
        ]
        for each in groups
    }


def check_page(page: str) -> None:
    """What holds of every page, whatever is in it."""
    document = tree(page)
    page.encode()
    assert [each.tag for each in document.css("script, style")] == ["style", "script", "script"]
    policy = document.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"]
    for tag, element in (
        ("style", document.css_first("style")),
        ("script", document.css_first("script:not([type])")),
    ):
        content = element.text()
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'; ")
    for element in document.css("*"):
        for name, value in element.attributes.items():
            assert not name.startswith("on") and name not in ("style", "src", "srcset", "action")
            assert name != "href" or value.startswith("#")
    ids = [each.attributes["id"] for each in document.css("[id]")]
    assert len(ids) == len({*ids})
    levels = [int(each.tag[1]) for each in document.css("h1, h2, h3, h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    assert document.css_first("html").attributes["lang"] == "en"
    for field in document.css("input:not([type=radio]), select"):
        assert field.parent.tag == "label", field.html
