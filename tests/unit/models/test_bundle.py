"""A bundle opens as it was written, or not at all."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from safetensors.numpy import load_file, save_file

from hoovik.errors import BundleError
from hoovik.features.projection import Projection
from hoovik.features.transform import FeatureTransform
from hoovik.models.bundle import MANIFEST, MODEL_FILES, Bundle
from hoovik.models.ensemble import Ensemble
from tests.unit.features.scenes import mixed
from tests.unit.models.folder import change_manifest, listed, write_bundle


@pytest.fixture(scope="module")
def small_transform(transform: FeatureTransform) -> FeatureTransform:
    """Eight components a forest are enough for a file."""
    forests = (
        Projection(forest.mean, np.ascontiguousarray(forest.weights[:, :8]))
        for forest in transform.forests
    )
    return replace(transform, forests=tuple(forests))


@pytest.fixture(scope="module")
def written(
    tmp_path_factory: pytest.TempPathFactory, ensemble: Ensemble, small_transform: FeatureTransform
) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    write_bundle(folder, ensemble, small_transform)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "bundle"))


def refused(folder: Path) -> str:
    with pytest.raises(BundleError) as refusal:
        Bundle.open(folder)
    assert refusal.value.code == "BAD_BUNDLE"
    return refusal.value.message


def test_a_bundle_answers_as_its_parts_did(
    written: Path, ensemble: Ensemble, small_transform: FeatureTransform
) -> None:
    bundle = Bundle.open(written)
    assert bundle.version == "0.0.1"
    batch = mixed(8)
    theirs, ours = bundle.load_transform().apply(batch), small_transform.apply(batch)
    assert np.array_equal(theirs.tree_columns, ours.tree_columns, equal_nan=True)
    assert np.array_equal(theirs.anomaly_columns, ours.anomaly_columns)
    answers = bundle.load_ensemble().predict(theirs)
    for loaded, original in zip(answers, ensemble.predict(ours), strict=True):
        assert np.array_equal(loaded.probs, original.probs)
        assert loaded.anomaly_score == original.anomaly_score


@pytest.mark.parametrize("name", MODEL_FILES)
def test_one_changed_byte_is_refused_by_name(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    message = refused(folder)
    assert name in message
    assert "SHA-256" in message
    assert listed(folder / name)["sha256"] in message


@pytest.mark.parametrize("name", MODEL_FILES)
def test_a_missing_file_is_refused_by_name(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"{name} is missing" in refused(folder)


def test_a_file_cut_short_is_refused_with_both_sizes(folder: Path) -> None:
    size = (folder / "trees.ubj").stat().st_size
    (folder / "trees.ubj").write_bytes((folder / "trees.ubj").read_bytes()[:-1])
    message = refused(folder)
    assert "trees.ubj" in message
    assert str(size) in message
    assert str(size - 1) in message


def test_a_manifest_must_list_every_model_file(folder: Path) -> None:
    said = json.loads((folder / MANIFEST).read_text())
    del said["files"]["fusion.json"]
    (folder / MANIFEST).write_text(json.dumps(said))
    assert "lists no fusion.json" in refused(folder)


def test_a_further_file_that_it_lists_is_checked_too(folder: Path) -> None:
    weights = folder / "audio_encoder.safetensors"
    weights.write_bytes(b"weights")
    change_manifest(folder, {"files": {weights.name: listed(weights)}})
    Bundle.open(folder)
    weights.write_bytes(b"Weights")
    assert weights.name in refused(folder)


@pytest.mark.parametrize(
    ("layout", "theirs", "ours"),
    [
        ("face_dim", 478, 326),
        ("seq_len", 16, 10),
        ("window_samples", 1600, 9600),
        ("tick_s", 0.5, 0.3),
        ("engineered_dim", 8150, 8149),
        ("anomaly_dim", 9451, 9452),
        ("classes", ["angry", "happy"], "neutral/calm"),
    ],
)
def test_another_layout_is_refused_with_both_values(
    folder: Path, layout: str, theirs: Any, ours: Any
) -> None:
    change_manifest(folder, {"layouts": {layout: theirs}})
    message = refused(folder)
    assert layout in message
    assert str(ours) in message
    for value in theirs if isinstance(theirs, list) else [theirs]:
        assert str(value) in message


@pytest.mark.parametrize(
    "where",
    [
        "parent",
        "absolute",
        "absolute inside",
        "down and out",
        "down and up",
        "backslash",
        "link",
        "folder by link",
        "the folder itself",
    ],
)
def test_a_file_outside_its_folder_is_refused(folder: Path, where: str) -> None:
    outside = folder.parent / "outside.bin"
    outside.write_bytes(b"outside")
    (folder / "inside.bin").write_bytes(b"outside")
    (folder / "below").mkdir()
    (folder / "below\\inside.bin").write_bytes(b"outside")
    (folder / "link.bin").symlink_to(outside)
    (folder / "up").symlink_to(folder.parent)
    name = {
        "parent": "../outside.bin",
        "absolute": str(outside),
        "absolute inside": str(folder / "inside.bin"),
        "down and out": "below/../../outside.bin",
        "down and up": "below/../inside.bin",
        "backslash": "below\\inside.bin",
        "link": "link.bin",
        "folder by link": "up/outside.bin",
        "the folder itself": ".",
    }[where]
    change_manifest(folder, {"files": {name: listed(outside)}})
    message = refused(folder)
    assert repr(name) in message
    assert "outside" in message


def test_a_file_in_a_folder_below_is_checked_too(folder: Path) -> None:
    picture = folder / "card" / "curves.svg"
    picture.parent.mkdir()
    picture.write_bytes(b"<svg/>")
    change_manifest(folder, {"files": {"card/curves.svg": listed(picture)}})
    Bundle.open(folder)
    picture.write_bytes(b"<SVG/>")
    assert "curves.svg has SHA-256" in refused(folder)


def test_encoders_that_the_models_never_saw_are_refused_with_both_names(written: Path) -> None:
    bundle = Bundle.open(written)
    bundle.require_encoders(audio="embedded", face="mediapipe")
    with pytest.raises(BundleError, match=r"audio encoder 'embedded'.*'wav2vec2' is configured"):
        bundle.require_encoders(audio="wav2vec2", face="mediapipe")
    with pytest.raises(BundleError, match=r"face encoder 'mediapipe'.*'embedded' is configured"):
        bundle.require_encoders(audio="embedded", face="embedded")


@pytest.mark.parametrize("content", [b"", b"not JSON", b"[]", b"{}", b"\xff\xfe", b'{"format": 2}'])
def test_what_is_no_manifest_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    assert MANIFEST in refused(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 1},
        {"added": "later"},
        {"files": {"trees.ubj": {"sha256": "abc", "bytes": 1}}},
        {"files": {"trees.ubj": {"sha256": "0" * 64, "bytes": -1}}},
        {"encoders": {"voice": "embedded"}},
    ],
)
def test_a_manifest_of_another_format_is_refused(folder: Path, change: dict[str, Any]) -> None:
    change_manifest(folder, change)
    assert MANIFEST in refused(folder)


def test_another_time_step_is_refused_with_both(folder: Path) -> None:
    bundle = Bundle.open(folder)
    bundle.require_tick(0.3)
    with pytest.raises(BundleError, match=r"steps of 0\.3 s, but 0\.5 s is configured"):
        bundle.require_tick(0.5)


def test_a_bundle_that_says_nothing_of_its_time_step_has_that_of_the_code(folder: Path) -> None:
    said = json.loads((folder / MANIFEST).read_text())
    del said["layouts"]["tick_s"]
    (folder / MANIFEST).write_text(json.dumps(said))
    Bundle.open(folder).require_tick(0.3)


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path) -> None:
    assert str(tmp_path) in refused(tmp_path)
    assert "nowhere" in refused(tmp_path / "nowhere")


def test_trees_of_another_width_are_refused_though_the_manifest_lists_them(folder: Path) -> None:
    data = xgboost.DMatrix(np.zeros((12, 9)), np.arange(12) % 6)
    narrow = xgboost.train({"objective": "multi:softprob", "num_class": 6}, data, 1)
    narrow.save_model(folder / "trees.ubj")
    change_manifest(folder, {"files": {"trees.ubj": listed(folder / "trees.ubj")}})
    with pytest.raises(BundleError, match="512"):
        Bundle.open(folder).load_ensemble()


@pytest.mark.parametrize("name", MODEL_FILES)
def test_listed_files_that_hold_something_else_are_refused_by_name(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"[]")
    change_manifest(folder, {"files": {name: listed(folder / name)}})
    bundle = Bundle.open(folder)
    with pytest.raises(BundleError, match=name.replace(".", r"\.")):
        (bundle.load_transform(), bundle.load_ensemble())


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("projections.safetensors", "forest_audio_only.scale"),
        ("anomaly_forests.safetensors", "global_fallback.left"),
    ],
)
def test_a_part_that_lacks_an_array_is_refused_by_both_names(
    folder: Path, name: str, tensor: str
) -> None:
    arrays = load_file(folder / name)
    del arrays[tensor]
    save_file(arrays, folder / name)
    change_manifest(folder, {"files": {name: listed(folder / name)}})
    bundle = Bundle.open(folder)
    with pytest.raises(BundleError) as refusal:
        (bundle.load_transform(), bundle.load_ensemble())
    assert name in refusal.value.message
    assert tensor in refusal.value.message
