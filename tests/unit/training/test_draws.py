import numpy as np
import pytest
import torch

from hoovik.features.engineered import FACE_BLOCK
from hoovik.features.projection import Projection
from hoovik.features.sequence import PROFILES
from hoovik.layout import FACE_DIM
from hoovik.schema.emotion import Profile
from tests.unit.training.synthetic import SyntheticSource
from training.build.curriculum import Curriculum, Phase
from training.build.projections import fit_tree_projections
from training.build.samples import draw_set
from training.build.transformer import fit_transformer


@pytest.mark.parametrize(
    ("profiles", "single_share", "drawn"),
    [
        (tuple(Profile), 0.0, {Profile.BOTH}),
        (tuple(Profile), 0.5, set(Profile)),
        (tuple(Profile), 1.0, {Profile.AUDIO_ONLY, Profile.VIDEO_ONLY}),
        ((Profile.AUDIO_ONLY,), 0.0, {Profile.AUDIO_ONLY}),
        ((Profile.AUDIO_ONLY,), 0.5, {Profile.AUDIO_ONLY}),
        ((Profile.VIDEO_ONLY,), 0.0, {Profile.VIDEO_ONLY}),
    ],
)
def test_a_set_has_what_is_asked_for_and_what_there_is(
    profiles: tuple[Profile, ...], single_share: float, drawn: set[Profile]
) -> None:
    source = SyntheticSource.seeded(0, profiles)
    samples = draw_set(source, 80, np.random.default_rng(0), single_share=single_share)
    assert {PROFILES[index] for index in samples.sequences.profiles} == drawn


def test_a_transformer_learns_from_voices_alone() -> None:
    source = SyntheticSource.seeded(0, (Profile.AUDIO_ONLY,))
    how = Curriculum(
        phases=(
            Phase("A", 1, learning_rate=1e-3, final_rate=1.0),
            Phase("C", 1, learning_rate=1e-3, final_rate=1.0, single_share=0.5, averaged=True),
        ),
        batches=8,
        batch=32,
        warm_up=2,
    )
    validation = {Profile.AUDIO_ONLY: draw_set(source, 40, np.random.default_rng(1))}
    fitted = fit_transformer(source, validation, how, seed=0)
    assert [list(point["uar"]) for point in fitted.curves] == [["audio_only"]] * 2
    assert fitted.curves[-1]["uar"]["audio_only"] > 0.5
    assert all(torch.isfinite(tensor).all() for tensor in fitted.model.state_dict().values())
    assert torch.equal(fitted.model.face.projection.scale, torch.ones(FACE_DIM))


def test_a_block_without_samples_has_components_that_say_nothing() -> None:
    source = SyntheticSource.seeded(0, (Profile.AUDIO_ONLY,))
    samples = draw_set(source, 330, np.random.default_rng(0))
    arrays = fit_tree_projections(samples, 330, seed=0)
    width = FACE_BLOCK.stop - FACE_BLOCK.start
    faces = Projection.from_arrays(arrays, "tree_face")
    assert faces.width == 192
    assert not faces(np.ones((3, width), np.float32)).any()
    assert Projection.from_arrays(arrays, "tree_audio").width == 313
    assert arrays["tree_audio.components"].any()
