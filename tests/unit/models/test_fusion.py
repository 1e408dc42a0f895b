from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from hoovik.models.fusion import Fusion
from hoovik.schema.emotion import Profile
from tests.unit.features.scenes import of_profiles

TRANSFORMER = np.array([[1.0, 0, 0, 0, 0, 0]])
TREES = np.array([[0, 0, 0, 1.0, 0, 0]])


def test_each_profile_has_its_weight() -> None:
    fusion = Fusion(both=0.455, audio_only=0.0, video_only=1.0)
    profiles = of_profiles([Profile.VIDEO_ONLY, Profile.BOTH, Profile.AUDIO_ONLY, Profile.BOTH])
    fused = fusion(TRANSFORMER.repeat(4, axis=0), TREES.repeat(4, axis=0), profiles)
    assert fused.dtype == np.float32
    assert fused[:, 0] == pytest.approx([1, 0.455, 0, 0.455])
    assert fused[:, 3] == pytest.approx([0, 0.545, 1, 0.545])
    assert fused.sum(axis=1) == pytest.approx([1, 1, 1, 1])


def test_unless_told_otherwise_both_models_weigh_the_same() -> None:
    for profile in Profile:
        assert Fusion().weight(profile) == 0.5


@pytest.mark.parametrize("values", [{"both": 1.01}, {"both": -0.01}, {"all": 0.5}])
def test_a_weight_is_a_share(values: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Fusion.model_validate(values)


def test_it_comes_back_from_its_file(tmp_path: Path) -> None:
    fusion = Fusion(both=0.455, audio_only=0.25, video_only=0.75)
    (tmp_path / "fusion.json").write_text(fusion.model_dump_json())
    assert Fusion.from_file(tmp_path / "fusion.json") == fusion
