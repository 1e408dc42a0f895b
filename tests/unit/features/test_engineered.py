"""Every group of the 8,149 columns, on sequences whose answer is plain to see."""

import numpy as np
import pytest

from hoovik.features.engineered import (
    AUDIO_BLOCK,
    EMOTION_BLENDSHAPES,
    FACE_BLOCK,
    INDICATORS,
    column_groups,
    engineered_columns,
)
from hoovik.features.sequence import SequenceBatch
from hoovik.layout import AUDIO_DIM, FACE_DIM
from hoovik.schema.emotion import Profile
from tests.unit.features.scenes import course, masked_filled, mixed, of_profiles, one

EMOTION_COLUMNS = [
    *(272, 273, 274, 275, 276),  # five of the brows
    *(290, 291, 292, 293),  # eyes squint and wide
    *(296, 301, 302, 314, 315, 316),  # jaw open, mouth frown, shrug, smile
]
"""Where the 15 blendshapes stand among the 326, counted by hand."""

# Dimension d of the face is 5, 2, 14 at steps 2, 4, 9, times d + 1; of the voice 3, 7 at 1 and 3.
FACE = course({2: 5, 4: 2, 9: 14}, FACE_DIM)
VOICE = course({1: 3, 3: 7}, AUDIO_DIM)
FACE_FACTORS, VOICE_FACTORS = np.arange(1, FACE_DIM + 1), np.arange(1, AUDIO_DIM + 1)


def group(batch: SequenceBatch, name: str) -> np.ndarray:
    return engineered_columns(batch)[0, column_groups()[name]]


def test_the_layout_adds_up() -> None:
    starts = {name: where.start for name, where in column_groups().items()}
    assert starts == {
        "face_mean": 0,
        "face_std": 326,
        "face_min": 652,
        "face_max": 978,
        "face_change": 1304,
        "face_slope": 1630,
        "blendshape_mean": 1956,
        "blendshape_max": 1971,
        "smile_asymmetry": 1986,
        "brow_asymmetry": 1987,
        "pose_mean": 1988,
        "pose_std": 1991,
        "motion_energy": 1994,
        "audio_mean": 1995,
        "audio_std": 3019,
        "audio_min": 4043,
        "audio_max": 5067,
        "audio_change": 6091,
        "audio_slope": 7115,
        "audio_norm_variation": 8139,
        "audio_norm_slope": 8140,
        "audio_norm_peak": 8141,
        "has_face": 8142,
        "has_audio": 8143,
        "face_coverage": 8144,
        "audio_coverage": 8145,
        "profile": 8146,
    }
    assert column_groups()["profile"].stop == 8149
    assert (
        slice(0, 1995),
        slice(1995, 8142),
        slice(8142, 8149),
    ) == (FACE_BLOCK, AUDIO_BLOCK, INDICATORS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("face_mean", 7),
        ("face_std", 26**0.5),
        ("face_min", 2),
        ("face_max", 14),
        ("face_change", 9),
        ("face_slope", 1.5),
    ],
)
def test_statistics_of_the_face(name: str, value: float) -> None:
    assert group(one(FACE, VOICE), name) == pytest.approx(value * FACE_FACTORS, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("audio_mean", 5),
        ("audio_std", 2),
        ("audio_min", 3),
        ("audio_max", 7),
        ("audio_change", 4),
        ("audio_slope", 2),
    ],
)
def test_statistics_of_the_voice(name: str, value: float) -> None:
    assert group(one(FACE, VOICE), name) == pytest.approx(value * VOICE_FACTORS, rel=1e-5)


def test_blendshapes_of_emotion_are_taken_by_name() -> None:
    assert len(EMOTION_BLENDSHAPES) == 15
    batch = one(FACE)
    factors = FACE_FACTORS[EMOTION_COLUMNS]
    assert group(batch, "blendshape_mean") == pytest.approx(7 * factors, rel=1e-5)
    assert group(batch, "blendshape_max") == pytest.approx(14 * factors, rel=1e-5)


def test_asymmetry_is_the_subjects_left_minus_right() -> None:
    early, late = np.zeros(FACE_DIM), np.zeros(FACE_DIM)
    early[[315, 316]] = 0.75, 0.25  # mouthSmileLeft, mouthSmileRight
    late[[315, 316]] = 0.25, 0.5
    early[[272, 273]] = 0.0, 0.5  # browDownLeft, browDownRight
    late[[272, 273]] = 0.25, 0.5
    batch = one({0: early, 9: late})
    assert group(batch, "smile_asymmetry") == pytest.approx([0.125])
    assert group(batch, "brow_asymmetry") == pytest.approx([-0.375])


def test_pose_is_the_last_three_of_the_face() -> None:
    up, down = np.zeros(FACE_DIM), np.zeros(FACE_DIM)
    up[323:], down[323:] = [0.4, 0.1, -0.2], [-0.2, 0.1, 0.2]
    batch = one({3: up, 4: down})
    assert group(batch, "pose_mean") == pytest.approx([0.1, 0.1, 0], abs=1e-6)
    assert group(batch, "pose_std") == pytest.approx([0.3, 0, 0.2], abs=1e-6)


