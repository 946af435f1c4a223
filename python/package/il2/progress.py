"""How far a run is: a line in a terminal, a bar in a notebook, nothing elsewhere."""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Callable
from typing import Any

from .errors import ArgumentError, shown

#: Called with the assay, the number of its simulations that are done, and the number of all.
Progress = Callable[[str, int, int], None]

#: Shorter runs show no progress bar.
SHORT = 1.0


def of(asked: bool | Progress | None, what: str = "simulations") -> _Shown | _Own | None:
    """What tells the progress that was asked for, in what is counted; by itself only where somebody looks on."""
    if callable(asked):
        return _Own(asked)
    if not (asked is None or isinstance(asked, bool)):
        remedy = "give True, False, or a function of the assay, what is done, and of how much"
        raise ArgumentError("progress", f"{shown(asked)} is not allowed", remedy)
    if asked is False or (asked is None and not (_notebook() or sys.stderr.isatty())):
        return None
    return _Shown(0.0 if asked else SHORT, what)


class _Own:
    """A function of the caller.

    It is called again and again while simulations run, so that it may end them, but once alone when all are done.
    """

    def __init__(self, tell: Progress) -> None:
        self.tell = tell
        self.over: tuple[str, int] | None = None

    def __call__(self, assay: str, done: int, of: int) -> None:
        if done < of:
            self.over = None
        elif self.over == (assay, of):
            return
        else:
            self.over = (assay, of)
        self.tell(assay, done, of)

    def end(self) -> None:
        pass


class _Shown:
    """A bar that appears after a while and disappears at the end."""

    def __init__(self, after: float, what: str) -> None:
        self.what = what
        self.begun = time.monotonic()
        self.after = after
        self.last = -1.0
        self.bar: Any = None

    def __call__(self, assay: str, done: int, of: int) -> None:
        now = time.monotonic() - self.begun
        if now < self.after or now - self.last < 0.2:
            return
        self.last = now
        said = f"{assay}: {done} of {of} {self.what}, {now:.0f} s"
        if not _notebook():
            filled = 30 * done // max(of, 1)
            print(f"\r{'#' * filled:-<30} {said} ", end="", file=sys.stderr, flush=True)
            self.bar = True
            return
        from IPython.display import display

        shown = {
            "text/html": f"<progress value='{done}' max='{max(of, 1)}'></progress> {html.escape(said)}",
            "text/plain": said,
        }
        if self.bar is None:
            self.bar = display(shown, display_id=True, raw=True)
        else:
            self.bar.update(shown, raw=True)

    def end(self) -> None:
        if self.bar is True:
            print("\r" + " " * 99 + "\r", end="", file=sys.stderr, flush=True)
        elif self.bar is not None:
            # Without text either: a notebook that is saved as text or PDF shows that.
            self.bar.update({"text/html": "", "text/plain": ""}, raw=True)


def _notebook() -> bool:
    """Whether a kernel with a page runs this."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")
