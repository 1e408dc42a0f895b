import numpy as np
import pytest

from hoovik.models.fusion import Fusion, Pool
from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.outbound import Emotion
from hoovik.schema.reason import Reason
from tests.unit.training.extracts import extract_of
from training.corpora.clip import Modality
from training.evaluation.figures import SCORE_EDGES, profile_figures, told_figures
from training.evaluation.prediction import ALPHA, TickPredictions, mean_by_clip
from training.evaluation.sessions import Told
from training.evaluation.subjects import Judged, judged

TRUTH = (0, 0, 1, 1, 3, 3)
SAID = (0, 1, 1, 1, 3, 0)
FUSION = Fusion(audio_only=Pool(least=0.3))
SEXES = ("female", "female", "female", "male", "male", None)


def six_voices() -> Judged:
    extracted = [
        extract_of(
            Modality.AUDIO,
            label=label,
            spoken=[1, 2],
            speaker=f"made-{place // 2}",
            sex=SEXES[place],
            corpus="made" if place < 4 else "other",
            name=str(place),
        )
        for place, label in enumerate(TRUTH)
    ]
    return judged(Profile.AUDIO_ONLY, extracted, 0)


def said_at_ticks() -> TickPredictions:
    # At its first tick every clip says disgust, at its second, more surely, what it says in all.
    probs = np.zeros((12, 6))
    probs[0::2, 2], probs[0::2, 5] = 0.6, 0.4
    probs[np.arange(1, 12, 2), SAID] = 1.0
    flat = np.full((12, 6), 1 / 6)
    scores = np.linspace(0.01, 0.9, 12).astype(np.float32)
    return TickPredictions(
        probs,
        flat,
        np.stack([probs, flat, flat], axis=1),
        np.arange(12) < 3,
        scores,
        np.arange(12) % 2 == 0,
    )


@pytest.fixture(scope="module")
def figures() -> dict:
    return profile_figures(six_voices(), said_at_ticks(), resamples=200, seed=0)


def test_a_clip_says_the_mean_of_its_ticks(figures: dict) -> None:
    # Each mean is 0.5 for what the clip says in all, and 0.3 for disgust.
    assert figures["n"] == 6
    assert figures["ticks"] == 12
    assert figures["accuracy"] == pytest.approx(4 / 6, abs=1e-4)
    assert figures["nll"] == pytest.approx((4 * -np.log(0.5) + 2 * -np.log(1e-12)) / 6, abs=1e-3)


def test_recall_and_confusion_are_by_class(figures: dict) -> None:
    assert figures["recall"] == dict(zip(EMOTIONS, (0.5, 1, None, 0.5, None, None), strict=True))
    assert figures["uar"] == pytest.approx(2 / 3, abs=1e-4)
    confusion = np.array(figures["confusion"])
    assert confusion.sum() == 6
    assert confusion[0].tolist() == [1, 1, 0, 0, 0, 0]
    assert confusion[3].tolist() == [1, 0, 0, 1, 0, 0]


def test_the_interval_is_over_speakers_and_holds_the_figure(figures: dict) -> None:
    low, high = figures["uar_ci"]
    assert figures["speakers"] == 3
    assert low < figures["uar"] < high


def test_groups_are_those_that_the_corpus_names(figures: dict) -> None:
    assert figures["by_sex"] == {
        "female": {"n": 3, "accuracy": 0.6667, "uar": 0.75},
        "male": {"n": 2, "accuracy": 1.0, "uar": 1.0},
    }
    assert figures["by_corpus"]["made"]["n"] == 4
    assert figures["by_corpus"]["other"] == {"n": 2, "accuracy": 0.5, "uar": 0.5}


def test_reliability_counts_every_clip_once(figures: dict) -> None:
    assert len(figures["reliability"]) == 15
    # All are half sure, and two thirds of them are right.
    (bin_,) = [one for one in figures["reliability"] if one["n"]]
    assert bin_ == {"confidence": 0.5, "accuracy": 0.6667, "n": 6}
    assert figures["ece"] == pytest.approx(1 / 6, abs=1e-4)
    assert sum(one["n"] for one in figures["uncalibrated"]["reliability"]) == 6


def test_ablations_are_the_parts_alone(figures: dict) -> None:
    assert figures["ablations"]["transformer"]["nll"] == figures["nll"]
    assert figures["ablations"]["trees"]["nll"] == pytest.approx(np.log(6), abs=1e-4)
    assert figures["ablations"]["without_calibration"]["uar"] == figures["uncalibrated"]["uar"]


def test_anomalies_are_counted_by_tick(figures: dict) -> None:
    assert figures["anomaly_rate"] == 0.25
    scores = figures["anomaly_scores"]
    assert sum(scores["counts"]) == 6
    assert scores["by_fallback"] == 6
    assert scores["threshold"] == ALPHA
    assert len(scores["edges"]) == len(scores["counts"]) + 1 == len(SCORE_EDGES)
    assert scores["counts"][0] == 1


