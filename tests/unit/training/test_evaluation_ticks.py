from dataclasses import replace

import numpy as np
import pytest

from hoovik.schema.emotion import Profile
from tests.unit.training.extracts import extract_of, still
from training.corpora.clip import Modality
from training.evaluation.subjects import judged
from training.evaluation.ticks import Tick, ticks_of
from training.extraction.encoding import Extracted, tick_centres_s


def numbers(ticks: tuple[Tick, ...]) -> list[int]:
    return [tick.number for tick in ticks]


def test_a_voice_is_judged_at_every_tick_that_it_speaks_at() -> None:
    voice = extract_of(Modality.AUDIO, spoken=[0, 3, 4, 12], n_ticks=14)
    ticks = ticks_of(Profile.AUDIO_ONLY, voice, None)
    assert numbers(ticks) == [0, 3, 4, 12]
    last = ticks[-1].sequence()
    # Steps 3 to 12: the voice at 3 and 4 is the first and second of them, 0 is too long ago.
    assert np.flatnonzero(last.audio_mask).tolist() == [0, 1, 9]
    np.testing.assert_array_equal(last.audio[[0, 1, 9]], voice.audio[1:])
    assert last.profile is Profile.AUDIO_ONLY
    assert not last.face_mask.any()


def test_the_first_tick_of_a_voice_has_one_step() -> None:
    voice = extract_of(Modality.AUDIO, spoken=[0])
    first = ticks_of(Profile.AUDIO_ONLY, voice, None)[0].sequence()
    assert np.flatnonzero(first.audio_mask).tolist() == [9]


def test_a_video_is_judged_while_a_face_was_seen_within_0_4_s() -> None:
    # Tick i happens at 0.6 + 0.3 i seconds.
    video = extract_of(Modality.VIDEO, face_s=[0.0, 0.2, 1.0, 1.2], n_ticks=6)
    ticks = ticks_of(Profile.VIDEO_ONLY, None, video)
    # 0.6 (0.2 is just fresh), then 1.2 and 1.5; at 0.9 the newest is 0.7 s old, at 1.8 0.6 s.
    assert numbers(ticks) == [0, 2, 3]
    # Tick 2 is centred at 0.9, and takes the frame of 1.0 s.
    assert ticks[1].sequence().face[9, 0] == pytest.approx(1.0)


def test_a_face_that_no_step_has_yet_is_no_result() -> None:
    late = extract_of(Modality.VIDEO, face_s=[0.58], n_ticks=1)
    assert ticks_of(Profile.VIDEO_ONLY, None, late) == ()


def test_a_still_is_judged_once_at_the_end_of_its_readings() -> None:
    ticks = ticks_of(Profile.VIDEO_ONLY, None, still())
    assert numbers(ticks) == [9]
    assert ticks[0].sequence().face_mask.all()


def test_labels_do_not_choose_the_ticks() -> None:
    video = extract_of(
        Modality.BOTH, spoken=[1, 2, 5], face_s=np.arange(0, 2, 0.2), n_ticks=8, label=1
    )
    for profile in Profile:
        chosen = {
            label: judged(profile, [replace(video, clip=replace(video.clip, label=label))], 0)
            for label in range(6)
        }
        assert len({tuple(numbers(one.subjects[0].ticks)) for one in chosen.values()}) == 1


def test_voice_and_face_together_are_judged_where_both_are_live() -> None:
    video = extract_of(Modality.BOTH, spoken=[1, 5, 7], face_s=np.arange(0, 2.1, 0.2), n_ticks=8)
    both = judged(Profile.BOTH, [video, still(name="other")], 0)
    assert both.pairs == "real"
    assert [subject.clip.name for subject in both.subjects] == ["clip"]
    # The face is last seen at 2.0 s; tick 7 happens at 2.7 s.
    assert numbers(both.subjects[0].ticks) == [1, 5]


def test_clips_of_none_of_the_six_are_left_out() -> None:
    surprised = [
        extract_of(Modality.AUDIO, spoken=[1], label=None),
        still(label=None),
        extract_of(Modality.BOTH, spoken=[1], face_s=[0.4, 0.6], label=None),
    ]
    for profile in Profile:
        chosen = judged(profile, surprised, 0)
        assert chosen.subjects == ()
        assert chosen.without_result == 0


def test_clips_without_any_result_are_counted() -> None:
    silent = extract_of(Modality.AUDIO)
    faceless = extract_of(Modality.STILL)
    assert judged(Profile.AUDIO_ONLY, [silent, faceless], 0).without_result == 1
    assert judged(Profile.VIDEO_ONLY, [silent, faceless], 0).without_result == 1
    assert judged(Profile.BOTH, [silent, faceless], 0).without_result == 1


def test_pairs_are_made_by_label_and_by_seed_and_end_at_the_tick() -> None:
    voices = [
        extract_of(Modality.AUDIO, spoken=[0, 6], label=label, name=f"voice-{label}-{n}")
        for label in (0, 1)
        for n in range(4)
    ]
    faces = [
        still(label=label, name=f"face-{label}-{n}", corpus="pictures", seed=n)
        for label in (0, 1)
        for n in range(8)
    ]
    pairs = judged(Profile.BOTH, [*voices, *faces], seed=1)
    assert pairs.pairs == "by label"
    assert [subject.clip.name for subject in pairs.subjects] == [one.clip.name for one in voices]
    for subject in pairs.subjects:
        assert subject.corpus == "made+pictures"
        assert numbers(subject.ticks) == [0, 6]
        for tick in subject.ticks:
            assert tick.face is not None
            assert tick.face.clip.label == subject.label
            sequence = tick.sequence()
            assert sequence.profile is Profile.BOTH
            # All ten readings, the last one at the tick, even where the voice has just begun.
            assert sequence.face_mask.all()
            np.testing.assert_array_equal(sequence.face, tick.face.face)

    def drawn(extracted: list[Extracted], seed: int) -> dict[str, str]:
        subjects = judged(Profile.BOTH, extracted, seed).subjects
        return {one.clip.name: one.ticks[0].face.clip.name for one in subjects if one.ticks[0].face}

    assert drawn([*voices, *faces], 1) == drawn([*reversed(voices), *faces], 1)
    assert drawn([*voices, *faces], 1) != drawn([*voices, *faces], 2)


def test_a_face_of_a_pair_ends_at_its_last_reading() -> None:
    voice = extract_of(Modality.AUDIO, spoken=[4])
    video = extract_of(Modality.VIDEO, face_s=[5.0, 5.2, 5.4], n_ticks=30)
    (subject,) = judged(Profile.BOTH, [voice, video], 0).subjects
    tick = subject.ticks[0]
    assert 5.4 + tick.face_lead_s == pytest.approx(tick_centres_s(5)[-1])
    assert tick.sequence().face[9, 0] == pytest.approx(5.4)
