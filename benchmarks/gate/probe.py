"""A probe: one stage of the picture core, judged on the pictures of one set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from imgcore.types import Image


class Better(Enum):
    """The direction in which a figure improves."""

    HIGHER = "higher"
    LOWER = "lower"

    @property
    def sign(self) -> int:
        """1 if more is better, -1 if less is."""
        return 1 if self is Better.HIGHER else -1


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a probe: the mean of what its pictures contribute.

    Attributes
    ----------
    name
        Name of the measure, as readers see it.
    goal
        The value to reach; None where there is none.
    unit
        Appended to the value in tables; ``%`` shows a share as per cent, ``of`` as a count of the pictures.
    spread
        Share of the value by which two runs of the same code differ: processor time is never the same.
    """

    name: str
    better: Better = Better.HIGHER
    goal: float | None = None
    unit: str = ""
    spread: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One picture of a set.

    Attributes
    ----------
    name
        Names the picture within its probe; the same on every machine.
    source
        Origin of the picture: a path, a seed, an entry of a manifest.
    version
        Changes with the picture's content, for outcomes that are kept.
    """

    name: str
    source: Any
    version: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Contributions of one picture.

    Attributes
    ----------
    values
        By the name of the figure. A mapping stands for several contributions of one case, each by its name.
    shown
        BGR picture of the result, to look at; None where there is nothing to see.
    """

    values: Mapping[str, float | Mapping[str, float]]
    shown: Image | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """One stage, judged on the pictures of one set.

    Attributes
    ----------
    name
        The stage.
    set
        ``shared``, ``open``, ``made``, or a kept set.
    figures
        All that outcomes contribute to.
    cases
        Yields the pictures of the set that are on this machine, cheaply; none where the data is missing.
    judge
        Measures one of them.
    weights
        Patterns of the files of our own nets that the stage uses.
    needs
        Data and programs that it takes, in words.
    thin
        Every so many cases the quick choice takes.
    timed
        True for processor time, which is measured with nothing beside it and is never kept.
    runs
        Modules that are started as programs, whose sources count too.
    peer
        Name of the other program that is judged; empty where it is ours.
    """

    name: str
    set: str
    figures: Sequence[Figure]
    cases: Callable[[], Sequence[Case]]
    judge: Callable[[Case], Outcome]
    weights: Sequence[str] = ()
    needs: str = ""
    thin: int = 6
    timed: bool = False
    runs: Sequence[str] = ()
    peer: str = ""

    @property
    def key(self) -> str:
        """Name and set, as the ledger and the command line write them, with the peer's name behind them."""
        return f"{self.name}/{self.set}{f' by {self.peer}' if self.peer else ''}"

    @property
    def module(self) -> str:
        """The module whose imports are the sources of this probe."""
        return self.judge.__module__
