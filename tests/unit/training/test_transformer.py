import numpy as np
import pytest
import torch

from hoovik.models.ensemble import load_transformer, transformer_logits
from hoovik.models.probability import softmax
from hoovik.schema.emotion import Profile
from tests.unit.training.synthetic import SyntheticSource
from training.build.curriculum import Curriculum, Phase
from training.build.files import save_transformer
from training.build.metrics import accuracy, judge
from training.build.mixing import Batch, drop_modalities, mix
from training.build.samples import draw_set
from training.build.transformer import fit_transformer

SOURCE = SyntheticSource.seeded(0)
TINY = Curriculum(
    phases=(
        Phase("A", 2, learning_rate=1e-3, final_rate=1.0),
        Phase("B", 2, learning_rate=1e-3, final_rate=0.5, single_share=0.5, mixup_share=0.3),
        Phase("C", 2, learning_rate=1e-4, final_rate=1.0, single_share=0.5, averaged=True),
    ),
    batches=8,
    batch=32,
    warm_up=4,
)


def test_the_transformer_learns(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(7)
    validation = {
        profile: draw_set(SOURCE, 60, rng, single_share=share)
        for profile, share in ((Profile.BOTH, 0.0), (Profile.AUDIO_ONLY, 1.0))
    }
    model = fit_transformer(SOURCE, validation, TINY, seed=0).model
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("epoch")]
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in lines]
    assert len(losses) == 6
    assert losses[-1] < 0.7 * losses[0]

    strangers = draw_set(SOURCE, 200, rng, single_share=0.5)
    logits = transformer_logits(model, strangers.sequences)
    assert accuracy(softmax(logits), strangers.labels) > 0.9

    save_transformer(model, tmp_path / "transformer.safetensors")
    stored = load_transformer(tmp_path / "transformer.safetensors")
    assert transformer_logits(stored, strangers.sequences) == pytest.approx(logits, abs=0.02)
    assert judge(stored, validation).loss == pytest.approx(judge(model, validation).loss, abs=0.01)


def test_the_same_seed_makes_the_same_weights() -> None:
    short = Curriculum(phases=(TINY.phases[0],), batches=2, batch=8, warm_up=2)
    validation = {Profile.BOTH: draw_set(SOURCE, 10, np.random.default_rng(1))}
    first, second = (fit_transformer(SOURCE, validation, short, seed=3).model for _ in range(2))
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name


def test_a_pair_loses_one_modality_and_never_both() -> None:
    rng = np.random.default_rng(2)
    batch = Batch.of(draw_set(SOURCE, 40, rng))
    drop_modalities(batch, 1.0, rng)
    heard, seen = batch.audio_mask.any(dim=1), batch.face_mask.any(dim=1)
    assert (heard ^ seen).all()
    assert heard.any()
    assert seen.any()


def test_mixup_leaves_absent_steps_absent() -> None:
    rng = np.random.default_rng(3)
    batch = Batch.of(draw_set(SOURCE, 40, rng, single_share=0.5))
    masks = batch.audio_mask.clone(), batch.face_mask.clone()
    before = batch.audio.clone()
    mix(batch, Phase("B", 1, 1e-3, 1.0, mixup_share=1.0, mixup_alpha=5.0), rng)
    assert torch.equal(batch.audio_mask, masks[0])
    assert torch.equal(batch.face_mask, masks[1])
    assert not batch.audio[~masks[0]].any()
    assert not torch.equal(batch.audio, before)
    assert batch.targets.sum(dim=1) == pytest.approx(torch.ones(40))
