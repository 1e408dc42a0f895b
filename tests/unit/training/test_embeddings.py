from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from hoovik.features.sequence import PROFILES
from hoovik.layout import AUDIO_DIM
from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.curriculum import Curriculum, Phase
from training.build.plan import Plan
from training.splits import Split
from training.studies.embeddings import (
    Embeddings,
    EmbeddingSource,
    read_embeddings,
    split_actors,
)
from training.studies.wav2vec2 import study


def clips(actors: int, takes: int, seed: int = 0) -> Embeddings:
    """Each actor expresses each class `takes` times, in a direction of the class."""
    rng = np.random.default_rng(seed)
    labels = np.tile(np.repeat(np.arange(len(EMOTIONS)), takes), actors)
    centres = 0.035 * rng.standard_normal((len(EMOTIONS), AUDIO_DIM))
    vectors = centres[labels] + 0.3 * rng.standard_normal((len(labels), AUDIO_DIM))
    names = np.repeat([f"{1001 + actor}" for actor in range(actors)], takes * len(EMOTIONS))
    return Embeddings(vectors.astype(np.float32), labels, names)


def test_no_actor_is_in_two_splits_and_each_clip_is_in_one() -> None:
    whole = clips(25, 1)
    parts = split_actors(whole, seed=3)
    people = {split: set(part.actors) for split, part in parts.items()}
    assert all(not one & other for one, other in combinations(people.values(), 2))
    assert {split: len(own) for split, own in people.items()} == {
        Split.TRAIN: 15, Split.VALIDATION: 3, Split.CALIBRATION: 3, Split.TEST: 4,
    }  # fmt: skip
    assert sum(map(len, parts.values())) == len(whole)
    assert set(split_actors(whole, seed=4)[Split.TEST].actors) != people[Split.TEST]


def test_a_clip_is_a_sequence_whose_last_step_is_its_embedding() -> None:
    whole = clips(2, 1)
    samples = whole.samples()
    assert samples.sequences.audio_mask.sum(axis=1).tolist() == [1] * len(whole)
    assert np.array_equal(samples.sequences.audio[:, -1], whole.vectors)
    assert {PROFILES[index] for index in samples.sequences.profiles} == {Profile.AUDIO_ONLY}
    assert samples.owners == tuple(whole.actors)


def test_a_source_draws_each_class_equally_often() -> None:
    whole = clips(3, 8)
    kept = np.flatnonzero((whole.labels > 0) | (np.arange(len(whole)) == 0))  # one angry clip
    uneven = Embeddings(whole.vectors[kept], whole.labels[kept], whole.actors[kept])
    source, rng = EmbeddingSource(uneven), np.random.default_rng(0)
    labels = [source.draw(Profile.AUDIO_ONLY, rng).label for _ in range(600)]
    assert np.bincount(labels, minlength=6).min() > 60
    with pytest.raises(ValueError, match="audio_only expected"):
        source.draw(Profile.BOTH, rng)


def test_the_whole_study_tells_classes_apart_that_overlap() -> None:
    plan = Plan(
        curriculum=Curriculum(
            phases=(Phase("B", 2, learning_rate=1e-3, final_rate=1.0, mixup_share=0.5),),
            batches=8,
            batch=32,
            warm_up=2,
        ),
        tree_rounds=8,
        tree_patience=4,
        resamples=50,
    )
    plan = replace(plan, trees=replace(plan.trees, learning_rate=0.3, max_depth=3))
    figures = study(clips(25, 4), split_seed=1, plan=plan)
    assert list(figures) == ["transformer", "trees", "fusion", "logistic_regression"]
    for name, one in figures.items():
        assert one["uar"] > 0.3, name  # chance is 0.17
        assert (one["n"], one["actors"]) == (96, 4)
        low, high = one["uar_95"]
        assert low <= one["uar"] <= high


@pytest.mark.data
def test_the_file_holds_cremad(data: Path) -> None:
    whole = read_embeddings(data / "wav2vec2_embeddings" / "clips.npz")
    assert len(set(whole.actors)) == 85
    assert np.bincount(whole.labels).tolist() == [1187, 1187, 1186, 1187, 1187, 1016]
    assert np.isfinite(whole.vectors).all()


def test_embeddings_of_another_corpus_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "clips.npz"
    np.savez(path, embedding=np.zeros((1, AUDIO_DIM)), name=["03-01-01-01-01-01-01"])
    with pytest.raises(ValueError, match="names no clip of CREMA-D"):
        read_embeddings(path)
    np.savez(path, embedding=np.zeros((1, 768)), name=["1001_DFA_ANG_XX"])
    with pytest.raises(ValueError, match=r"embeddings of \(1, 768\)"):
        read_embeddings(path)
