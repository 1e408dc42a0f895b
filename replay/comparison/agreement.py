"""How far two runs agree, in numbers. Flagged results count unless it says otherwise."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from hoovik.schema.emotion import EMOTIONS
from replay.comparison.pairs import Pairs

Z_95 = 1.959964
"""Between minus and plus this lie 95 % of a standard normal distribution."""

UPPER_PERCENTILE = 98


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures of matched results; what does not exist is None.

    Attributes:
        n: matched results.
        only_a: results of run A without a match.
        only_b: results of run B without a match.
        equal: matched results with the same label.
        equal_interval: 95 % Wilson interval of their share, as if results were independent.
        kappa: Cohen's, -1..1; None as well where both runs tell one and the same label throughout.
        difference_mean: mean of the largest absolute difference of the six probabilities, 0..1.
        difference_p98: its 98th percentile.
        same_profile: matched results that rest on the same modalities in both runs.
        same_flag: matched results that both runs flag, or neither.
        flagged_a: matched results that run A flags.
        flagged_b: matched results that run B flags.
        flagged_both: matched results that both flag.
        usual: matched results that neither flags.
        usual_equal: those of them with the same label.
        table: (6, 6) int64 counts, labels of run A by labels of run B, in the order of `EMOTIONS`.
    """

    n: int
    only_a: int
    only_b: int
    equal: int
    equal_interval: tuple[float, float] | None
    kappa: float | None
    difference_mean: float | None
    difference_p98: float | None
    same_profile: int
    same_flag: int
    flagged_a: int
    flagged_b: int
    flagged_both: int
    usual: int
    usual_equal: int
    table: NDArray[np.int64]

    @property
    def equal_share(self) -> float | None:
        """Share of the matched results with the same label."""
        return self.of_matched(self.equal)

    @property
    def usual_equal_share(self) -> float | None:
        """The same of those that neither run flags."""
        return self.usual_equal / self.usual if self.usual else None

    def of_matched(self, count: int) -> float | None:
        """Share of the matched results; None without any."""
        return count / self.n if self.n else None


def agreement(pairs: Pairs) -> Agreement:
    """Figures of pairs, each of which counts the same."""
    n, equal = len(pairs), int(pairs.equal.sum())
    usual = ~(pairs.flagged_a | pairs.flagged_b)
    table = np.zeros((len(EMOTIONS), len(EMOTIONS)), np.int64)
    np.add.at(table, (pairs.label_a, pairs.label_b), 1)
    return Agreement(
        n=n,
        only_a=pairs.only_a,
        only_b=pairs.only_b,
        equal=equal,
        equal_interval=wilson(equal, n),
        kappa=_kappa(pairs),
        difference_mean=float(pairs.difference.mean()) if n else None,
        difference_p98=float(np.percentile(pairs.difference, UPPER_PERCENTILE)) if n else None,
        same_profile=int(pairs.same_profile.sum()),
        same_flag=int((pairs.flagged_a == pairs.flagged_b).sum()),
        flagged_a=int(pairs.flagged_a.sum()),
        flagged_b=int(pairs.flagged_b.sum()),
        flagged_both=int((pairs.flagged_a & pairs.flagged_b).sum()),
        usual=int(usual.sum()),
        usual_equal=int((usual & pairs.equal).sum()),
        table=table,
    )


def wilson(successes: int, n: int) -> tuple[float, float] | None:
    """95 % score interval of a share; None where n is 0.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if n == 0:
        return None
    share, weight = successes / n, Z_95**2 / n
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _kappa(pairs: Pairs) -> float | None:
    """Cohen (1960). Chance alone agrees throughout where both tell one label: 0 / 0."""
    if len(np.union1d(pairs.label_a, pairs.label_b)) < 2:
        return None
    return float(cohen_kappa_score(pairs.label_a, pairs.label_b))
