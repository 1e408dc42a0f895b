import os
import subprocess
import sys
from pathlib import Path

import pytest

from hoovik.models.bundle import ENCODER_FILES, MODEL_FILES, Bundle
from hoovik.settings import MODEL_ARTIFACTS
from training.build.files import CARD

ROOT = Path(__file__).resolve().parents[3]
ENCODERS = MODEL_ARTIFACTS / "embedded"


@pytest.mark.data
@pytest.mark.slow
def test_a_quick_build_is_a_whole_bundle(data: Path, tmp_path: Path) -> None:
    missing = [name for name in ENCODER_FILES if not (ENCODERS / name).is_file()]
    if missing:
        pytest.skip(f"no {', '.join(missing)} in {ENCODERS}")
    arguments = ["--data", str(data), "--out", str(tmp_path), "--encoders", str(ENCODERS)]
    finished = subprocess.run(
        [sys.executable, "-m", "training.build", *arguments, "--quick"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    bundle = Bundle.open(tmp_path)
    assert set(bundle.manifest.files) == {*MODEL_FILES, *ENCODER_FILES, CARD}
    assert bundle.load_transform().tree_audio.width == 313
    assert bundle.load_ensemble().trees.rounds <= 20
    for profile in ("both", "audio_only", "video_only"):
        figures = bundle.manifest.metrics[profile]
        assert figures["n"] > 0
        assert 0 < figures["nll"] < 3
    card = (tmp_path / CARD).read_text()
    assert "expressed" in card
    assert "Article 5(1)(f)" in card
