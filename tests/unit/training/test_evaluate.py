import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from commands.evaluate_table import corruption_table, left_out_lines, profile_table
from commands.main import app
from hoovik.errors import BundleError
from hoovik.features.sequence import SequenceBatch
from hoovik.models.bundle import Bundle
from hoovik.models.probability import with_prior
from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.settings import MODEL_ARTIFACTS, AudioSettings
from training.corpora.clip import Clip, Modality
from training.corpora.record import record_of, write_splits
from training.corpora.registry import open_corpora
from training.evaluation.corrupting import CORRUPTIONS
from training.evaluation.evaluate import (
    Extent,
    NothingToJudgeError,
    evaluate,
    flagged_shares,
)
from training.evaluation.prediction import ALPHA, BundleModels
from training.evaluation.subjects import judged
from training.extraction.encoders import EncoderSource
from training.extraction.parallel import extract
from training.splits import Split

pytestmark = pytest.mark.data

BUNDLE = MODEL_ARTIFACTS / "embedded"
SOURCE = EncoderSource(BUNDLE)
RECORDING = "vr_5.mp4"
PROFILE_KEYS = {
    "n", "speakers", "ticks", "accuracy", "uar", "uar_ci", "recall", "confusion", "ece", "nll",
    "brier", "uncalibrated", "anomaly_rate", "by_corpus", "by_sex", "ablations", "reliability",
    "anomaly_scores", "by_tick", "told", "aurc", "aurc_ci", "risk_coverage", "class_ece",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the extractions that the tests of this module share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def clips(data: Path) -> list[Clip]:
    """Twelve voices of two actors, one of whom the models know, and a face of each class."""
    voices = [
        clip
        for clip in open_corpora([f"ravdess:{data / 'ravdess'}"])
        if clip.speaker in {"ravdess-01", "ravdess-23"}
    ]
    pictures = open_corpora([f"fer2013:{data / 'fer2013'}"])

    def some(among: list[Clip], n: int) -> list[Clip]:
        return [clip for label in range(6) for clip in [c for c in among if c.label == label][:n]]

    known = some([clip for clip in voices if clip.speaker == "ravdess-01"], 1)
    return (
        known
        + some([clip for clip in voices if clip.speaker == "ravdess-23"], 1)
        + some([clip for clip in pictures if clip.usage == "PublicTest"], 1)
    )


@pytest.fixture(scope="module")
def figures(clips: list[Clip], folder: Path) -> dict[str, Any]:
    splits = {
        Split.TRAIN: [clip for clip in clips if clip.speaker == "ravdess-01"],
        Split.TEST: [clip for clip in clips if clip.speaker == "ravdess-23"],
    }
    return evaluate(
        BUNDLE,
        clips,
        SOURCE,
        splits=record_of(splits, 0),
        extent=Extent(told_clips=3, corrupted_clips=2, resamples=50),
        folder=folder,
        progress=False,
    )


def test_every_figure_is_there_and_is_json(figures: dict[str, Any]) -> None:
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert set(figures["profiles"]) == {profile.value for profile in Profile}
    for name, one in figures["profiles"].items():
        assert set(one) == PROFILE_KEYS | ({"pairs"} if name == "both" else set())
        assert set(one["recall"]) == set(EMOTIONS)
        assert np.sum(one["confusion"]) == one["n"]
        assert set(one["ablations"]) == {
            "transformer",
            "trees",
            "linear",
            "without_calibration",
            "majority",
        }
        assert set(one["uncalibrated"]) >= {"ece", "nll", "brier", "uar"}
        assert one["uar_ci"][0] <= one["uar"] <= one["uar_ci"][1]
        assert (
            sum(one["anomaly_scores"]["counts"]) + one["anomaly_scores"]["by_fallback"]
            == (one["ticks"])
        )
    assert figures["bundle"] == Bundle.open(BUNDLE).version
    assert figures["profiles"]["both"]["pairs"] == "by label"
    assert figures["unreadable"] == []


def test_whom_the_bundle_has_seen_is_left_out(figures: dict[str, Any]) -> None:
    assert figures["left_out"] == {"ravdess": 6}
    voices = figures["profiles"]["audio_only"]
    assert voices["n"] + figures["without_result"]["audio_only"] == 6
    assert voices["by_sex"] == {"male": voices["by_corpus"]["ravdess"]}


def test_corruptions_of_each_modality_are_judged_alone_and_in_both(figures: dict[str, Any]) -> None:
    corruptions = figures["corruptions"]
    names = {*CORRUPTIONS}
    assert set(corruptions) == names | {f"{name} in both" for name in names}
    for one in corruptions.values():
        assert one["n"] <= 2
        assert 0 <= one["clean"] <= 1
        assert one["caught"] == pytest.approx(one["withheld"] + one["flagged"], abs=2e-4)
    for name in ("silence", "silence in both", "black frame", "black frame in both"):
        assert corruptions[name]["withheld"] == 1
    for name in ("shuffled landmarks", "frozen frame"):
        assert corruptions[name]["withheld"] == 0
    for key in ("caught", "caught_minus_clean"):
        mean = np.mean([one[key] for one in corruptions.values()])
        assert figures[f"{key}_mean"] == pytest.approx(mean, abs=1e-4)


def test_the_tables_fit_a_terminal_and_show_every_row(figures: dict[str, Any]) -> None:
    console = Console(width=80, record=True, file=StringIO())
    console.print(profile_table(figures))
    console.print(corruption_table(figures))
    shown = console.export_text()
    for row in (*figures["profiles"], *EMOTIONS, *figures["corruptions"]):
        assert row in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "6 clips of ravdess are of people whom the bundle has seen; left out." in list(
        left_out_lines(figures)
    )


def test_shares_flagged_are_those_of_the_figures(
    clips: list[Clip], folder: Path, figures: dict[str, Any]
) -> None:
    unseen = [clip for clip in clips if clip.speaker != "ravdess-01"]
    extracted = extract(unseen, SOURCE, folder=folder, progress=False).extracted
    shares = flagged_shares(Bundle.open(BUNDLE), extracted, 0)
    assert shares == {name: one["anomaly_rate"] for name, one in figures["profiles"].items()}


def test_ticks_are_predicted_as_the_service_predicts_them(clips: list[Clip], folder: Path) -> None:
    bundle = Bundle.open(BUNDLE)
    extracted = extract(clips, SOURCE, folder=folder, progress=False).extracted
    ticks = [
        tick
        for profile in Profile
        for subject in judged(profile, extracted, 0).subjects
        for tick in subject.ticks
    ]
    said = BundleModels.of(bundle).predict(ticks)
    batch = SequenceBatch.stack([tick.sequence() for tick in ticks])
    ensemble = bundle.load_ensemble()
    served = ensemble.predict(bundle.load_transform().apply(batch))
    told = with_prior(said.calibrated, ensemble.fusion.prior, ensemble.prior)
    np.testing.assert_allclose(told, [one.probs for one in served], atol=1e-5)
    assert said.anomaly.tolist() == [one.anomaly_score < ALPHA for one in served]
    np.testing.assert_allclose(said.anomaly_score, [one.anomaly_score for one in served], atol=1e-5)
    np.testing.assert_allclose(said.uncalibrated.sum(axis=1), 1, atol=1e-5)


def test_a_video_with_sound_is_a_real_pair(data: Path, folder: Path) -> None:
    video = data / "recordings" / RECORDING
    clip = Clip("mine", RECORDING, "mine-01", None, EMOTIONS.index("happy"), Modality.BOTH, video)
    figures = evaluate(
        BUNDLE,
        [clip],
        SOURCE,
        splits=None,
        extent=Extent((Profile.BOTH,), corrupted_clips=1, resamples=2),
        folder=folder,
        progress=False,
    )
    assert figures["profiles"]["both"]["pairs"] == "real"
    assert figures["profiles"]["both"]["ticks"] > 5
    assert figures["left_out"] == {}
    corruptions = figures["corruptions"]
    assert corruptions["silence in both"]["withheld"] == 1
    assert corruptions["black frame in both"]["withheld"] == 1
    # The voice is still told, alone, and why.
    assert corruptions["frozen frame in both"]["reasons"]["frozen"] > 0.8


def test_nothing_to_judge_is_said(clips: list[Clip], folder: Path) -> None:
    everyone = record_of({Split.TRAIN: clips[:6]}, 0)
    with pytest.raises(NothingToJudgeError, match="6 are of people whom the bundle has seen"):
        evaluate(BUNDLE, clips[:6], SOURCE, splits=everyone, folder=folder, progress=False)


def test_other_encoders_than_the_bundle_knows_are_refused(clips: list[Clip]) -> None:
    with pytest.raises(BundleError, match="wav2vec2"):
        evaluate(
            BUNDLE, clips, EncoderSource(BUNDLE, AudioSettings(encoder="wav2vec2")), splits=None
        )


def test_the_command_writes_figures_and_leaves_out_whom_it_is_told_to(
    data: Path, clips: list[Clip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = tmp_path / "mine.csv"
    rows = [
        f"{clip.media},{EMOTIONS[clip.label or 0]},{number % 3},audio"
        for number, clip in enumerate(clips[:12])
    ]
    manifest.write_text("\n".join(["path,label,speaker,modality", *rows]) + "\n")
    out, splits = tmp_path / "figures.json", tmp_path / "splits.json"
    arguments = ["evaluate", "--bundle", str(BUNDLE), "--corpus", f"manifest:{manifest}"]
    arguments += ["--profile", "audio_only", "--json", str(out)]
    monkeypatch.chdir(tmp_path)  # where the cache goes

    said = CliRunner().invoke(app, arguments)
    assert said.exit_code == 0, said.output
    assert "audio_only" in said.output
    first = json.loads(out.read_text())
    assert set(first["profiles"]) == {"audio_only"}
    assert first["corruptions"] == {}
    assert first["caught_mean"] is None

    mine = open_corpora([f"manifest:{manifest}"])
    write_splits(splits, record_of({Split.TRAIN: [c for c in mine if c.speaker == "mine-00"]}, 0))
    said = CliRunner().invoke(app, [*arguments, "--split-file", str(splits)])
    assert said.exit_code == 0, said.output
    assert "nobody is left out" not in said.output
    assert json.loads(out.read_text())["left_out"] == {"mine": 4}
