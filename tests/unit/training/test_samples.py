import numpy as np
import pytest

from hoovik.features.sequence import PROFILES
from hoovik.layout import AUDIO_DIM, BLENDSHAPES, FACE_DIM, POSE, SEQ_LEN
from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.coverage import drawn_voice_steps, face_presence, voice_steps
from training.build.judged import judged_set
from training.build.motion import Motion, motion_of
from training.build.samples import Sampler
from training.build.stills import Still
from training.build.voices import VoiceClip
from training.splits import Split

WAVER = np.full(FACE_DIM, 0.01, np.float32)


def clip(label: int, spoken: str, speaker: str = "ravdess-04") -> VoiceClip:
    """A clip whose ticks speak where the pattern has a 1, each step filled with its tick."""
    steps = [
        np.full(AUDIO_DIM, tick, np.float32) if one == "1" else None
        for tick, one in enumerate(spoken)
    ]
    return VoiceClip(speaker, "ravdess", label, Split.TEST, tuple(steps))


def still(label: int, value: float, owner: str = "ada", corpus: str = "fer2013") -> Still:
    return Still(corpus, owner, label, Split.TEST, np.full(FACE_DIM, value, np.float32))


@pytest.fixture
def sampler() -> Sampler:
    classes = range(len(EMOTIONS))
    motion = Motion(np.empty((0, FACE_DIM), np.float32), np.empty((0, FACE_DIM), np.float32), WAVER)
    voices = [clip(label, "011010110111") for label in classes]
    return Sampler(voices, [still(label, label / 10) for label in classes], motion)


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


def test_steps_are_right_aligned_and_pauses_stay_pauses() -> None:
    steps = voice_steps(clip(0, "01101"), 4)
    assert [None if step is None else int(step[0]) for step in steps] == [None] * 6 + [
        1,
        2,
        None,
        4,
    ]


def test_a_voice_that_goes_on_follows_what_it_said_before() -> None:
    before, now = clip(0, "0110000"), clip(0, "00001")
    steps = drawn_voice_steps(now, np.random.default_rng(0), before=before)
    assert [None if step is None else int(step[0]) for step in steps][-8:] == [
        None, 1, 2, None, None, None, None, 4,
    ]  # fmt: skip


def test_short_coverage_is_under_three_steps() -> None:
    rng = np.random.default_rng(1)
    assert all(1 <= face_presence(rng, short=True).sum() < 3 for _ in range(200))
    lengths = {int(face_presence(rng).sum()) for _ in range(500)}
    assert lengths == set(range(1, SEQ_LEN + 1))


def test_judged_samples_are_every_clip_and_every_still(sampler: Sampler) -> None:
    voices = [clip(0, "01111111"), clip(3, "1")]
    stills = [still(0, 0.0, "ada"), still(3, 0.3, "grace"), still(3, 0.3, "mary")]
    rng = np.random.default_rng(2)
    heard = judged_set(Profile.AUDIO_ONLY, sampler, voices, stills, 3, rng)
    assert heard.labels.tolist() == [0, 0, 0, 3]
    seen = judged_set(Profile.VIDEO_ONLY, sampler, voices, stills, 3, rng)
    assert seen.owners == ("ada", "grace", "mary")
    pairs = judged_set(Profile.BOTH, sampler, voices, stills, 3, rng)
    assert pairs.labels.tolist() == heard.labels.tolist()
    assert pairs.corpora == ("ravdess+fer2013",) * 4
    assert {PROFILES[index] for index in pairs.sequences.profiles} == {Profile.BOTH}


def test_motion_is_made_of_changes_within_one_person_and_label() -> None:
    rng = np.random.default_rng(3)
    lone = [still(0, 0.9, f"person-{number}", "faces") for number in range(5)]
    twice = [
        Still("faces", "ada", 3, Split.TRAIN, rng.uniform(0, 1, FACE_DIM).astype(np.float32))
        for _ in range(4)
    ]
    motion = motion_of([*lone, *twice, still(3, 0.5, "ada", "fer2013")], WAVER, rng)
    assert len(motion.turning) == 3
    assert motion.expression[:, POSE] == pytest.approx(np.zeros((3, 3)), abs=1e-5)
    steps = motion.sequence(twice[0].vector, rng)
    assert steps.shape == (SEQ_LEN, FACE_DIM)
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
