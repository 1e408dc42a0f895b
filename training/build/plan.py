"""How much of everything a build does: all of it, or just enough to prove that it runs."""

from dataclasses import dataclass, field

from training.build.curriculum import Curriculum, quick_curriculum


@dataclass(frozen=True, slots=True)
class Plan:
    """Amounts of one build.

    Attributes:
        seed: of everything random.
        threads: compute threads of torch, XGBoost and scikit-learn.
        takes: of each training clip, from the ladder of `training.build.takes`.
        clips_per_group: clips of each speaker and emotion; None: all.
        pictures_per_group: pictures of each corpus, split and class; None: all.
        face_corpus_train_cap, face_corpus_cap: stills of `faces` per class, in training and of
            those judged; its smiles and calm faces would otherwise outweigh everything else.
        ticks: judged ticks of each clip outside training.
        curriculum: of the transformer.
        tree_samples: sequences that the trees learn from, and that the projections are fitted on.
        projection_rows: of these, rows that a PCA is fitted on.
        tree_rounds: boosting rounds at most; each grows one tree per class, 3,150 in all.
        tree_patience: rounds without a better validation loss after which boosting ends.
        forest_samples: sequences that each forest is grown from.
        fusion_trials: Optuna trials for each profile.
        resamples: of the bootstrap.
    """

    seed: int = 0
    threads: int = 1
    takes: int = 6
    clips_per_group: int | None = None
    pictures_per_group: int | None = None
    face_corpus_train_cap: int = 500
    face_corpus_cap: int = 150
    ticks: int = 4
    curriculum: Curriculum = field(default_factory=Curriculum)
    tree_samples: int = 18_000
    projection_rows: int = 6_000
    tree_rounds: int = 525
    tree_patience: int = 40
    forest_samples: int = 4_000
    fusion_trials: int = 60
    resamples: int = 1_000


def quick_plan(seed: int = 0, threads: int = 1) -> Plan:
    """A tiny but complete build, for a test."""
    return Plan(
        seed=seed,
        threads=threads,
        takes=1,
        clips_per_group=1,
        pictures_per_group=12,
        face_corpus_train_cap=12,
        face_corpus_cap=12,
        ticks=2,
        curriculum=quick_curriculum(),
        tree_samples=600,
        projection_rows=600,
        tree_rounds=20,
        tree_patience=10,
        forest_samples=500,
        fusion_trials=8,
        resamples=100,
    )
