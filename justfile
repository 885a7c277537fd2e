# The commands of CI by short names: `just` lists them. Each works without just, too.

_list:
    @just --list --unsorted

# Install for development, with the kernel compiled in place.
install:
    CTXTOOLS_KERNEL=require pip install -e ".[test]"

# The suite; arguments are pytest's: `just test tests/cli -k count`
test *arguments:
    CTXTOOLS_KERNEL=require pytest -n auto --dist loadfile {{arguments}}

# The suite without the compiled kernel.
test-fallback *arguments:
    .ci/test-fallback {{arguments}}

# The kernel's tests.
test-kernel:
    .ci/test-kernel

# Installing without Rust, and with one that is too old.
test-install:
    .ci/test-install

# Style and types.
lint:
    .ci/lint

# Format everything.
format:
    ruff check --fix .
    ruff format .
    cargo fmt --manifest-path kernel/Cargo.toml

# The site, at http://127.0.0.1:8000.
docs:
    mkdocs serve

# Everything that CI runs.
ci:
    .ci/run

# Measure ctxtools and its peers; needs `pip install ".[bench]"`.
bench *arguments:
    pytest benchmarks {{arguments}}

# Coverage of the Python code, as a table and below htmlcov/.
coverage:
    CTXTOOLS_KERNEL=require pytest -n auto --dist loadfile --cov --cov-report=term:skip-covered --cov-report=html

# Coverage of the Rust code by its own tests; needs `cargo install cargo-llvm-cov`.
coverage-kernel:
    cargo llvm-cov --manifest-path kernel/Cargo.toml --locked --html
