"""The one builder of sequences: which face belongs to which step, and where the steps stand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hoovik.features.sequence import PROFILES, Sequence, SequenceBatch, build_sequence
from hoovik.layout import AUDIO_DIM, EXPRESSION_DIM, FACE_DIM
from hoovik.schema.emotion import Profile
from tests.unit.features.scenes import mixed


def voice(number: float) -> NDArray[np.float32]:
    return np.full(AUDIO_DIM, number, np.float32)


def faces(numbers: list[float]) -> NDArray[np.float32]:
    return np.repeat(np.array(numbers, np.float32).reshape(-1, 1), FACE_DIM, axis=1)


def build(
    step_times_s: list[float],
    voices: list[float | None],
    face_times_s: list[float],
    profile: Profile = Profile.BOTH,
) -> Sequence:
    """Voices are numbers, None for silence; a face is numbered by its place, from 1."""
    numbers = np.arange(1, len(face_times_s) + 1, dtype=np.float32)
    return build_sequence(
        step_times_s,
        [None if number is None else voice(number) for number in voices],
        face_times_s,
        faces(numbers.tolist()),
        profile,
        expressions=np.repeat(-numbers[:, None], EXPRESSION_DIM, axis=1),
    )


def shown(values: NDArray[np.float32], mask: NDArray[np.bool_]) -> list[float | None]:
    """The number at each step, None where masked; masked steps hold zeros."""
    assert not values[~mask].any()
    assert (values == values[:, :1]).all()
    return [float(row[0]) if valid else None for row, valid in zip(values, mask, strict=True)]


def test_a_step_takes_the_face_nearest_to_its_centre() -> None:
    sequence = build([1.0, 1.3, 1.6], [None] * 3, [0.95, 1.1, 1.25, 1.4, 1.55])
    assert shown(sequence.face, sequence.face_mask)[-3:] == [1, 3, 5]


def test_the_order_of_the_faces_does_not_matter() -> None:
    sequence = build([1.0, 1.3], [None] * 2, [1.35, 0.8, 1.02])
    assert shown(sequence.face, sequence.face_mask)[-2:] == [3, 1]


@pytest.mark.parametrize(
    ("face_s", "belongs"),
    [(0.3, True), (0.7, True), (0.299, False), (0.701, False), (0.5, True)],
)
def test_a_face_belongs_to_a_step_within_a_fifth_of_a_second(face_s: float, belongs: bool) -> None:
    sequence = build([0.5], [None], [face_s])
    assert sequence.face_mask.tolist() == [False] * 9 + [belongs]


@pytest.mark.parametrize("step_s", [0.3, 0.9, 1.2, 2.1, 3.3, 7.5, 100.2])
def test_exactly_a_fifth_of_a_second_is_near_at_any_time(step_s: float) -> None:
    for face_s in (round(step_s - 0.2, 1), round(step_s + 0.2, 1)):
        assert build([step_s], [None], [face_s]).face_mask[-1]


def test_of_two_equally_near_faces_the_first_counts() -> None:
    sequence = build([1.0], [None], [1.125, 0.875])
    assert shown(sequence.face, sequence.face_mask)[-1] == 1


def test_how_near_is_near_can_be_chosen() -> None:
    chosen = build_sequence([1.0], [None], [1.5], faces([1]), Profile.BOTH, nearest_s=0.5)
    assert chosen.face_mask[-1]


def test_steps_are_right_aligned() -> None:
    sequence = build([0.3, 0.6, 0.9], [1, None, 3], [0.3, 0.6])
    assert shown(sequence.audio, sequence.audio_mask) == [None] * 7 + [1, None, 3]
    assert shown(sequence.face, sequence.face_mask) == [None] * 7 + [1, 2, None]


def test_an_expression_stands_where_its_face_does_and_gaps_are_zero() -> None:
    sequence = build([0.3, 0.6, 0.9, 1.2], [None] * 4, [1.15, 0.3, 0.65])
    numbers = shown(-sequence.expression, sequence.face_mask)
    assert numbers == shown(sequence.face, sequence.face_mask)
    assert numbers == [None] * 6 + [2, 3, None, 1]
    unseen = build([0.3, 0.6], [1, 2], [0.3, 0.6], Profile.AUDIO_ONLY)
    assert not unseen.expression.any()


def test_faces_without_expressions_have_zeros() -> None:
    sequence = build_sequence([0.3], [None], [0.3], faces([1]), Profile.VIDEO_ONLY)
    assert sequence.face_mask[-1]
    assert sequence.expression.shape == (10, EXPRESSION_DIM)
    assert not sequence.expression.any()


def test_only_the_last_ten_steps_count() -> None:
    times = [round(0.3 * step, 1) for step in range(1, 14)]
    sequence = build(times, [float(step) for step in range(1, 14)], times)
    assert shown(sequence.audio, sequence.audio_mask) == list(range(4, 14))
    assert shown(sequence.face, sequence.face_mask) == list(range(4, 14))


@pytest.mark.parametrize("profile", list(Profile))
def test_a_modality_that_the_profile_does_not_have_is_masked(profile: Profile) -> None:
    sequence = build([0.3, 0.6], [1, 2], [0.3, 0.6], profile)
    assert sequence.profile is profile
    assert sequence.audio_mask.sum() == (2 if profile.has_audio else 0)
    assert sequence.face_mask.sum() == (2 if profile.has_face else 0)
    assert sequence.audio.any() == profile.has_audio
    assert sequence.face.any() == profile.has_face


def test_without_steps_or_faces_everything_is_masked() -> None:
    for sequence in (build([], [], [0.3]), build([0.3], [None], [])):
        assert not sequence.audio_mask.any()
        assert not sequence.face_mask.any()
        assert sequence.face.shape == (10, FACE_DIM)
        assert sequence.audio.dtype == sequence.face.dtype == np.float32


@given(
    n_steps=st.integers(0, 14),
    face_times_s=st.lists(st.integers(0, 450).map(lambda tick: tick / 100), max_size=20),
)
def test_no_face_is_nearer_than_the_one_taken(n_steps: int, face_times_s: list[float]) -> None:
    times = [0.3 * step for step in range(1, n_steps + 1)]
    sequence = build(times, [None] * n_steps, face_times_s)
    for at, centre in zip(range(10)[::-1], times[::-1], strict=False):
        gaps = [abs(centre - face_s) for face_s in face_times_s]
        nearest = min(gaps, default=1.0)
        if sequence.face_mask[at]:
            taken = gaps[int(sequence.face[at, 0]) - 1]
            assert taken == nearest
            assert taken < 0.2 + 1e-6
        else:
            assert nearest > 0.2 - 1e-6


def test_stacking_keeps_order_and_profile() -> None:
    sequences = [
        build([0.3], [number], [0.3], profile)
        for number, profile in zip((1, 2, 3), (Profile.VIDEO_ONLY, *PROFILES[:2]), strict=True)
    ]
    batch = SequenceBatch.stack(sequences)
    assert len(batch) == 3
    assert batch.profiles.tolist() == [2, 0, 1]
    assert batch.audio[:, -1, 0].tolist() == [0, 2, 3]
    assert batch.face_mask[:, -1].tolist() == [True, True, False]


def test_stacking_nothing_makes_an_empty_batch() -> None:
    batch = SequenceBatch.stack([])
    assert len(batch) == 0
    assert batch.audio.shape == (0, 10, AUDIO_DIM)
    assert batch.face.shape == (0, 10, FACE_DIM)
    assert batch.expression.shape == (0, 10, EXPRESSION_DIM)
    assert batch.face_mask.shape == (0, 10)


def test_batches_come_apart_and_together_again() -> None:
    batch = mixed(5)
    again = SequenceBatch.concatenate([batch[:2], batch[2:2], batch[2:]])
    for field in ("audio", "face", "expression", "audio_mask", "face_mask", "profiles"):
        assert np.array_equal(getattr(again, field), getattr(batch, field))
    chosen = batch[np.array([4, 0])]
    assert np.array_equal(chosen.audio, batch.audio[[4, 0]])
