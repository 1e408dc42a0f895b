from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from hoovik.models.fusion import Fusion, Pool, sharpened
from hoovik.schema.emotion import Profile
from tests.unit.features.scenes import of_profiles

MEMBERS = np.eye(6)[[0, 3, 5], None]
"""(3, 1, 6): angry, happy and neutral."""


def test_each_profile_has_its_weights() -> None:
    fusion = Fusion(
        both=Pool(weights=(0.455, 0.5, 0.045)),
        audio_only=Pool(weights=(0, 1, 0)),
        video_only=Pool(weights=(0.25, 0, 0.75)),
    )
    profiles = of_profiles([Profile.VIDEO_ONLY, Profile.BOTH, Profile.AUDIO_ONLY, Profile.BOTH])
    fused = fusion(MEMBERS.repeat(4, axis=1), profiles)
    assert fused.dtype == np.float32
    assert fused[:, 0] == pytest.approx([0.25, 0.455, 0, 0.455])
    assert fused[:, 3] == pytest.approx([0, 0.5, 1, 0.5])
    assert fused.sum(axis=1) == pytest.approx([1, 1, 1, 1])


def test_each_profile_has_its_sharpness() -> None:
    fusion = Fusion(both=Pool(weights=(0.8, 0.2, 0), sharpness=2.0))
    profiles = of_profiles([Profile.BOTH, Profile.AUDIO_ONLY])
    fused = fusion(MEMBERS.repeat(2, axis=1), profiles)
    assert fused[:, 0] == pytest.approx([0.64 / 0.68, 1 / 3])
    assert fused[:, 3] == pytest.approx([0.04 / 0.68, 1 / 3])
    mean = fusion.mean(MEMBERS, of_profiles([Profile.BOTH]))
    assert mean[0, [0, 3]] == pytest.approx([0.8, 0.2])


def test_sharpening_changes_how_sure_one_is_and_never_what_of() -> None:
    probs = np.random.default_rng(0).dirichlet(np.ones(6), size=50)
    for power in (0.5, 1.0, 3.0):
        sharp = sharpened(probs, power)
        assert sharp.sum(axis=1) == pytest.approx(np.ones(50))
        assert np.array_equal(sharp.argsort(axis=1), probs.argsort(axis=1))
        assert np.sign((sharp.max(axis=1) - probs.max(axis=1)).round(9)).tolist() == (
            [np.sign(power - 1)] * 50
        )


def test_unless_told_otherwise_all_members_weigh_the_same() -> None:
    for profile in Profile:
        assert Fusion().pool(profile) == Pool(weights=(1 / 3,) * 3, sharpness=1.0)


@pytest.mark.parametrize(
    "values",
    [
        {"both": {"weights": (0.5, 0.5, 0.1)}},
        {"both": {"weights": (1.1, -0.1, 0)}},
        {"both": {"sharpness": 0.0}},
        {"all": {"sharpness": 1.0}},
    ],
)
def test_a_weight_is_a_share_and_a_sharpness_positive(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fusion.model_validate(values)


@pytest.mark.parametrize("prior", [(0.5, 0.5), (0.2,) * 6, (0, 0.2, 0.2, 0.2, 0.2, 0.2)])
def test_what_are_no_class_frequencies_is_refused(prior: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError, match="frequencies"):
        Fusion(prior=prior)


def test_it_comes_back_from_its_file(tmp_path: Path) -> None:
    fusion = Fusion(both=Pool(sharpness=1.3, least=0.2), prior=(0.1, 0.1, 0.1, 0.1, 0.1, 0.5))
    (tmp_path / "fusion.json").write_text(fusion.model_dump_json())
    assert Fusion.from_file(tmp_path / "fusion.json") == fusion
