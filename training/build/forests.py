"""Growing of the Isolation Forests, and the scores that they give to usual people."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import ensemble as sklearn_ensemble

from hoovik.features.anomaly import (
    COVERAGES,
    FORESTS,
    anomaly_columns,
    choose_forests,
    coverages,
    forest_columns,
)
from hoovik.features.projection import Projection
from hoovik.features.sequence import PROFILES
from hoovik.models.anomaly import AnomalyGate
from hoovik.models.forest import IsolationForest
from hoovik.schema.emotion import Profile
from training.build.plan import Plan
from training.build.projections import fit_forest_projection, forest_rows
from training.build.samples import Sample, SampleSet, Source

TREES = 200
"""Twice of what is usual: with 256 components to choose from, a hundred trees still disagree with
another hundred by several hundredths of what they flag."""
SAMPLES_PER_TREE = 256
DRAWN_AT_ONCE = 256
DRAWN_FOR_EACH = 2
"""Times as many as are kept, so that corpora and people can be evened out."""
MOST_DRAWS = 400

Arrays = dict[str, NDArray[Any]]


def fit_forests(usual: Source, held_out: Source, plan: Plan) -> tuple[Arrays, Arrays]:
    """Project and grow each of the four forests, and score other people as live would see them.

    Args:
        usual: source of what a forest takes for usual.
        held_out: of other people, seen and heard in the same way, whose scores are usual ones.
        plan: amounts and seed.

    Returns:
        The arrays of the four projections and those of the four forests.
    """
    projections: Arrays = {}
    judges: list[tuple[Projection, IsolationForest]] = []
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
        judges.append((projection, IsolationForest.from_sklearn(forest)))
    usual_scores = tuple(_usual(held_out, profile, judges, plan) for profile in PROFILES)
    gate = AnomalyGate(tuple(forest for _, forest in judges), usual_scores)
    return projections, gate.to_arrays()


def _usual(
    source: Source, profile: Profile, judges: list[tuple[Projection, IsolationForest]], plan: Plan
) -> tuple[NDArray[np.float32], ...]:
    """Scores of a profile's sequences for each coverage, ascending.

    Corpora count alike, and within them people: a threshold that goes by numbers of clips would
    tell corpora apart.
    """
    rng = np.random.default_rng([plan.seed, 20 + PROFILES.index(profile)])
    wanted = DRAWN_FOR_EACH * plan.usual_scores
    scores: list[list[float]] = [[] for _ in range(COVERAGES)]
    owners: list[list[tuple[str, str]]] = [[] for _ in range(COVERAGES)]
    # A whole sequence is drawn ten times as often as one that has some steps.
    for _ in range(MOST_DRAWS):
        lacking = [group for group in range(COVERAGES) if len(scores[group]) < wanted]
        if not lacking:
            break
        short = lacking == [0]
        drawn = SampleSet.of([source.draw(profile, rng, short=short) for _ in range(DRAWN_AT_ONCE)])
        groups, forests = coverages(drawn.sequences), choose_forests(drawn.sequences)
        columns = anomaly_columns(drawn.sequences)
        for row in np.flatnonzero(np.isin(groups, lacking)):
            projection, forest = judges[forests[row]]
            own = columns[row : row + 1, forest_columns(FORESTS[forests[row]])]
            scores[groups[row]].append(float(forest.scores(projection.imputed(own))[0]))
            owners[groups[row]].append((drawn.corpora[row], drawn.owners[row]))
    seen = [group for group in range(COVERAGES) if scores[group]]
    if not seen:
        raise ValueError(f"{profile}: no sequence of other people")
    # Where recordings are too short for a coverage, the next one to it stands in.
    nearest = [min(seen, key=lambda one: abs(one - group)) for group in range(COVERAGES)]
    return tuple(
        np.sort(rng.choice(scores[one], plan.usual_scores, p=_shares(owners[one]))).astype(
            np.float32
        )
        for one in nearest
    )


def _shares(owners: list[tuple[str, str]]) -> NDArray[np.float64]:
    """Share (N,) of each of N samples, of (corpus, owner), where corpora and then owners count alike."""
    of_owner = Counter(owners)
    of_corpus = Counter(corpus for corpus, _ in of_owner)
    shares = [1 / (len(of_corpus) * of_corpus[one[0]] * of_owner[one]) for one in owners]
    return np.asarray(np.array(shares) / np.sum(shares), np.float64)


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
