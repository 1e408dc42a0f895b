"""The whole of training, of next to nothing: `make train-smoke`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hoovik.models.bundle import ENCODER_FILES, MODEL_FILES, Bundle
from training.build.files import CARD
from training.splits import SPLITS_FILE

ROOT = Path(__file__).resolve().parents[2]


def hoovik(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from commands.main import main; main()", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpora")
    subprocess.run(
        [sys.executable, "samples/make_corpora.py", "--out", str(folder)], cwd=ROOT, check=True
    )
    return folder


@pytest.fixture(scope="module")
def trained(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that `hoovik train` made of the stand-in corpora."""
    out = tmp_path_factory.mktemp("trained") / "bundle"
    finished = hoovik(
        "train", "--config", "training/configs/smoke.yaml", "--data", str(corpora),
        "--out", str(out), "--workers", "0",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    return out


@pytest.mark.timeout(600)
def test_a_trained_bundle_is_whole(trained: Path) -> None:
    bundle = Bundle.open(trained)
    files = set(bundle.manifest.files)
    assert files >= {*MODEL_FILES, *ENCODER_FILES, CARD, SPLITS_FILE}
    assert {name for name in files if name.endswith(".svg")} == {
        f"card/{name}.svg"
        for name in ("anomalies", "confusion", "curves", "importance", "reliability")
    }
    profiles = bundle.manifest.metrics["profiles"]
    assert set(profiles) == {"both", "audio_only", "video_only"}
    for figures in profiles.values():
        assert figures["n"] > 0
        assert set(figures["ablations"]) == {
            "transformer", "trees", "linear", "majority", "without_calibration",
        }  # fmt: skip
    assert bundle.manifest.metrics["encoders"]["face"]["landmark_error"] > 0
    assert "expressed" in (trained / CARD).read_text()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_same_command_again_gives_the_same_models(trained: Path, corpora: Path) -> None:
    before = Bundle.open(trained).manifest
    finished = hoovik(
        "train", "--config", "training/configs/smoke.yaml", "--data", str(corpora),
        "--out", str(trained), "--workers", "0",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    after = Bundle.open(trained).manifest
    assert after.version == before.version
    assert after.metrics == before.metrics


@pytest.mark.timeout(600)
def test_an_evaluation_finds_the_figures_of_the_card(
    trained: Path, corpora: Path, tmp_path: Path
) -> None:
    places = [
        f"ravdess:{corpora}/ravdess",
        f"emodb:{corpora}/emodb",
        f"ferplus:{corpora}/ferplus",
        f"faces:{corpora}/faces",
    ]
    corpus = [argument for place in places for argument in ("--corpus", place)]
    finished = hoovik(
        "evaluate", "--bundle", str(trained), *corpus,
        "--json", str(tmp_path / "figures.json"),
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    figures = json.loads((tmp_path / "figures.json").read_text())
    manifest = Bundle.open(trained).manifest
    assert figures["bundle"] == manifest.version
    assert figures["left_out"]["ravdess"] == 21
    for profile, own in manifest.metrics["profiles"].items():
        for name in ("n", "accuracy", "uar", "nll"):
            assert figures["profiles"][profile][name] == pytest.approx(own[name], abs=0.02), name
