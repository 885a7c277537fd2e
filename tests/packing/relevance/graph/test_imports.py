"""Which files of a small repository import which, language by language."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.packing.relevance.graph.imports import import_edges
from ctxtools.packing.relevance.graph.imports.python import statements
from ctxtools.packing.relevance.graph.imports.rust import use_paths
from ctxtools.packing.relevance.graph.sources import code_of

REPOSITORIES: dict[str, tuple[dict[str, str], set[str]]] = {
    "python": (
        {
            "src/shop/__init__.py": "from .orders import Order\nfrom shop.logging import log\n",
            "src/shop/orders.py": "import json, os.path\nfrom . import prices as p, taxes\n",
            "src/shop/prices.py": "def price(): ...\n",
            "src/shop/taxes.py": "import logging\n"
            "from ..shop.prices import (\n  price,  # one\n)\n",
            "src/shop/logging.py": "import shop.prices\n",
            "src/shop/api/__init__.py": "",
            "src/shop/api/views.py": "from ..orders import \\\n"
            "    Order\nif 1:\n    import shop.taxes as t\n",
            "tests/test_orders.py": "from shop import Order\nimport helpers\n",
            "tests/helpers.py": "x = 'import shop'\n# from shop import prices\n",
        },
        {
            "src/shop/__init__.py > src/shop/orders.py",
            "src/shop/__init__.py > src/shop/logging.py",
            "src/shop/orders.py > src/shop/__init__.py",
            "src/shop/orders.py > src/shop/prices.py",
            "src/shop/orders.py > src/shop/taxes.py",
            "src/shop/taxes.py > src/shop/prices.py",
            "src/shop/logging.py > src/shop/prices.py",
            "src/shop/api/views.py > src/shop/orders.py",
            "src/shop/api/views.py > src/shop/taxes.py",
            "tests/test_orders.py > src/shop/__init__.py",
            "tests/test_orders.py > src/shop/orders.py",
            "tests/test_orders.py > tests/helpers.py",
        },
    ),
    "python, the folder of the package itself": (
        {
            "__init__.py": "",
            "app.py": "from flask.config import Config\nfrom os.path import join\n",
            "config.py": "",
            "path.py": "",
        },
        {"app.py > config.py"},
    ),
    "javascript": (
        {
            "src/index.ts": "export * from './cart'\nimport { a } from '@/lib/util'\n",
            "src/cart.tsx": "import type { Item } from './items/index.js'\n"
            "import react from 'react'\n",
            "src/items/index.ts": "const x = require('../lib/util')\n",
            "src/lib/util.ts": "const y = await import(`./late.mjs`)\n",
            "src/lib/late.mjs": "import './missing'\n",
            "src/App.vue": "<script>\nimport cart from '~/cart'\n</script>\n",
            "packages/ui/package.json": '{"name": "@shop/ui"}',
            "packages/ui/src/index.js": "",
            "packages/ui/src/button.js": "",
            "web/tsconfig.json": '{ // paths\n "compilerOptions": {"baseUrl": ".", '
            '"paths": {"$parts/*": ["parts/*"],},}}',
            "web/main.js": "import '$parts/menu'\n"
            "import '@shop/ui'\nimport b from '@shop/ui/button'\n",
            "web/parts/menu.js": "",
        },
        {
            "src/index.ts > src/cart.tsx",
            "src/index.ts > src/lib/util.ts",
            "src/cart.tsx > src/items/index.ts",
            "src/items/index.ts > src/lib/util.ts",
            "src/lib/util.ts > src/lib/late.mjs",
            "src/App.vue > src/cart.tsx",
            "web/main.js > web/parts/menu.js",
            "web/main.js > packages/ui/src/index.js",
            "web/main.js > packages/ui/src/button.js",
        },
    ),
    "go": (
        {
            "go.mod": "module example.com/shop\n\ngo 1.22\n",
            "main.go": 'package main\n\nimport (\n\t"fmt"\n\to "example.com/shop/orders"\n)\n',
            "orders/orders.go": 'package orders\n\nimport "example.com/shop/internal/tax"\n',
            "orders/refund.go": "package orders\n",
            "orders/orders_test.go": "package orders\n",
            "internal/tax/tax.go": 'package tax\n\nimport "strings"\n',
        },
        {
            "main.go > orders/orders.go",
            "main.go > orders/refund.go",
            "orders/orders.go > internal/tax/tax.go",
        },
    ),
    "rust": (
        {
            "Cargo.toml": '[workspace]\nmembers = ["core", "cli"]\n',
            "core/Cargo.toml": '[package]\nname = "shop-core"\n',
            "core/src/lib.rs": "pub mod orders;\n"
            "mod tax;\npub use orders::{Order, refund::Refund};\n",
            "core/src/orders/mod.rs": "pub(crate) mod refund;\n"
            "use crate::tax::{self, rate as r};\n",
            "core/src/orders/refund.rs": "use super::Order;\nfn f() { crate::tax::rate() }\n",
            "core/src/tax.rs": "use std::fmt;\n",
            "cli/src/main.rs": "use shop_core::orders::refund;\n",
        },
        {
            "core/src/lib.rs > core/src/orders/mod.rs",
            "core/src/lib.rs > core/src/tax.rs",
            "core/src/lib.rs > core/src/orders/refund.rs",
            "core/src/orders/mod.rs > core/src/orders/refund.rs",
            "core/src/orders/mod.rs > core/src/tax.rs",
            "core/src/orders/refund.rs > core/src/orders/mod.rs",
            "core/src/orders/refund.rs > core/src/tax.rs",
            "cli/src/main.rs > core/src/orders/refund.rs",
        },
    ),
    "java and kotlin": (
        {
            "src/main/java/com/shop/Main.java": "import com.shop.orders.Order;\n"
            "import java.util.*;\n",
            "src/main/java/com/shop/orders/Order.java": "import static com.shop.tax.Rate.of;\n",
            "src/main/java/com/shop/tax/Rate.java": "",
            "src/main/kotlin/com/shop/App.kt": "import com.shop.orders.*\n",
        },
        {
            "src/main/java/com/shop/Main.java > src/main/java/com/shop/orders/Order.java",
            "src/main/java/com/shop/orders/Order.java > src/main/java/com/shop/tax/Rate.java",
            "src/main/kotlin/com/shop/App.kt > src/main/java/com/shop/orders/Order.java",
        },
    ),
    "c": (
        {
            "src/main.c": '#include <stdio.h>\n#  include "shop/order.h"\n#include"util.h"\n',
            "src/util.h": "",
            "src/util.c": '#include "util.h"\n',
            "include/shop/order.h": "#include <shop/tax.hpp>\n",
            "include/shop/tax.hpp": "",
            "lib/order.cpp": "",
        },
        {
            "src/main.c > include/shop/order.h",
            "src/main.c > src/util.h",
            "src/util.c > src/util.h",
            "src/util.h > src/util.c",
            "include/shop/order.h > include/shop/tax.hpp",
            "include/shop/order.h > lib/order.cpp",
        },
    ),
    "others": (
        {
            "lib/shop.rb": 'require "json"\nrequire_relative "shop/order"\nrequire "shop/tax"\n',
            "lib/shop/order.rb": "",
            "lib/shop/tax.rb": "",
            "src/Shop/Cart.php": "<?php\nuse App\\Shop\\Order;\nrequire_once 'legacy.php';\n",
            "src/Shop/Order.php": "",
            "src/Shop/legacy.php": "",
            "run.sh": "source ./env.sh\n. bin/more.sh\n",
            "env.sh": "",
            "bin/more.sh": "",
            "api/a.proto": 'import "api/b.proto";\n',
            "api/b.proto": "",
            "main.zig": 'const b = @import("b.zig");\n',
            "b.zig": "",
            "lib/app.dart": "import 'package:shop/src/cart.dart';\n",
            "lib/src/cart.dart": "",
            "init.lua": 'local m = require("shop.menu")\n',
            "lua/shop/menu.lua": "",
        },
        {
            "lib/shop.rb > lib/shop/order.rb",
            "lib/shop.rb > lib/shop/tax.rb",
            "src/Shop/Cart.php > src/Shop/Order.php",
            "src/Shop/Cart.php > src/Shop/legacy.php",
            "run.sh > env.sh",
            "run.sh > bin/more.sh",
            "api/a.proto > api/b.proto",
            "main.zig > b.zig",
            "lib/app.dart > lib/src/cart.dart",
            "init.lua > lua/shop/menu.lua",
        },
    ),
}


def edges_of(files: Mapping[str, str]) -> set[str]:
    """The edges as text, with the paths of the files."""
    sources = code_of((i, path, text) for i, (path, text) in enumerate(files.items()))
    return {
        f"{sources[user].path} > {sources[used].path}"
        for user, used, _ in import_edges(sources, files)
    }


@pytest.mark.parametrize("language", REPOSITORIES)
def test_imports_name_the_files_that_they_mean(language: str) -> None:
    files, expected = REPOSITORIES[language]
    assert edges_of(files) == expected


@pytest.mark.parametrize("language", REPOSITORIES)
def test_a_folder_above_changes_nothing(language: str) -> None:
    files, expected = REPOSITORIES[language]
    if "itself" in language:
        return  # then its name is that of the folder
    moved = edges_of({f"/home/me/repo/{path}": text for path, text in files.items()})
    assert {each.replace("/home/me/repo/", "") for each in moved} == expected


def test_of_files_that_are_called_alike_the_nearest_is_meant() -> None:
    files = {f"{name}/app/{module}.py": "" for name in "abc" for module in ("__init__", "util")}
    files["b/app/main.py"] = "from app import util\n"
    found = edges_of(files)
    assert "b/app/main.py > b/app/util.py" in found
    assert not any("a/app" in each or "c/app" in each for each in found)


def test_what_is_named_very_often_is_found_in_none() -> None:
    files = {f"{n}/util.py": "" for n in range(100)} | {"x/main.py": "import util\n"}
    assert edges_of(files) == set()


@given(st.text(max_size=80).map(lambda text: f"from {text}import a\nimport {text}\n"))
def test_any_text_has_imports_of_something_or_nothing(text: str) -> None:
    for module, names in _statements(text):
        assert module and all(name.isidentifier() or name[0].isalnum() for name in names)
    for path in REPOSITORIES["rust"][0] | {"a.js": "", "a.go": "", "a.c": "", "a.php": ""}:
        sources = code_of([(0, path, text), (1, "b/c.py", text)])
        assert all(user != used for user, used, _ in import_edges(sources, {path: text}))


def _statements(text: str) -> list[tuple[str, list[str]]]:
    offsets = (found.start() for found in re.finditer("import", text))
    return [each for offset in offsets for each in statements(text, offset)]


_PARTS = st.sampled_from(
    [
        *("import", "from", " ", " ", " ", "a", "a.b", ".", "..", "c", "d", "\n", "\n", "\n    "),
        *(",", "(", ")", "\\\n", "#", " as ", "from a import b, c\n", "from a import (\n  c,\n)\n"),
        *("from . import b\n", "import a.c, d\n", "x" * 450, "é", "\ud800"),
    ]
)
_MODULES = {
    **dict.fromkeys(("a/__init__.py", "a/b.py", "a/c.py", "a/a.py", "c.py", "x/d.py"), ""),
    "x/c/a/b.py": "from a import b\n",
    "x/a.py": "from . import c\nfrom a import (\n  c,\n",
}


@given(st.lists(_PARTS, max_size=30).map("".join), st.sampled_from(["a/e.py", "x/e.py", "e.py"]))
def test_a_file_imports_what_its_statements_do(text: str, path: str) -> None:
    found = edges_of(_MODULES | {path: text, "f.py": text})
    alone = [
        edges_of(_MODULES | {path: line, "f.py": line})
        for module, names in _statements(text)
        for line in [f"from {module} import {','.join(names)}" if names else f"import {module}"]
    ]
    assert found == edges_of(_MODULES | {path: "", "f.py": ""}).union(*alone)


def test_text_without_line_ends_takes_linear_time() -> None:
    assert edges_of({"a.py": "import b;" * 40_000, "b.py": ""}) == {"a.py > b.py"}


@given(st.recursive(st.sampled_from("abc"), lambda inner: st.lists(inner, min_size=1, max_size=3)))
def test_the_paths_of_a_use_are_those_of_its_tree(tree: str | list[object]) -> None:
    def written(node: object) -> str:
        inside = node if isinstance(node, list) else None
        return str(node) if inside is None else "x::{" + ", ".join(map(written, inside)) + "}"

    def expected(node: object, prefix: str) -> list[str]:
        if not isinstance(node, list):
            return [f"{prefix}{node}"]
        return [path for each in node for path in expected(each, f"{prefix}x::")]

    assert use_paths(written(tree)) == expected(tree, "")
