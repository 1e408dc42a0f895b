"""Clips through the session: what is told of real people, as they are and when something goes wrong."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hoovik.models.bundle import Bundle
from hoovik.schema.emotion import Profile
from hoovik.schema.reason import Reason
from hoovik.settings import MODEL_ARTIFACTS
from training.corpora.clip import Clip
from training.corpora.registry import open_corpora
from training.evaluation.corrupting import CORRUPTIONS
from training.evaluation.prediction import BundleModels
from training.evaluation.robustness import corruption_figures
from training.evaluation.sessions import Sessions, due
from training.evaluation.subjects import Judged, judged
from training.extraction.encoders import EncoderSource
from training.extraction.encoding import Extracted, Reading, encode_takes

pytestmark = pytest.mark.data

BUNDLE = MODEL_ARTIFACTS / "embedded"


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    torch.set_num_threads(1)
    models = BundleModels.of(Bundle.open(BUNDLE))
    return Sessions.of(models, EncoderSource(BUNDLE), Reading())


@pytest.fixture(scope="module")
def extracted(data: Path, sessions: Sessions) -> list[Extracted]:
    """A voice and a picture of each of four classes."""
    voices = open_corpora([f"ravdess:{data / 'ravdess'}"])
    pictures = open_corpora([f"ferplus:{data / 'ferplus'}"])

    def some(clips: list[Clip]) -> list[Clip]:
        return [next(clip for clip in clips if clip.label == label) for label in (0, 3, 4, 5)]

    chosen = some([one for one in voices if one.speaker == "ravdess-23"])
    chosen += some([one for one in pictures if one.usage == "PublicTest"])
    return [encode_takes(clip, sessions.encoders, sessions.how)[0] for clip in chosen]


@pytest.fixture(scope="module")
def caught(extracted: list[Extracted], sessions: Sessions) -> dict[str, dict]:
    figures = {}
    for profile in Profile:
        chosen = judged(profile, extracted, 0)
        clean = sessions.tell(chosen.subjects)
        figures |= corruption_figures(chosen, chosen.subjects, clean, sessions)
    return figures


def voices(extracted: list[Extracted]) -> Judged:
    return judged(Profile.AUDIO_ONLY, extracted, 0)


def test_a_voice_is_judged_at_the_ticks_that_were_extracted(
    extracted: list[Extracted], sessions: Sessions
) -> None:
    chosen = voices(extracted)
    told = sessions.tell(chosen.subjects)
    assert chosen.subjects
    for subject, own in zip(chosen.subjects, told, strict=True):
        said = sessions.models.predict(subject.ticks)
        # A tick is named by its centre there, and by the end of its window here.
        numbers = [tick.number + 2 for tick in subject.ticks]
        together = [place for place, number in enumerate(numbers) if number in own]
        assert len(together) >= 0.8 * len(numbers)
        last = together[-1]
        score = own[numbers[last]].anomaly_score
        assert score == pytest.approx(said.anomaly_score[last], abs=0.02)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("clipping", Reason.CLIPPED),
        ("clipping in both", Reason.CLIPPED),
        ("frozen frame", Reason.FROZEN),
        ("frozen frame in both", Reason.FROZEN),
        ("noise", Reason.NOISY),
        ("black frame in both", Reason.NO_FACE),
    ],
)
def test_what_a_rule_catches_is_caught_and_called_by_its_name(
    caught: dict[str, dict], name: str, reason: Reason
) -> None:
    one = caught[name]
    assert one["n"] >= 3
    assert one["caught"] >= 0.8
    assert one["reasons"][reason.value] >= 0.8
    assert one["by_forest"] <= one["flagged"] <= one["caught"]
    assert one["caught_minus_clean"] == pytest.approx(one["caught"] - one["clean"], abs=2e-4)


def test_no_rule_knows_that_landmarks_have_changed_places(caught: dict[str, dict]) -> None:
    one = caught["shuffled landmarks"]
    assert one["by_forest"] == one["flagged"] >= 0.8


def test_of_voice_and_face_the_other_is_left_alone(
    extracted: list[Extracted], sessions: Sessions
) -> None:
    subjects = judged(Profile.BOTH, extracted, 0).subjects
    told = sessions.tell(subjects), sessions.tell(subjects, CORRUPTIONS["clipping"])
    for clean, clipped in zip(*told, strict=True):
        assert due(clean, Profile.BOTH)
        for number in due(clean, Profile.BOTH):
            assert clipped[number].modality is Profile.VIDEO_ONLY
            assert (
                not clipped[number].anomaly
                or Reason.UNUSUAL_FACE in clipped[number].anomaly_reasons
            )


def test_the_same_is_told_each_time(extracted: list[Extracted], sessions: Sessions) -> None:
    subjects = judged(Profile.BOTH, extracted, 0).subjects[:2]
    again = Sessions(sessions.models, sessions.encoders, sessions.settings, sessions.how)
    for first, second in zip(sessions.tell(subjects), again.tell(subjects), strict=True):
        assert first.keys() == second.keys()
        for number, one in first.items():
            probs = list(second[number].probs.values())
            np.testing.assert_allclose(list(one.probs.values()), probs, atol=1e-4)