def test_motion_energy_is_the_mean_square_of_what_landmarks_move() -> None:
    rest, moved = np.zeros(FACE_DIM), np.zeros(FACE_DIM)
    moved[[10, 11]] = 0.3, 0.4  # landmark 5, by 0.5
    moved[[270, 271]] = 0.0, 1.0  # landmark 135, by 1
    # There at once over a gap, then still: 1.25 in the first pair of two, over 136 landmarks.
    batch = one({1: rest, 5: moved, 6: moved})
    assert group(batch, "motion_energy") == pytest.approx([1.25 / 2 / 136])


def test_motion_energy_knows_nothing_of_blendshapes_and_pose() -> None:
    rest, smiling = np.zeros(FACE_DIM), np.zeros(FACE_DIM)
    smiling[272:] = 1
    assert group(one({0: rest, 1: smiling}), "motion_energy") == pytest.approx([0])


def test_the_course_of_the_voices_norm() -> None:
    def embedding(scale: float) -> np.ndarray:
        return np.concatenate([[3 * scale, -4 * scale], np.zeros(AUDIO_DIM - 2)])

    # Norms 5, 15, 10 at steps 0, 3, 6; the slope is (-15 + 30) / 18.
    batch = one(audio={0: embedding(1), 3: embedding(3), 6: embedding(2)})
    deviation = (50 / 3) ** 0.5
    assert group(batch, "audio_norm_variation") == pytest.approx([deviation / 10])
    assert group(batch, "audio_norm_slope") == pytest.approx([15 / 18])
    assert group(batch, "audio_norm_peak") == pytest.approx([3 / 9])


def test_the_peak_is_counted_from_oldest_to_newest() -> None:
    for step, place in ((0, 0.0), (9, 1.0)):
        batch = one(audio={4: np.ones(AUDIO_DIM), step: np.full(AUDIO_DIM, 2.0)})
        assert group(batch, "audio_norm_peak") == pytest.approx([place])


def test_a_voice_of_zeros_has_no_variation_and_still_numbers() -> None:
    batch = one(audio={3: np.zeros(AUDIO_DIM), 4: np.zeros(AUDIO_DIM)})
    assert group(batch, "audio_norm_variation") == pytest.approx([0])
    assert np.isfinite(engineered_columns(batch)[:, AUDIO_BLOCK]).all()


@pytest.mark.parametrize(
    ("profile", "indicators"),
    [
        (Profile.BOTH, [1, 1, 0.3, 0.2, 1, 0, 0]),
        (Profile.AUDIO_ONLY, [0, 1, 0, 0.2, 0, 1, 0]),
        (Profile.VIDEO_ONLY, [1, 0, 0.3, 0, 0, 0, 1]),
    ],
)
def test_indicators_say_what_there_is(profile: Profile, indicators: list[float]) -> None:
    batch = one(FACE if profile.has_face else None, VOICE if profile.has_audio else None, profile)
    assert engineered_columns(batch)[0, INDICATORS] == pytest.approx(indicators)


@pytest.mark.parametrize("profile", list(Profile))
def test_an_absent_modality_is_not_a_number_and_nothing_else_is(profile: Profile) -> None:
    batch = one(FACE if profile.has_face else None, VOICE if profile.has_audio else None, profile)
    unknown = np.isnan(engineered_columns(batch)[0])
    assert unknown[FACE_BLOCK].all() == unknown[FACE_BLOCK].any() == (not profile.has_face)
    assert unknown[AUDIO_BLOCK].all() == unknown[AUDIO_BLOCK].any() == (not profile.has_audio)
    assert not unknown[INDICATORS].any()


def test_a_profile_whose_face_never_came_is_not_a_number_there() -> None:
    unknown = np.isnan(engineered_columns(one(None, VOICE, Profile.BOTH))[0])
    assert unknown[FACE_BLOCK].all()
    assert not unknown[AUDIO_BLOCK].any()


@pytest.mark.parametrize("filling", [np.nan, np.inf, 1e9, -1e30])
def test_what_a_masked_step_holds_never_matters(filling: float) -> None:
    batch = mixed(6)
    expected = engineered_columns(batch)
    with np.errstate(all="ignore"):
        filled = engineered_columns(masked_filled(batch, filling))
    np.testing.assert_array_equal(filled, expected)


def test_a_batch_is_its_sequences_one_by_one() -> None:
    batch = mixed(7)
    together = engineered_columns(batch)
    assert together.shape == (7, 8149)
    assert together.dtype == np.float32
    singly = np.concatenate([engineered_columns(batch[row : row + 1]) for row in range(7)])
    np.testing.assert_allclose(singly, together, rtol=1e-5, atol=1e-5)


def test_no_sequences_have_no_columns() -> None:
    assert engineered_columns(mixed(3)[:0]).shape == (0, 8149)


def test_the_three_profiles_have_one_column_each() -> None:
    batch = mixed(3)
    assert batch.profiles.tolist() == of_profiles(list(Profile)).tolist()
    columns = engineered_columns(batch)[:, column_groups()["profile"]]
    assert columns.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
