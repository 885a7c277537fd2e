"""Pages in a browser: what they show, by mouse and keyboard, wide and narrow, light and dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import ctxtools as ctx
from ctxtools._core import kernel
from ctxtools.models import Interval
from ctxtools.packing import Form, OmittedDocument, Pack, PackedDocument
from ctxtools.report import (
    CountColumn,
    CountedFile,
    chunk_page,
    count_page,
    messages_page,
    pack_page,
    save_report,
    token_page,
)
from tests.browser import CHROMIUM, REASON, Browser, Page
from tests.report.accessibility import fill_contrasts, violations
from tests.report.pages import HOSTILE

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason=REASON),
    # Where other tests hold that results are the same, their pages are.
    pytest.mark.skipif(kernel is None, reason="with the kernel only"),
    pytest.mark.xdist_group("browser"),
]

O200K = ctx.get_encoding("o200k_base")
CHUNKER = ctx.Chunker(O200K, chunk_size=60, chunk_overlap=10)
TEXT = "# Guide\n\n" + "".join(
    f"## Part {n}\n\nSome words, and more of them, number {n}. {text} And an end of it.\n\n"
    for n, text in enumerate(HOSTILE)
)
CHAT = [{"role": "user", "content": text} for text in HOSTILE[:3]]
LOOKS = [(1280, False), (390, True)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


def pack_of_all_forms() -> str:
    documents = [
        PackedDocument(f"src/{form}.py", form, 100, 5.0, form == "whole", 400, ((1, 5),))
        for form in Form
    ]
    omitted = [OmittedDocument("big.sql", "too large", 900), OmittedDocument("x/y.csv", "no value")]
    text = f"<documents>{TEXT}</documents>"
    pack = Pack(text, 620, 1000, "o200k_base", tuple(documents), tuple(omitted), 30.0, 31.0)
    return pack_page(pack, notes=["a note"])


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page of each kind."""
    folder = tmp_path_factory.mktemp("pages")
    files = [
        CountedFile("src/app/main.py", 900, (300, Interval(280, 310, 350))),
        CountedFile("src/app/util.py", 600, (200, Interval(180, 210, 250))),
        CountedFile("src/lib.rs", 400, (100, 110)),
        CountedFile("docs/guide.md", 300, (80, 85), notes=("a remark",)),
        CountedFile("logo.png", 9_000, (50, 55), kind="image"),
        *(CountedFile(f"{name}/{name}.txt", 10, (1, 1)) for name in HOSTILE),
    ]
    columns = [
        CountColumn("gpt-5", 272_000, "272,000 (input limit)", cost="$0.01"),
        CountColumn("claude", 500, note="an estimate"),
    ]
    skipped = [ctx.Skipped("x.bin", "binary"), ctx.Skipped(HOSTILE[0], "gone", True, "look")]
    made = {
        "count": count_page(files, columns, skipped=skipped, notes=HOSTILE, title="mine"),
        "pack": pack_of_all_forms(),
        "chunk": chunk_page(CHUNKER.chunk(TEXT, source="guide.md"), [60], encoding="o200k_base"),
        "tokens": token_page(TEXT, O200K),
        "messages": messages_page(ctx.count_messages(CHAT, model="claude-opus-4-8")),
    }
    for name, page in made.items():
        save_report(page, folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in made}


KINDS = ("count", "pack", "chunk", "tokens", "messages")


@pytest.mark.parametrize("kind", KINDS)
def test_everyone_can_use_it(browser: Browser, pages: dict[str, Path], kind: str) -> None:
    for width, dark in LOOKS:
        with browser.page(pages[kind], width=width, dark=dark) as page:
            assert violations(page) == [], (width, dark)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert min(fill_contrasts(page)) >= 4.5
            for theme in ("light", "dark"):
                page.click_on("#theme")
                assert page.evaluate("getComputedStyle(document.body).colorScheme") == theme
                if (theme == "dark") != dark:
                    assert violations(page, contrast_alone=True) == [], (width, theme)
                    assert min(fill_contrasts(page)) >= 4.5
            assert page.complaints() == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_tab_key_reaches_everything(
    browser: Browser, pages: dict[str, Path], kind: str
) -> None:
    with browser.page(pages[kind]) as page:
        seen = []
        for _ in range(60):
            page.press("Tab")
            seen.append(
                page.evaluate(
                    "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
                    " const ring = s.outlineStyle !== 'none' || e.matches('.card *, .segments *');"
                    " return [e.tagName, e.id || e.className || e.name || '', ring]; })()"
                )
            )
            if seen[-1][0] == "BODY":
                break
        assert seen[0][:2] == ["A", "skip"]
        assert "theme" in [name for _, name, _ in seen]
        assert all(ring for tag, _, ring in seen if tag != "BODY"), seen
        assert seen[-1][0] == "BODY"  # no trap


