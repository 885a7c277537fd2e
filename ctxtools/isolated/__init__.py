"""Work on a stranger's bytes by libraries in C, C++ or Rust, in a child that may die of it.

Some damaged files make such a library end its process, take all memory, or never return. Then the
child ends, the caller gets `Ended`, and goes on with the next file.

A child (child.py is its program) serves one job after the other; it is started (in run.py) when
there is none that is idle, or before (`prepare`), and ends with its parent. Requests and results
are frames: a JSON header and bytes, never pickles, since a child that a file has taken over could
put anything into those.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.isolated.child import Frame, Frames
    from ctxtools.isolated.run import Ended, Run, prepare

__all__ = ["Ended", "Frame", "Frames", "Run", "prepare"]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names

    # The child needs nothing of run.py.
    _HOMES = {"child": ("Frame", "Frames"), "run": ("Ended", "Run", "prepare")}
    __getattr__, __dir__ = lazy_names(globals(), _HOMES)
