import shutil

import numpy as np
import pytest
from safetensors.numpy import save_file

from hoovik.errors import BundleError
from hoovik.features.baseline import Voices
from hoovik.features.transform import FeatureTransform
from hoovik.layout import AUDIO_DIM
from hoovik.models.bundle import (
    BASELINE,
    CALIBRATION,
    FORESTS,
    FUSION,
    LINEAR,
    MODEL_FILES,
    PROJECTIONS,
    TRANSFORMER,
    TREES,
    Bundle,
    voices_of,
)
from hoovik.models.calibration import EnsembleCalibration
from hoovik.models.fusion import Fusion, Pool
from hoovik.models.manifest import Encoders
from hoovik.models.transformer import EmotionTransformer
from hoovik.schema.emotion import Profile
from hoovik.settings import SessionSettings, Settings
from tests.unit.training.synthetic import SyntheticSource
from training.build.files import (
    CARD,
    check_encoders_unchanged,
    encoder_digests,
    save_transformer,
    write_manifest,
)
from training.build.forests import fit_forests
from training.build.linear import fit_linear
from training.build.plan import Plan
from training.build.projections import fit_tree_projections
from training.build.samples import draw_set
from training.build.trees import fit_trees, tree_columns

SOURCE = SyntheticSource.seeded(0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    """A bundle of models that were fitted on synthetic sequences."""
    path = tmp_path_factory.mktemp("bundle")
    plan = Plan(
        projection_rows=600, tree_rounds=20, tree_patience=10, forest_samples=500, usual_scores=100
    )
    rng = np.random.default_rng(0)
    training = draw_set(SOURCE, 500, rng, single_share=0.5)
    projections, forests = fit_forests(SOURCE, SyntheticSource.seeded(1), plan)
    projections |= fit_tree_projections(training, plan.projection_rows, 0)
    save_file(projections, path / PROJECTIONS)
    save_file(forests, path / FORESTS)
    columns = tree_columns(FeatureTransform.from_file(path / PROJECTIONS), training)
    fit_trees((columns, training.labels), (columns, training.labels), plan, path / TREES)
    fit_linear(training, {Profile.VIDEO_ONLY: training}, path / LINEAR)
    save_transformer(EmotionTransformer(), path / TRANSFORMER)
    (path / CALIBRATION).write_text(EnsembleCalibration.identity().model_dump_json())
    (path / FUSION).write_text(Fusion().model_dump_json())
    (path / CARD).write_text("# Model card\n")
    encoders = Encoders(audio="embedded", face="embedded")
    write_manifest(path, encoders, {"synthetic": 500}, {"build": 0}, {})
    return path


def test_a_written_bundle_opens(folder) -> None:
    bundle = Bundle.open(folder)
    assert set(bundle.manifest.files) == {*MODEL_FILES, CARD}
    bundle.require_encoders(audio="embedded", face="embedded")
    assert bundle.load_ensemble().trees.rounds == 20


def test_pictures_and_splits_are_sealed_where_there_are_any(folder, tmp_path) -> None:
    path = shutil.copytree(folder, tmp_path / "bundle")
    (path / "card").mkdir()
    (path / "card" / "curves.svg").write_text("<svg/>")
    (path / "card" / "notes.txt").write_text("not of the card")
    (path / "splits.json").write_text("{}")
    write_manifest(path, Encoders(audio="embedded", face="embedded"), {}, {}, {})
    files = Bundle.open(path).manifest.files
    assert set(files) == {*MODEL_FILES, CARD, "splits.json", "card/curves.svg"}
    for name in ("splits.json", "card/curves.svg"):
        content = (path / name).read_bytes()
        (path / name).write_bytes(content[::-1])
        with pytest.raises(BundleError, match=name):
            Bundle.open(path)
        (path / name).write_bytes(content)


def test_everybodys_voice_is_sealed_and_read_where_there_is_one(folder, tmp_path) -> None:
    plain = Bundle.open(folder)
    assert plain.load_voices() is None
    path = shutil.copytree(folder, tmp_path / "bundle")
    voices = Voices(np.ones(AUDIO_DIM, np.float32), weight=10, memory=600)
    save_file(voices.to_arrays(), path / BASELINE)
    write_manifest(path, Encoders(audio="embedded", face="embedded"), {}, {}, {})
    bundle = Bundle.open(path)
    assert bundle.version != plain.version
    read = bundle.load_voices()
    np.testing.assert_array_equal(read.mean, voices.mean)
    settings = Settings(bundle=path)
    assert voices_of(settings).weight == 10
    assert voices_of(Settings(bundle=path, session=SessionSettings(baseline=False))) is None
    assert voices_of(Settings(bundle=path, untrained=True)) is None
    content = (path / BASELINE).read_bytes()
    (path / BASELINE).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(BundleError, match=BASELINE):
        Bundle.open(path)


@pytest.mark.parametrize("name", [TRANSFORMER, TREES, CALIBRATION, CARD])
def test_one_flipped_bit_is_refused_by_the_file_s_name(folder, name: str) -> None:
    file = folder / name
    content = file.read_bytes()
    middle = len(content) // 2
    file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    try:
        with pytest.raises(BundleError, match=name):
            Bundle.open(folder)
    finally:
        file.write_bytes(content)


def test_the_version_follows_the_weights(folder) -> None:
    encoders = Encoders(audio="embedded", face="embedded")
    before = write_manifest(folder, encoders, {}, {}, {}).version
    assert write_manifest(folder, encoders, {"more": 1}, {}, {}).version == before
    original = (folder / FUSION).read_text()
    (folder / FUSION).write_text(Fusion(both=Pool(sharpness=1.4)).model_dump_json())
    assert write_manifest(folder, encoders, {}, {}, {}).version != before
    (folder / FUSION).write_text(original)
    write_manifest(folder, encoders, {}, {}, {})


def test_an_encoder_exchanged_during_a_build_is_refused_by_name(tmp_path) -> None:
    weights = tmp_path / "face_encoder.safetensors"
    weights.write_bytes(b"old")
    before = encoder_digests(tmp_path)
    check_encoders_unchanged(tmp_path, before)
    weights.write_bytes(b"new")
    with pytest.raises(BundleError, match=r"face_encoder\.safetensors changed"):
        check_encoders_unchanged(tmp_path, before)
