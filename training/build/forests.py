"""Growing of the Isolation Forests and choice of their thresholds."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import ensemble as sklearn_ensemble

from hoovik.features.anomaly import FORESTS, choose_forests
from hoovik.features.projection import Projection
from hoovik.models.forest import IsolationForest
from hoovik.schema.emotion import Profile
from training.build.draws import Source
from training.build.plan import Plan
from training.build.projections import fit_forest_projection, forest_rows
from training.build.samples import Sample, SampleSet

TREES = 200
"""Twice of what is usual: with 256 components to choose from, a hundred trees still disagree with
another hundred by several hundredths of what they flag."""
SAMPLES_PER_TREE = 256
DRAWN_AT_ONCE = 256
FALSE_POSITIVES = 0.1
"""Share of validation samples below the threshold."""

Arrays = dict[str, NDArray[Any]]


def fit_forests(
    usual: Source, validation: Iterable[SampleSet], plan: Plan
) -> tuple[Arrays, Arrays]:
    """Project, grow and set a threshold for each of the four forests.

    Args:
        usual: source of what a forest takes for usual.
        validation: other people's samples, which decide on the thresholds.
        plan: amounts and seed.

    Returns:
        The arrays of the four projections and those of the four forests.
    """
    projections: Arrays = {}
    grown: Arrays = {}
    held_out = list(validation)
    for number, name in enumerate(FORESTS):
        rng = np.random.default_rng([plan.seed, 10 + number])
        drawn = _draw(usual, name, plan.forest_samples, rng)
        projections |= fit_forest_projection(drawn, name, plan.projection_rows, plan.seed)
        projection = Projection.from_arrays(projections, f"forest_{name}")
        forest = sklearn_ensemble.IsolationForest(
            n_estimators=TREES,
            max_samples=SAMPLES_PER_TREE,
            random_state=plan.seed,
            n_jobs=plan.threads,
        ).fit(projection.imputed(forest_rows(drawn, name)))
        others = np.concatenate([forest_rows(samples, name) for samples in held_out])
        if not len(others):
            raise ValueError(
                f"no validation sample is judged by the forest {name}; its threshold needs some"
            )
        scores = IsolationForest.from_sklearn(forest, 0.0).scores(projection.imputed(others))
        threshold = float(np.quantile(scores, FALSE_POSITIVES))
        print(
            f"forest {name}: a validation score under {threshold:.4f} is unusual "
            f"(n = {len(scores)})",
            flush=True,
        )
        grown |= IsolationForest.from_sklearn(forest, threshold).to_arrays(name)
    return projections, grown


def _draw(source: Source, forest: str, n: int, rng: np.random.Generator) -> SampleSet:
    """At least n samples that a forest would judge: of its profile, long enough or too short."""
    fallback = forest not in set(Profile)
    profiles = tuple(Profile) if fallback else (Profile(forest),)
    parts: list[Sample] = []
    while len(parts) < n:
        drawn = [
            source.draw(profiles[place % len(profiles)], rng, short=fallback)
            for place in range(DRAWN_AT_ONCE)
        ]
        chosen = choose_forests(SampleSet.of(drawn).sequences)
        parts += [one for one, index in zip(drawn, chosen, strict=True) if FORESTS[index] == forest]
    return SampleSet.of(parts)
