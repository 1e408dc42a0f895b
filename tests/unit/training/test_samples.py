from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from hoovik.layout import AUDIO_DIM, BLENDSHAPES, EXPRESSION_DIM, FACE_DIM, POSE, SEQ_LEN
from hoovik.schema.emotion import EMOTIONS, Profile
from tests.unit.training import extracts
from training.build.clips import FaceClip, VoiceClip
from training.build.material import chosen, gather
from training.build.motion import Motion, motion_of
from training.build.plan import Plan
from training.build.sampler import Sampler
from training.build.showing import (
    STEP_TIMES_S,
    drawn_voice_steps,
    face_presence,
    shown,
    voice_steps,
)
from training.corpora.clip import Clip, Modality
from training.extraction.encoding import tick_centres_s
from training.splits import Split

from .media import clip

NOWHERE = np.empty((0, FACE_DIM + EXPRESSION_DIM), np.float32)
STANDING = Motion(NOWHERE, NOWHERE)


def voice(
    label: int, spoken: str, speaker: str = "ravdess-04", face: FaceClip | None = None
) -> VoiceClip:
    """A clip whose ticks speak where the pattern has a 1, each step filled with its tick."""
    steps = [
        np.full(AUDIO_DIM, tick, np.float32) if one == "1" else None
        for tick, one in enumerate(spoken)
    ]
    return VoiceClip(speaker, "ravdess", label, tuple(steps), face)


def still(
    label: int | None,
    value: float,
    owner: str = "ada",
    corpus: str = "ferplus",
    readings: int = 10,
    votes: tuple[float, ...] | None = None,
) -> FaceClip:
    vectors = np.full((readings, FACE_DIM), value, np.float32)
    expressions = np.full((readings, EXPRESSION_DIM), -value, np.float32)
    times_s = tick_centres_s(readings)
    return FaceClip(owner, corpus, label, vectors, expressions, times_s, still=True, votes=votes)


def video(label: int, seconds: float, owner: str = "ravdess-04") -> FaceClip:
    """Five frames a second, each filled with its time."""
    times_s = np.arange(0, seconds, 0.2)
    vectors = np.repeat(times_s[:, None], FACE_DIM, axis=1).astype(np.float32)
    expressions = -vectors[:, :EXPRESSION_DIM]
    return FaceClip(owner, "ravdess", label, vectors, expressions, times_s, still=False)


@pytest.fixture
def sampler() -> Sampler:
    classes = range(len(EMOTIONS))
    voices = [voice(label, "011010110111") for label in classes]
    return Sampler(voices, [still(label, label / 10) for label in classes], STANDING)


@pytest.mark.parametrize("profile", list(Profile))
def test_a_sample_has_the_modalities_of_its_profile(sampler: Sampler, profile: Profile) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        sample = sampler.draw(profile, rng)
        sequence = sample.sequence
        assert sequence.profile is profile
        assert sequence.audio_mask.any() == profile.has_audio
        assert sequence.face_mask.any() == profile.has_face
        if profile.has_audio:
            assert sequence.audio_mask[-1], "live asks about a voice only while it speaks"
        if profile.has_face:
            seen = sequence.face[sequence.face_mask]
            assert seen.mean() == pytest.approx(sample.label / 10, abs=0.02)


@pytest.mark.parametrize(
    ("voices", "faces", "profiles"),
    [
        (True, True, tuple(Profile)),
        (True, False, (Profile.AUDIO_ONLY,)),
        (False, True, (Profile.VIDEO_ONLY,)),
    ],
)
def test_a_sampler_draws_what_it_has(
    voices: bool, faces: bool, profiles: tuple[Profile, ...]
) -> None:
    classes = range(len(EMOTIONS))
    sampler = Sampler(
        [voice(label, "0111") for label in classes] if voices else [],
        [still(label, 0.1) for label in classes] if faces else [],
        STANDING,
    )
    assert sampler.profiles == profiles


def test_a_class_without_a_voice_is_refused() -> None:
    with pytest.raises(ValueError, match="no voice or no face of class disgust"):
        Sampler([voice(label, "01") for label in (0, 1, 3, 4, 5)], [], STANDING)


