"""Drawing from several corpora, so that a large one does not drown the others."""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import numpy as np


class OfCorpus(Protocol):
    """Anything that comes from a corpus."""

    @property
    def corpus(self) -> str:
        """Its name."""
        ...


_T = TypeVar("_T", bound=OfCorpus)


class Balanced(Generic[_T]):
    """Some of one class to draw from: a corpus four times as large is drawn twice as often.

    Evenly drawn corpora would repeat the few clips of the small ones until they are known by heart;
    in proportion, the language or the lighting of the largest would be what is learned.

    Args:
        among: what there is; may be empty, and then there is nothing to draw.
        weight: of each within its corpus.
    """

    def __init__(self, among: Sequence[_T], weight: Callable[[_T], float] = lambda _: 1.0) -> None:
        self._among = among
        weights = np.array([weight(one) for one in among], np.float64)
        corpora = np.array([one.corpus for one in among], np.str_)
        for corpus in np.unique(corpora):
            own = corpora == corpus
            weights[own] /= np.sqrt(weights[own].sum())
        self._up_to = np.cumsum(weights)

    def __len__(self) -> int:
        return len(self._among)

    def draw(self, rng: np.random.Generator) -> _T:
        """One of them."""
        place = np.searchsorted(self._up_to, rng.random() * self._up_to[-1], side="right")
        return self._among[min(int(place), len(self._among) - 1)]