def active(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent")
    return text


def rows(page: Page) -> list[str]:
    """The names in a table's rows."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.grid-body .name-cell bdi')].map(e => e.textContent)"
    )
    return found


def test_folders_open_by_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    with browser.page(pages["count"]) as page:
        crumbs = "[...document.querySelectorAll('#crumbs bdi')].map(e => e.textContent)"
        current = (
            "document.getElementById(document.querySelector('.cells')"
            ".getAttribute('aria-activedescendant'))?.getAttribute('aria-label')"
        )
        page.evaluate("document.querySelector('.cells').focus()")
        page.press("Home")
        assert page.evaluate(current).startswith("src/, 600 tokens")
        page.press("Enter")
        assert page.evaluate(crumbs) == ["All", "src"]
        assert rows(page)[:2] == ["app/", "lib.rs"]
        page.press("ArrowRight", "ArrowLeft", "Enter")
        assert page.evaluate(crumbs) == ["All", "src", "app"]
        page.press("Backspace", "Escape")
        assert page.evaluate(crumbs) == ["All"]
        assert page.evaluate(current).startswith("src/, ")
        page.press("Escape")
        assert page.complaints() == []


def test_folders_open_by_mouse(browser: Browser, pages: dict[str, Path]) -> None:
    with browser.page(pages["count"]) as page:
        crumbs = "[...document.querySelectorAll('#crumbs bdi')].map(e => e.textContent)"
        page.click_on(".cell")
        assert page.evaluate(crumbs) == ["All", "src"]
        page.click_on("#crumbs button")
        assert page.evaluate(crumbs) == ["All"]


def test_the_table_is_a_tree(browser: Browser, pages: dict[str, Path]) -> None:
    with browser.page(pages["count"]) as page:
        assert rows(page)[0] == "src/"
        page.evaluate("document.querySelector('.grid-body .grid-row').focus()")
        page.press("ArrowRight")
        assert rows(page)[:3] == ["src/", "app/", "lib.rs"]
        page.press("ArrowDown", " ")
        assert rows(page)[:4] == ["src/", "app/", "main.py", "util.py"]
        expanded = "document.activeElement.getAttribute('aria-expanded')"
        assert page.evaluate(expanded) == "true"
        page.press("ArrowDown", "ArrowLeft")
        assert active(page).startswith("▼app/")
        page.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
        assert rows(page)[:2] == ["src/", rows(page)[1]] and "app/" not in rows(page)
        page.press("End")
        assert page.evaluate("document.activeElement.getAttribute('aria-rowindex')") == str(
            len(rows(page)) + 1
        )


def test_search_sort_and_views(browser: Browser, pages: dict[str, Path]) -> None:
    with browser.page(pages["count"]) as page:
        page.evaluate("document.querySelector('#search').focus()")
        page.write("APP/")
        assert rows(page) == ["src/app/main.py", "src/app/util.py"]
        status = page.evaluate("document.querySelector('#status').textContent")
        assert status.startswith("2 files of 18 match: 500 tokens")
        page.click_on(".grid-head [role=columnheader]:nth-child(2) button")
        assert rows(page) == ["src/app/util.py", "src/app/main.py"]
        sorts = "document.querySelectorAll('[aria-sort=ascending]').length"
        assert page.evaluate(sorts) == 1
        page.evaluate("document.querySelector('#search').value = 'nothing has this'")
        page.evaluate("document.querySelector('#search').dispatchEvent(new Event('input'))")
        page.settle(200)
        assert rows(page) == []
        page.evaluate("document.querySelector('#search').value = ''")
        page.evaluate("document.querySelector('#search').dispatchEvent(new Event('input'))")
        page.settle(200)
        page.click_on("input[value=groups]")
        assert {".py", ".rs", ".txt", "image"} <= {*rows(page)}


def test_the_model_chosen_is_compared(browser: Browser, pages: dict[str, Path]) -> None:
    with browser.page(pages["count"], width=390) as page:
        head = "[...document.querySelectorAll('[role=columnheader]')].map(e => e.textContent)"
        assert page.evaluate(head) == ["Path", "↓gpt-5"]
        page.click_on(".card:nth-child(3)")
        assert page.evaluate(head)[1].endswith("claude")
        assert "~" in page.evaluate("document.querySelector('#status').textContent")
        over = "document.querySelectorAll('.card .over').length"
        assert page.evaluate(over) == 1


def test_a_share_is_not_rounded_to_all(browser: Browser, tmp_path: Path) -> None:
    """2,499 of 2,500 was 100.0 %, beside "free 1"; see also `format_percent`."""
    columns = [CountColumn(name, limit, f"{limit:,}") for name, limit in (("a", 2500), ("b", 2498))]
    page = count_page([CountedFile("a.txt", 9, (2499, 2499))], columns)
    save_report(page, tmp_path / "page.html")
    with browser.page(tmp_path / "page.html") as shown:
        cards = shown.evaluate("[...document.querySelectorAll('.card')].map(e => e.textContent)")
    assert "> 99.9 % of 2,500" in cards[0] and "> 100.0 % of 2,498" in cards[1]


def test_hostile_names_are_text(browser: Browser, pages: dict[str, Path]) -> None:
    with browser.page(pages["count"]) as page:
        page.click_on("input[value=files]")
        shown = rows(page)
        assert f"{HOSTILE[0]}/{HOSTILE[0]}.txt" in shown
        assert page.evaluate("document.querySelectorAll('img, b, script:not([type])').length") == 1


def test_a_pack(browser: Browser, pages: dict[str, Path]) -> None:
    with browser.page(pages["pack"]) as page:
        legend = "[...document.querySelectorAll('#legend bdi')].map(e => e.textContent)"
        forms = ["whole", "excerpt", "outline", "trimmed", "path", "piece", "omitted"]
        assert page.evaluate(legend) == forms
        page.click_on("input[value=files]")
        assert {"x/y.csv", "big.sql", "src/whole.py"} <= {*rows(page)}
        assert "not counted" in page.evaluate("document.querySelector('#table').textContent")
        assert "pinned" in page.evaluate("document.querySelector('#table').textContent")
        page.click_on("input[value='0']")
        assert "omitted" in page.evaluate(legend)
        assert "600 tokens" in page.evaluate("document.querySelector('#status').textContent")
        page.click_on("#text summary")
        text = page.evaluate("document.querySelector('#text .text').textContent")
        assert text.startswith("<documents># Guide") and "<b>bold</b>" in text
        assert "\u202e" not in text and "[U+202E]" in text
        assert page.complaints() == []


def test_chunks_by_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    at = "document.activeElement.dataset.at"
    with browser.page(pages["chunk"]) as page:
        chunks = page.evaluate("document.querySelectorAll('.chunk').length")
        assert chunks == len([*CHUNKER.chunk(TEXT)]) > 5
        page.press("j")
        assert page.evaluate(at) == "0"
        page.press("j", "ArrowDown", "k", "ArrowDown", "ArrowUp")
        assert page.evaluate(at) == "1"
        top = page.evaluate("document.activeElement.getBoundingClientRect().top")
        assert -50 < top < 900
        page.press(*"jjjjjjjjjjjjjjjjjjjjjjjjjj")
        assert page.evaluate(at) == str(chunks - 1)
        page.click_on("#keys")
        page.press("k")
        assert page.evaluate("document.activeElement.id") == "keys"
        marked = page.evaluate("[...document.querySelectorAll('mark')].map(e => e.textContent)")
        assert all(text.startswith("Overlap: ") for text in marked) and len(marked) > 3
        page.evaluate("document.querySelector('#search').focus()")
        page.write("number 3")
        assert 0 < page.evaluate("document.querySelectorAll('.chunk').length") < 4
        assert page.complaints() == []


def test_many_chunks_have_pages(browser: Browser, tmp_path: Path) -> None:
    sizes = ctx.Chunker(O200K, chunk_size=[200, 50])
    documents = [(sizes.chunk(TEXT * 8, source=name)) for name in ("a.md", "b.md")]
    page_of_all = chunk_page((chunk for each in documents for chunk in each), [200, 50])
    save_report(page_of_all, tmp_path / "chunks.html")
    with browser.page(tmp_path / "chunks.html") as page:
        page.click_on("#levels input[value='1']")
        count = "document.querySelectorAll('.chunk').length"
        assert page.evaluate(count) == 100
        page.evaluate("document.querySelector('#pages button:last-child').focus()")
        page.press("Enter")
        assert page.evaluate("document.querySelector('.chunk').dataset.at") == "100"
        page.evaluate("document.querySelector('.chunk').focus()")
        page.press("k")
        assert page.evaluate("document.activeElement.dataset.at") == "99"
        page.evaluate("document.querySelector('#document').value = '1'")
        page.evaluate("document.querySelector('#document').dispatchEvent(new Event('change'))")
        assert page.evaluate("document.querySelector('#status').textContent").startswith("b.md")
        assert page.complaints() == []


def test_tokens_by_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    about = "document.querySelector('#about').textContent"
    ids = O200K.encode(TEXT)
    with browser.page(pages["tokens"]) as page:
        page.evaluate("document.querySelector('.stream').focus()")
        page.settle()
        assert f"id {ids[0]} " in page.evaluate(about)
        page.press("ArrowRight", "ArrowRight", "ArrowLeft")
        assert f"id {ids[1]} " in page.evaluate(about)
        assert f"token 2 of {len(ids):,}" in page.evaluate(about)
        page.press("ArrowDown", "ArrowDown", "ArrowUp", "End")
        assert f"token {len(ids):,} of" in page.evaluate(about)
        current = (
            "document.getElementById(document.querySelector('.stream')"
            ".getAttribute('aria-activedescendant')).getAttribute('aria-selected')"
        )
        assert page.evaluate(current) == "true"
        text = "document.querySelector('#tokens').textContent"
        assert "·words" in page.evaluate(text) and "[U+202E]" in page.evaluate(text)
        assert "␀␛[31mb" in page.evaluate(text).replace(" ", "")
        page.click_on("#spaces")
        assert " words" in page.evaluate(text)
        page.click_on("#ids")
        assert str(ids[0]) in page.evaluate("document.querySelector('.token small').textContent")
        assert page.complaints() == []


def test_what_was_skipped_is_listed(browser: Browser, pages: dict[str, Path]) -> None:
    with browser.page(pages["count"]) as page:
        heading = page.evaluate("document.querySelector('#skipped-heading').textContent")
        assert heading == "Not counted: 2 files"
        listed = page.evaluate(
            "[...document.querySelectorAll('#skipped-list li')].map(e => e.textContent)"
        )
        assert listed == [HOSTILE[0], "x.bin"]
        notes = page.evaluate("document.querySelectorAll('#notes-list li').length")
        assert notes == len(HOSTILE) + 1


def test_twenty_thousand_files(browser: Browser, tmp_path: Path) -> None:
    files = [
        CountedFile(f"src/package{n % 200}/part{n % 7}/file_{n}.py", 9_000 + n, (n, 2 * n))
        for n in range(20_000)
    ]
    save_report(count_page(files, [CountColumn("a"), CountColumn("b")]), tmp_path / "big.html")
    for width in (1280, 390):
        with browser.page(tmp_path / "big.html", width=width) as page:
            elements = "document.querySelectorAll('*').length"
            assert page.evaluate(elements) < 2_000
            page.click_on("input[value=files]")
            page.evaluate("document.querySelector('.grid-body .grid-row').focus()")
            page.press("End")
            assert active(page).startswith("src/package0/part0/file_0.py")
            assert page.evaluate(elements) < 2_000
            page.evaluate("document.querySelector('#search').focus()")
            page.write("file_1999")
            assert len(rows(page)) == 11
            assert page.complaints() == []


def test_it_prints(browser: Browser, pages: dict[str, Path]) -> None:
    with browser.page(pages["count"], dark=True) as page:
        pdf = page.call("Page.printToPDF", printBackground=True)["data"]
        assert len(pdf) > 10_000
        page.call("Emulation.setEmulatedMedia", media="print")
        assert page.evaluate("getComputedStyle(document.body).colorScheme") == "light"
        assert page.evaluate("getComputedStyle(document.querySelector('#theme')).display") == "none"
        assert page.complaints() == []