def test_only_voice_and_face_together_have_pairs(figures: dict) -> None:
    assert "pairs" not in figures


def test_the_ticks_of_clips_must_add_up() -> None:
    values = np.arange(10.0).reshape(5, 2)
    np.testing.assert_allclose(mean_by_clip(values, [2, 3]), [[1, 2], [6, 7]])
    with pytest.raises(ValueError, match="5 ticks for clips of 4"):
        mean_by_clip(values, [2, 2])
    with pytest.raises(ValueError, match="at least one"):
        mean_by_clip(values, [5, 0])


def told_of(clip: int) -> Told:
    """First nothing is sure, and disgust is told; then what the clip says in all. The last is alone."""

    def result(label: int, share: float, *, uncertain: bool, unfit: bool = False) -> Emotion:
        probs = dict.fromkeys(EMOTIONS, (1 - share) / 5) | {EMOTIONS[label]: share}
        reasons = [Reason.CLIPPED] if unfit else []
        return Emotion(
            emotion=EMOTIONS[label],
            confidence=share,
            probs=probs,
            modality=Profile.AUDIO_ONLY,
            anomaly=unfit,
            anomaly_reasons=reasons,
            anomaly_score=0.5,
            uncertain=uncertain,
            raw_emotion=EMOTIONS[label],
            untrained=None,
        )

    first = result(2, 0.6, uncertain=True, unfit=clip == 0)
    alone = result(2, 1.0, uncertain=False).model_copy(update={"modality": Profile.VIDEO_ONLY})
    return {1: first, 2: result(SAID[clip], 0.9, uncertain=False), 3: alone}


@pytest.fixture(scope="module")
def told() -> dict:
    subjects = six_voices().subjects
    clips = [told_of(place) for place in range(len(TRUTH))]
    return told_figures(Profile.AUDIO_ONLY, subjects, clips, FUSION)


def test_what_is_told_counts_as_a_meeting_has_it(told: dict) -> None:
    # Anger is 0.07 of a meeting, fear 0.04, joy 0.16; of its two clips anger has one right.
    right = (0.07 / 2 + 0.04 + 0.16 / 2) / 0.27 / 2
    assert (told["n"], told["ticks"]) == (6, 12)
    assert told["uncertain"] == 0.5
    assert told["accuracy"] == pytest.approx(right, abs=1e-4)
    assert told["coverage"] == pytest.approx(right, abs=1e-4)
    assert told["accuracy_certain"] == pytest.approx(2 * right, abs=1e-4)
    assert told["uar"] == pytest.approx(1 / 3, abs=1e-4)
    assert told["uar_certain"] == pytest.approx(2 / 3, abs=1e-4)


def test_what_is_flagged_is_held_against_what_is_right(told: dict) -> None:
    # One tick of four of anger, and that wrong.
    assert told["flagged_wrong"] == told["flagged"] == pytest.approx(0.07 / 0.27 / 4, abs=1e-4)
    assert told["flagged_right"] == 0
    assert told["passed_right"] == told["accuracy"]
    names = ("flagged_right", "flagged_wrong", "passed_right", "passed_wrong")
    assert sum(told[name] for name in names) == pytest.approx(1, abs=2e-4)


def test_speakers_of_few_clips_are_not_compared(told: dict) -> None:
    assert told["by_speaker"] is None


def test_the_worst_speaker_is_named_by_figures_alone() -> None:
    extracted = [
        extract_of(Modality.AUDIO, label=0, spoken=[1], speaker=f"made-{n // 5}", name=str(n))
        for n in range(10)
    ]
    subjects = judged(Profile.AUDIO_ONLY, extracted, 0).subjects
    # Of the first speaker everything is right at the second tick, of the other nothing.
    clips = [told_of(0 if n < 5 else 1) for n in range(10)]
    by_speaker = told_figures(Profile.AUDIO_ONLY, subjects, clips, FUSION)["by_speaker"]
    assert by_speaker == {
        "speakers": 2,
        "coverage_mean": 0.25,
        "coverage_worst": {"n": 5, "coverage": 0.0},
        "worst": {"n": 5, "accuracy": 0.0, "uar": 0.0},
    }


def test_risk_and_calibration_of_classes_have_intervals(figures: dict) -> None:
    assert figures["risk_coverage"][-1] == {"coverage": 1.0, "risk": 0.3333}
    low, high = figures["aurc_ci"]
    assert low <= figures["aurc"] <= high
    # Nobody shows disgust, which every clip has at 0.3.
    assert figures["class_ece"]["disgust"] == {"value": 0.3, "ci": [0.3, 0.3]}


def test_the_majority_is_a_baseline(figures: dict) -> None:
    majority = figures["ablations"]["majority"]
    assert majority["uar"] == pytest.approx(1 / 3, abs=1e-4)
    assert majority["nll"] == pytest.approx(np.log(3), abs=1e-4)
    assert majority["ece"] == 0