@pytest.mark.parametrize("profile", [Profile.VIDEO_ONLY, Profile.BOTH])
def test_what_a_picture_shows_is_drawn_from_its_votes(profile: Profile) -> None:
    voices = [replace(voice(label, "01"), speaker=f"voice-{label}") for label in range(6)]
    faces = [still(label, 0.1) for label in (1, 2, 3, 4, 5)]
    faces.append(still(None, 0.9, votes=(0.4, 0.2, 0, 0, 0, 0.2)))
    sampler, rng = Sampler(voices, faces, STANDING), np.random.default_rng(0)
    drawn = [sampler.draw(profile, rng) for _ in range(3_000)]
    unsure = [one for one in drawn if one.sequence.face[one.sequence.face_mask].mean() > 0.5]
    assert len(unsure) == pytest.approx(500, abs=75)
    counts = Counter(one.label for one in unsure)
    assert counts.keys() == {0, 1, 5}
    assert [counts[label] / len(unsure) for label in (0, 1, 5)] == pytest.approx(
        [0.5, 0.25, 0.25], abs=0.07
    )
    if profile.has_audio:
        assert all(one.owner == f"voice-{one.label}" for one in drawn)


def test_a_corpus_of_four_times_the_size_is_drawn_twice_as_often() -> None:
    small = [replace(voice(0, "01"), corpus="savee") for _ in range(10)]
    large = [replace(voice(0, "01"), corpus="nemo") for _ in range(40)]
    others = [voice(label, "01") for label in range(1, 6)]
    sampler, rng = Sampler([*large, *small, *others], [], STANDING), np.random.default_rng(0)
    drawn = [sampler.draw(Profile.AUDIO_ONLY, rng) for _ in range(6_000)]
    angry = Counter(one.corpus for one in drawn if one.label == 0)
    assert angry.total() == pytest.approx(1_000, abs=100)
    assert angry["nemo"] / angry["savee"] == pytest.approx(2, abs=0.4)


def test_caps_keep_a_few_persons_from_being_a_class() -> None:
    def photograph(person: str, number: int, **changed: object) -> Clip:
        one = clip(person, 2, corpus="faces", name=f"{person}-{number}", modality=Modality.STILL)
        return replace(one, **changed)

    pictures = [photograph("star", n) for n in range(9)] + [photograph("fan", n) for n in range(3)]
    teaching = photograph("x", 0, corpus="ferplus", label=None, votes=(0.4, 0, 0, 0, 0.4, 0))
    clips = [*pictures, teaching, photograph("x", 1, label=None)]
    kept = chosen(dict.fromkeys(Split, clips), Plan(face_corpus_train_cap=6))
    assert Counter(one.speaker for one in kept[Split.TRAIN]) == {"star": 4, "fan": 2, "x": 1}
    assert Counter(one.speaker for one in kept[Split.VALIDATION]) == {"star": 4, "fan": 3}
    assert kept[Split.TEST] == pictures
    whole = Plan(pictures_per_person=None, pictures_per_group=10)
    assert len(chosen({Split.TRAIN: clips}, whole)[Split.TRAIN]) == 11


def test_a_picture_without_a_majority_teaches_by_its_votes() -> None:
    labelled = [
        extracts.still(label=label, name=f"{label}", speaker=f"made-{label}") for label in range(6)
    ]
    unsure = extracts.still(label=None, name="unsure", speaker="made-unsure")
    unsure = replace(unsure, clip=replace(unsure.clip, votes=(0.4, 0.3, 0, 0, 0, 0)))
    extracted = dict.fromkeys((Split.VALIDATION, Split.CALIBRATION), labelled)
    material = gather({Split.TRAIN: [*labelled, unsure], **extracted}, Plan())
    rng = np.random.default_rng(0)
    for source, shows in ((material.training, True), (material.held_out, False)):
        owners = {source.draw(Profile.VIDEO_ONLY, rng).owner for _ in range(200)}
        assert ("made-unsure" in owners) is shows


def test_voice_and_face_of_one_recording_stay_together_in_time() -> None:
    classes = range(len(EMOTIONS))
    faces = [video(label, 6.0) for label in classes]
    voices = [voice(label, "1" * 18, face=face) for label, face in zip(classes, faces, strict=True)]
    sampler, rng, compared = Sampler(voices, faces, STANDING), np.random.default_rng(1), 0
    for _ in range(40):
        sequence = sampler.draw(Profile.BOTH, rng).sequence
        steps = np.flatnonzero(sequence.face_mask & sequence.audio_mask)
        tick_s = 0.3 + 0.3 * sequence.audio[steps, 0]
        assert (np.abs(sequence.face[steps, 0] - tick_s) <= 0.2 + 1e-6).all()
        compared += len(steps)
    assert compared > 100


