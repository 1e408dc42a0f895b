"""How much of everything a build does: all of it, or just enough to prove that it runs."""

from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import ConfigDict

from training.build.curriculum import Curriculum


@dataclass(frozen=True, slots=True)
class TreeParameters:
    """How the trees are grown, by XGBoost's own names.

    Attributes:
        max_depth: of a tree.
        learning_rate: what each round counts.
        subsample: share of the samples that a tree sees.
        colsample_bytree: share of the columns that a tree sees.
        min_child_weight: of the samples in a leaf.
        reg_lambda: L2 penalty on the leaf values.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    max_depth: int = 5
    learning_rate: float = 0.0308
    subsample: float = 0.76
    colsample_bytree: float = 0.41
    min_child_weight: float = 5.0
    reg_lambda: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Amounts of one build.

    Attributes:
        seed: of everything random.
        threads: compute threads of torch, XGBoost and scikit-learn.
        takes: of each training voice, from the ladder of `training.extraction.takes`.
        still_readings: times that a still is looked at.
        clips_per_group: clips of each speaker and emotion; None: all.
        pictures_per_group: pictures of each corpus, split and class, those without one class being
            a group too; None: all.
        pictures_per_person: pictures of each person and class but in the test; None: all.
        face_corpus_train_cap, face_corpus_cap: stills of `faces` per class, in training and of
            those judged.
        baseline: vectors of a speaker that weigh as much as everybody's mean in the speaker's own
            baseline; None: speakers have none.
        baseline_memory: vectors after which it forgets, three minutes of speech.
        together: what the sharpness of voice and face together is multiplied by where no action
            units say it, see `training.build.together`.
        curriculum: of the transformer.
        watched: validation samples of each profile that early stopping looks at.
        trees: parameters of the trees.
        tree_samples: sequences that the trees learn from, and that the projections are fitted on.
        projection_rows: of these, rows that a PCA is fitted on.
        tree_rounds: boosting rounds at most; each grows one tree per class, 1,320 in all.
        tree_patience: rounds without a better validation loss after which boosting ends.
        forest_samples: sequences that each forest is grown from.
        usual_scores: of other people, for each profile and coverage, that p-values count.
        resamples: of the bootstrap.
        corrupted_clips: clips of each corruption that the bundle is judged on.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    seed: int = 0
    threads: int = 1
    takes: int = 6
    still_readings: int = 10
    clips_per_group: int | None = None
    pictures_per_group: int | None = None
    pictures_per_person: int | None = 4
    face_corpus_train_cap: int | None = 500
    face_corpus_cap: int | None = 150
    baseline: float | None = 10.0
    baseline_memory: float = 600.0
    together: float = 1.0
    curriculum: Curriculum = field(default_factory=Curriculum)
    watched: int = 400
    trees: TreeParameters = field(default_factory=TreeParameters)
    tree_samples: int = 18_000
    projection_rows: int = 6_000
    tree_rounds: int = 220
    tree_patience: int = 40
    forest_samples: int = 4_000
    usual_scores: int = 1_000
    resamples: int = 1_000
    corrupted_clips: int = 30
