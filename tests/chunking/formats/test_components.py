"""Components of Vue, Svelte and Astro: each part by the parser of its language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking import Chunker
from ctxtools.chunking.block import Block
from ctxtools.chunking.formats import parse, parse_blocks
from tests.chunking.contract import check_contract, check_joins
from tests.chunking.formats.trees import check, walk

pytest.importorskip("tree_sitter_typescript")

VUE = """<script setup lang="ts">
import { ref } from "vue";

const left = ref<number>(3); // "<template>" is no tag here

function take(count: number): void {
  left.value -= count;
}
</script>

<template>
  <template v-if="left > 0">
    <p>There are {{ left }} left.</p>
  </template>
  <button @click="take(1)">Take one</button>
</template>

<i18n>
{"en": {"left": "left"}}
</i18n>

<style scoped>
button {
  margin: 0;
}
</style>
"""

SVELTE = """<script>
  export let name = "";

  function greet() {
    alert(name);
  }
</script>

<h1>Hello {name}</h1>
{#if name}
  <button on:click={greet}>Greet</button>
{/if}

<style>
  h1 { margin: 0; }
</style>
"""

ASTRO = """---
import Base from "./Base.astro";

interface Props {
  title: string;
}
const { title } = Astro.props;
---

<Base>
  <h1>{title}</h1>
</Base>
"""


def _titles(blocks: tuple[Block, ...]) -> list[str]:
    return [block.title for block in walk(blocks) if block.title]


def test_parts_of_vue_are_sections_in_their_languages() -> None:
    blocks = parse_blocks(VUE, "vue")
    check(blocks, VUE)
    assert [(block.kind, block.title) for block in blocks] == [
        ("section", name) for name in ("script", "template", "i18n", "style")
    ]
    assert "".join(VUE[block.start : block.end] for block in blocks) == VUE
    script, template, i18n, _ = blocks
    assert "function take(count: number): void" in _titles(script.children)
    assert script.children[0].kind == "imports"
    assert [VUE[block.start : block.end].split()[0] for block in template.children] == [
        *("<template>", "<button")
    ]
    assert i18n.children[0].kind == "object"


def test_markup_of_svelte_has_no_tag_around_it() -> None:
    blocks = parse_blocks(SVELTE, "svelte")
    check(blocks, SVELTE)
    assert [block.title for block in blocks] == ["script", "", "style"]
    assert _titles(blocks[:2]) == ["script", "function greet()", "Hello {name}"]


def test_the_script_of_astro_is_between_lines() -> None:
    blocks = parse_blocks(ASTRO, "astro")
    check(blocks, ASTRO)
    assert _titles(blocks) == ["script", "interface Props", "{title}"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("", []),
        ("<script>\nlet a = 1;", []),  # without an end it is markup
        ("words\n<style>a {}</style>", ["style", "a"]),
        ("<SCRIPT>\nfunction f() {\n}\n</SCRIPT>", ["script", "function f()"]),
        ("<script lang='coffee'>\nf = -> 1\n</script>", ["script"]),
        ("<script></script><script></script>\n", ["script", "script"]),
        ("<template lang=pug>\nh1 Title\n</template>", ["template"]),
    ],
)
def test_parts_that_are_not_as_usual(text: str, titles: list[str]) -> None:
    blocks = parse_blocks(text, "vue")
    check(blocks, text)
    assert _titles(blocks) == titles


def test_a_part_that_cannot_be_parsed_is_noted() -> None:
    parsed = parse("<i18n>\n{a}\n</i18n>\n<script>\nfunction f() {\n}\n</script>\n", "vue")
    assert ["json in it is cut as plain text" in note for note in parsed.notes] == [True]
    assert _titles(parsed.blocks) == ["i18n", "script", "function f()"]


_PIECES = ["<script>\n", "</script>\n", "<template>", "</template>\n", "<p>A word.</p>\n", "---\n"]
_PIECES += [
    "function f() {\n  g();\n}\n",
    "<style lang=scss>",
    "</style>",
    "a { b: c }\n",
    "\n",
    "é",
]


@given(
    st.sampled_from(["vue", "svelte", "astro"]),
    st.lists(st.sampled_from(_PIECES), max_size=12).map("".join),
    st.integers(12, 40),
)
def test_chunks_of_any_component(format: str, text: str, size: int) -> None:
    check(parse_blocks(text, format), text)
    chunker = Chunker("o200k_base", size, format=format, header=True)  # type: ignore[arg-type]
    chunks = [*chunker.chunk(text)]
    check_contract(chunks, text, chunker.count, size)
    check_joins(chunks, text)
