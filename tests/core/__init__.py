"""Kernel and fallback: each on its own, and both on the same inputs."""

import os
from typing import Any

import pytest

from ctxtools import _core

if os.environ.get("CI") and os.environ.get("CTXTOOLS_KERNEL") != "0" and not _core.kernel:
    pytest.fail(f"the kernel is missing: {_core.missing_reason}")  # never a skip in CI

compiled: Any = _core.kernel
needs_kernel = pytest.mark.skipif(not _core.kernel, reason=f"no kernel: {_core.missing_reason}")
