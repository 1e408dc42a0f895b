"""Every statistic of the 9,452 columns, and which forest reads them."""

import numpy as np
import pytest

from hoovik.features.anomaly import (
    AUDIO_COLUMNS,
    AUDIO_RATIO,
    FACE_COLUMNS,
    FACE_RATIO,
    FORESTS,
    SPREAD_FLOOR,
    STATISTICS,
    anomaly_columns,
    choose_forests,
    forest_columns,
)
from hoovik.layout import ANOMALY_DIM, AUDIO_DIM, FACE_DIM, SEQ_LEN
from hoovik.schema.emotion import Profile
from tests.unit.features.scenes import course, masked_filled, mixed, one

FACE = course({2: 5, 4: 2, 9: 14}, FACE_DIM)
VOICE = course({0: 1, 1: 2, 2: 4, 9: 9}, AUDIO_DIM)


def test_the_layout_adds_up() -> None:
    assert slice(0, 2282) == FACE_COLUMNS
    assert slice(2282, 9450) == AUDIO_COLUMNS
    assert (slice(9450, 9451), slice(9451, 9452)) == (FACE_RATIO, AUDIO_RATIO)


@pytest.mark.parametrize(
    ("statistic", "face", "voice"),
    [
        ("mean", 7, 4),
        ("std", 26**0.5, (38 / 4) ** 0.5),
        ("min", 2, 1),
        ("max", 14, 9),
        # Of 2, 5, 14: 9.5 - 3.5. Of 1, 2, 4, 9: 5.25 - 1.75.
        ("iqr", 6, 3.5),
        ("jitter", 7.5, 8 / 3),
        ("change", 9, 8),
    ],
)
def test_each_statistic_of_each_dimension(statistic: str, face: float, voice: float) -> None:
    (columns,) = anomaly_columns(one(FACE, VOICE))
    place = STATISTICS.index(statistic)
    spread = statistic in {"std", "iqr", "jitter"}
    for start, size, value in (
        (place * FACE_DIM, FACE_DIM, face),
        (AUDIO_COLUMNS.start + place * AUDIO_DIM, AUDIO_DIM, voice),
    ):
        expected = value * np.arange(1, size + 1)
        assert columns[start : start + size] == pytest.approx(
            np.log(expected) if spread else expected, rel=1e-5
        )


def test_a_picture_that_stands_still_is_far_from_one_that_hardly_moves() -> None:
    hardly = 1 + 1e-2 * np.random.default_rng(0).standard_normal((SEQ_LEN, FACE_DIM), np.float32)
    still = np.ones_like(hardly)
    place = STATISTICS.index("std")
    spreads = slice(place * FACE_DIM, (place + 1) * FACE_DIM)
    frozen, moving = (
        anomaly_columns(one(dict(enumerate(steps)), {}))[0, spreads] for steps in (still, hardly)
    )
    assert frozen == pytest.approx(np.log(SPREAD_FLOOR))
    assert (moving - frozen).mean() > 4


def test_ratios_are_the_shares_of_valid_steps() -> None:
    (columns,) = anomaly_columns(one(FACE, VOICE))
    assert columns[FACE_RATIO] == pytest.approx([0.3])
    assert columns[AUDIO_RATIO] == pytest.approx([0.4])


@pytest.mark.parametrize("profile", list(Profile))
def test_an_absent_modality_is_not_a_number_and_nothing_else_is(profile: Profile) -> None:
    batch = one(FACE if profile.has_face else None, VOICE if profile.has_audio else None, profile)
    (columns,) = anomaly_columns(batch)
    unknown = np.isnan(columns)
    assert unknown[FACE_COLUMNS].all() == unknown[FACE_COLUMNS].any() == (not profile.has_face)
    assert unknown[AUDIO_COLUMNS].all() == unknown[AUDIO_COLUMNS].any() == (not profile.has_audio)
    assert columns[FACE_RATIO] == pytest.approx([0.3 * profile.has_face])
    assert columns[AUDIO_RATIO] == pytest.approx([0.4 * profile.has_audio])


@pytest.mark.parametrize("filling", [np.nan, np.inf, 1e9, -1e30])
def test_what_a_masked_step_holds_never_matters(filling: float) -> None:
    batch = mixed(6)
    with np.errstate(all="ignore"):
        filled = anomaly_columns(masked_filled(batch, filling))
    np.testing.assert_array_equal(filled, anomaly_columns(batch))


def test_a_batch_is_its_sequences_one_by_one() -> None:
    batch = mixed(7)
    together = anomaly_columns(batch)
    assert together.shape == (7, ANOMALY_DIM)
    assert together.dtype == np.float32
    singly = np.concatenate([anomaly_columns(batch[row : row + 1]) for row in range(7)])
    np.testing.assert_allclose(singly, together, rtol=1e-5, atol=1e-5)


def steps(count: int, dim: int) -> dict[int, np.ndarray]:
    return {9 - step: np.ones(dim) for step in range(count)}


@pytest.mark.parametrize(
    ("profile", "n_face", "n_audio", "forest"),
    [
        (Profile.BOTH, 3, 3, "both"),
        (Profile.BOTH, 10, 10, "both"),
        (Profile.BOTH, 2, 10, "global_fallback"),
        (Profile.BOTH, 10, 2, "global_fallback"),
        (Profile.BOTH, 10, 0, "global_fallback"),
        (Profile.AUDIO_ONLY, 0, 3, "audio_only"),
        (Profile.AUDIO_ONLY, 0, 2, "global_fallback"),
        (Profile.VIDEO_ONLY, 3, 0, "video_only"),
        (Profile.VIDEO_ONLY, 1, 0, "global_fallback"),
    ],
)
def test_short_sequences_go_to_the_forest_for_all(
    profile: Profile, n_face: int, n_audio: int, forest: str
) -> None:
    batch = one(steps(n_face, FACE_DIM), steps(n_audio, AUDIO_DIM), profile)
    assert [FORESTS[index] for index in choose_forests(batch)] == [forest]


def test_a_mixed_batch_is_judged_row_by_row() -> None:
    batch = mixed(30)
    singly = np.concatenate([choose_forests(batch[row : row + 1]) for row in range(30)])
    assert choose_forests(batch).tolist() == singly.tolist()
    assert set(singly.tolist()) == {0, 1, 2, 3}


def test_a_forest_reads_the_columns_of_its_profile() -> None:
    assert FORESTS == ("both", "audio_only", "video_only", "global_fallback")
    assert forest_columns("both").tolist() == list(range(9452))
    assert forest_columns("global_fallback").tolist() == list(range(9452))
    assert forest_columns("audio_only").tolist() == [*range(2282, 9450), 9451]
    assert forest_columns("video_only").tolist() == [*range(2282), 9450]
