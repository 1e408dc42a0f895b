from dataclasses import replace

import numpy as np
import pytest

from hoovik.features.baseline import Voices
from hoovik.layout import AUDIO_DIM
from hoovik.schema.emotion import EMOTIONS, MEETING_PRIOR, Profile
from tests.unit.training.extracts import extract_of
from training.build.clips import VoiceClip
from training.build.motion import Motion
from training.build.sampler import Sampler
from training.build.streams import Streams, everybody, heard, in_streams, streams_of
from training.corpora.clip import Modality
from training.extraction.encoding import Extracted

from .test_samples import NOWHERE

ZERO = Voices(np.zeros(AUDIO_DIM, np.float32), weight=10, memory=600)
CLASSES = range(len(EMOTIONS))


def voice(
    label: int, value: float, speaker: str = "a-1", *, n: int = 6, take: int = 0
) -> VoiceClip:
    """A clip whose every vector has one value."""
    steps = (np.full(AUDIO_DIM, value, np.float32),) * n
    return VoiceClip(speaker, speaker[0], label, steps, name=f"{label}", take=take)


def removed(clip: VoiceClip, streams: Streams, rng: np.random.Generator) -> float:
    """What is taken away from a vector that teaches nothing."""
    baseline = streams.before(clip, rng)
    assert baseline is not None
    return -float(baseline.remove(np.zeros(AUDIO_DIM, np.float32), learn=False)[0])


def test_speakers_say_what_people_say_in_a_meeting() -> None:
    clips = [voice(label, float(label == 5)) for label in CLASSES for _ in range(1 + label % 2)]
    clips.append(replace(voice(0, 0.0), name="judged"))
    streams, rng = Streams(clips, ZERO), np.random.default_rng(0)
    # Of the shortest streams hardly anything is removed, of the longest nearly all.
    drawn = np.array([removed(clips[-1], streams, rng) for _ in range(500)])
    assert drawn.min() == 0
    assert np.median(drawn) == pytest.approx(MEETING_PRIOR[5] * 100 / 110, abs=0.06)


def test_a_clip_is_not_heard_before_itself_nor_by_another_speaker_or_take() -> None:
    clips = [
        voice(0, 100.0),
        voice(1, 1.0),
        voice(1, 50.0, "a-2"),
        voice(1, 70.0, take=1),
    ]
    streams, rng = Streams(clips, ZERO), np.random.default_rng(0)
    assert 0.5 < max(removed(clips[0], streams, rng) for _ in range(100)) <= 1
    alone = Streams(clips[:1], ZERO)
    assert {removed(clips[0], alone, rng) for _ in range(20)} == {0}


def test_without_voices_there_is_no_baseline() -> None:
    streams = Streams([voice(0, 1.0)], None)
    assert streams.before(voice(0, 1.0), np.random.default_rng(0)) is None
    steps = [np.ones(AUDIO_DIM, np.float32), None]
    assert heard(steps, None) is steps


def test_corpora_and_speakers_count_alike_in_everybodys_mean() -> None:
    clips = [voice(5, 1.0, "a-1"), voice(5, 1.0, "a-1"), voice(5, 3.0, "a-2"), voice(5, 8.0, "b-1")]
    voices = everybody(clips, 10, 600)
    np.testing.assert_allclose(voices.mean, (2.0 + 8.0) / 2)
    meeting = everybody([voice(label, float(label == 5)) for label in CLASSES], 10, 600)
    np.testing.assert_allclose(meeting.mean, MEETING_PRIOR[5], rtol=1e-5)


def spoken(name: str, label: int, speaker: str, seed: int) -> Extracted:
    return extract_of(
        Modality.AUDIO, label=label, spoken=range(8), name=name, speaker=speaker, seed=seed
    )


def test_what_is_judged_has_been_through_its_own_stream() -> None:
    clips = [spoken(f"{number}", number % 6, "made-01", number) for number in range(12)]
    for one in clips:
        one.audio[:] += 5
    still_there = [one.audio.copy() for one in clips]
    judged = in_streams(clips, ZERO, seed=0)
    left = [one.audio.mean() for one in judged]
    assert np.mean(left) < 2, "most of what sets the speaker apart is gone"
    assert max(left) > 2 * min(left), "some are at the beginning of a meeting"
    again = streams_of(clips, ZERO).heard(clips[3], 0)
    np.testing.assert_array_equal(again.audio, judged[3].audio)
    for before, one in zip(still_there, clips, strict=True):
        np.testing.assert_array_equal(one.audio, before)
    assert in_streams(clips, None, seed=0) == clips


def test_a_clip_is_judged_causally() -> None:
    clips = [spoken(f"{number}", number % 6, "made-01", number) for number in range(12)]
    whole = streams_of(clips, ZERO).heard(clips[0], 0)
    half = replace(clips[0], audio=clips[0].audio[:4], audio_ticks=clips[0].audio_ticks[:4])
    begun = streams_of(clips, ZERO).heard(half, 0)
    np.testing.assert_array_equal(begun.audio, whole.audio[:4])


def test_models_learn_from_voices_as_a_session_has_them() -> None:
    clips = [
        replace(voice(label, 4.0, f"a-{speaker}"), name=f"{label} {again}")
        for label in CLASSES
        for speaker in range(2)
        for again in range(3)
    ]
    still = Motion(NOWHERE, NOWHERE)
    plain, own = Sampler(clips, [], still), Sampler(clips, [], still, ZERO)
    rng = np.random.default_rng(0)

    def drawn(sampler: Sampler) -> np.ndarray:
        sequences = [sampler.draw(Profile.AUDIO_ONLY, rng).sequence for _ in range(200)]
        return np.array([one.audio[one.audio_mask].mean() for one in sequences])

    assert set(drawn(plain)) == {4.0}
    left = drawn(own)
    assert left.max() > 2.5
    assert np.median(left) < 1
