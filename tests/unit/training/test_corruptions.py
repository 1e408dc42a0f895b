import cv2
import numpy as np
import pytest

from hoovik.layout import BLENDSHAPES, FACE_DIM, LANDMARKS, N_LANDMARKS, POSE
from hoovik.schema.emotion import Profile
from tests.unit.training.extracts import extract_of
from tests.unit.training.media import voice
from training.corpora.clip import Modality
from training.evaluation import corruptions
from training.evaluation.robustness import stratified
from training.evaluation.subjects import judged


def test_noise_is_as_strong_as_the_voice() -> None:
    sound = voice(2.0)
    noise = corruptions.noise(sound, np.random.default_rng(0)).astype(np.float64) - sound
    snr_db = 10 * np.log10(np.mean(sound.astype(np.float64) ** 2) / np.mean(noise**2))
    assert snr_db == pytest.approx(corruptions.NOISE_SNR_DB, abs=0.2)
    spectrum = np.abs(np.fft.rfft(noise)) ** 2
    low, high = np.split(spectrum[: len(spectrum) // 2 * 2], 2)
    assert low.mean() == pytest.approx(high.mean(), rel=0.1)  # white


def test_clipping_cuts_off_what_lies_beyond_full_scale() -> None:
    sound = voice(1.0)
    clipped = corruptions.clipping(sound)
    limit = np.abs(sound).max() / 10 ** (corruptions.CLIPPING_GAIN_DB / 20)
    beyond = np.abs(sound) >= limit
    assert beyond.mean() > 0.5
    np.testing.assert_array_equal(np.abs(clipped[beyond]), 1)
    np.testing.assert_allclose(clipped[~beyond], sound[~beyond] / limit, rtol=1e-4, atol=1e-6)
    assert not corruptions.clipping(np.zeros(10, np.float32)).any()


def test_silence_and_black_are_nothing_of_the_same_size() -> None:
    assert not corruptions.silence(voice(0.1)).any()
    picture = np.full((4, 6, 3), 200, np.uint8)
    assert corruptions.black(picture).shape == picture.shape
    assert not corruptions.black(picture).any()


def test_blur_is_as_wide_as_its_share_of_the_face() -> None:
    picture = np.zeros((101, 101, 3), np.uint8)
    cv2.line(picture, (50, 0), (50, 100), (255, 255, 255), 5)
    row = corruptions.blur(picture, 60)[50, :, 0].astype(np.float64)
    offsets = np.arange(101) - 50
    spread_px = np.sqrt((row * offsets**2).sum() / row.sum())
    assert spread_px == pytest.approx(60 * corruptions.BLUR_SHARE, rel=0.15)


def test_landmarks_change_places_in_all_vectors_alike() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((3, FACE_DIM), np.float32)
    shuffled = corruptions.shuffle_landmarks(vectors, rng)
    before = vectors[:, LANDMARKS].reshape(3, N_LANDMARKS, 2)
    after = shuffled[:, LANDMARKS].reshape(3, N_LANDMARKS, 2)
    order = [int(np.flatnonzero((before[0] == point).all(axis=1))[0]) for point in after[0]]
    assert sorted(order) == list(range(N_LANDMARKS))
    assert order != sorted(order)
    np.testing.assert_array_equal(after, before[:, order])
    for untouched in (BLENDSHAPES, POSE):
        np.testing.assert_array_equal(shuffled[:, untouched], vectors[:, untouched])


def test_corrupted_clips_are_as_many_of_each_class_as_there_are() -> None:
    extracted = [
        extract_of(Modality.AUDIO, label=label, spoken=[0], name=f"{label}-{n}")
        for label, count in ((0, 50), (1, 3), (2, 50))
        for n in range(count)
    ]
    subjects = judged(Profile.AUDIO_ONLY, extracted, 0).subjects
    chosen = stratified(subjects, 23, seed=0)
    assert [sum(one.label == label for one in chosen) for label in range(3)] == [10, 3, 10]
    again = stratified(tuple(reversed(subjects)), 23, seed=0)
    assert [one.clip.name for one in chosen] == [one.clip.name for one in again]
    assert chosen != stratified(subjects, 23, seed=1)
    assert len(stratified(subjects, 1_000, seed=0)) == len(subjects)