def test_a_recording_that_shows_no_face_while_it_speaks_is_a_voice() -> None:
    vectors = np.ones((1, FACE_DIM), np.float32)
    expressions = np.ones((1, EXPRESSION_DIM), np.float32)
    late = FaceClip("a", "ravdess", 0, vectors, expressions, np.array([60.0]), still=False)
    classes = range(len(EMOTIONS))
    voices = [voice(label, "0111", face=late) for label in classes]
    sampler = Sampler(voices, [still(label, 0.1) for label in classes], STANDING)
    sample = sampler.draw(Profile.BOTH, np.random.default_rng(0))
    assert sample.sequence.profile is Profile.AUDIO_ONLY


def test_steps_are_right_aligned_and_pauses_stay_pauses() -> None:
    steps = voice_steps(voice(0, "01101"), 4)
    assert [None if step is None else int(step[0]) for step in steps] == [None] * 6 + [
        1,
        2,
        None,
        4,
    ]


def test_a_voice_that_goes_on_follows_what_it_said_before() -> None:
    before, now = voice(0, "0110000"), voice(0, "00001")
    steps, tick = drawn_voice_steps(now, np.random.default_rng(0), before=before)
    assert tick == 4
    assert [None if step is None else int(step[0]) for step in steps][-8:] == [
        None, 1, 2, None, None, None, None, 4,
    ]  # fmt: skip


def test_short_coverage_is_under_three_steps() -> None:
    rng = np.random.default_rng(1)
    assert all(1 <= face_presence(rng, short=True).sum() < 3 for _ in range(200))
    lengths = {int(face_presence(rng).sum()) for _ in range(500)}
    assert lengths == set(range(1, SEQ_LEN + 1))


def test_a_video_is_shown_at_its_own_times() -> None:
    rng = np.random.default_rng(2)
    times_s, vectors, expressions = shown(video(0, 8.0), STANDING, rng, end_s=5.0)
    assert vectors[:, 0] == pytest.approx(times_s + 5.0 - STEP_TIMES_S[-1], abs=1e-5)
    assert (expressions[:, 0] == -vectors[:, 0]).all()
    assert times_s.max() <= STEP_TIMES_S[-1] + 0.15


def test_motion_is_made_of_changes_within_one_person_and_label() -> None:
    rng = np.random.default_rng(3)
    lone = [still(0, 0.9, f"person-{number}", "faces") for number in range(5)]
    twice = [
        FaceClip(
            "ada",
            "faces",
            3,
            np.tile(rng.uniform(0, 1, FACE_DIM).astype(np.float32), (10, 1)),
            np.tile(rng.uniform(-3, 3, EXPRESSION_DIM).astype(np.float32), (10, 1)),
            tick_centres_s(10),
            still=True,
        )
        for _ in range(4)
    ]
    motion = motion_of([*lone, *twice, still(None, 0.5, "ada"), video(3, 2.0, "ada")], rng)
    assert len(motion.turning) == 3
    assert motion.expression[:, POSE] == pytest.approx(np.zeros((3, 3)), abs=1e-5)
    steps, expressions = motion.applied(twice[0].vectors, twice[0].expressions, rng)
    assert steps.shape == (SEQ_LEN, FACE_DIM)
    assert expressions.shape == (SEQ_LEN, EXPRESSION_DIM)
    assert (expressions.std(axis=0) > 0).all()
    # A logit is no share: it may leave 0 to 1, where a blendshape may not.
    assert np.abs(expressions).max() > 1
    assert steps[:, BLENDSHAPES].min() >= 0
    assert steps[:, BLENDSHAPES].max() <= 1
    assert (steps.std(axis=0) > 0).mean() > 0.9


def test_a_short_pair_has_a_modality_that_has_only_just_begun(sampler: Sampler) -> None:
    rng = np.random.default_rng(4)
    pairs = [sampler.draw(Profile.BOTH, rng, short=True).sequence for _ in range(100)]
    heard = np.array([one.audio_mask.sum() for one in pairs])
    seen = np.array([one.face_mask.sum() for one in pairs])
    assert ((heard < 3) | (seen < 3)).mean() > 0.95
    assert (heard >= 3).any()
    assert (seen >= 3).any()
