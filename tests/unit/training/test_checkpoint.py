from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from hoovik.schema.emotion import Profile
from tests.unit.training.synthetic import SyntheticSource
from training.build.curriculum import Curriculum, Phase
from training.build.metrics import Epoch
from training.build.samples import draw_set
from training.build.transformer import Fitted, fit_transformer
from training.checkpoint import CheckpointError

SOURCE = SyntheticSource.seeded(0)
TINY = Curriculum(
    phases=(
        Phase("A", 2, learning_rate=1e-3, final_rate=1.0),
        Phase("C", 2, learning_rate=5e-4, final_rate=0.5, single_share=0.5, averaged=True),
    ),
    batches=2,
    batch=8,
    warm_up=3,
)


class PowerCutError(Exception):
    pass


def stop_after(epochs: int) -> Callable[[Epoch], None]:
    def count(epoch: Epoch) -> None:
        if epoch["epoch"] == epochs:
            raise PowerCutError

    return count


def fit(
    checkpoint: Path | None = None,
    after_epoch: Callable[[Epoch], None] | None = None,
    source: SyntheticSource = SOURCE,
    how: Curriculum = TINY,
    seed: int = 3,
) -> Fitted:
    rng = np.random.default_rng(1)
    validation = {
        Profile.BOTH: draw_set(SOURCE, 10, rng),
        Profile.AUDIO_ONLY: draw_set(SOURCE, 10, rng, single_share=1.0),
    }
    return fit_transformer(
        source, validation, how, seed, checkpoint=checkpoint, after_epoch=after_epoch
    )


@pytest.fixture(scope="module")
def uninterrupted() -> Fitted:
    return fit()


@pytest.mark.parametrize("stops", [(1,), (2,), (3,), (1, 3), (4,)])
def test_a_stopped_run_ends_as_if_it_had_not_been(
    uninterrupted: Fitted, tmp_path: Path, stops: tuple[int, ...]
) -> None:
    checkpoint = tmp_path / "transformer.checkpoint"
    for epochs in stops:
        with pytest.raises(PowerCutError):
            fit(checkpoint, stop_after(epochs))
        assert checkpoint.is_file()
    torch.rand(7)  # whatever the machine did in the meantime
    seen: list[Epoch] = []
    resumed = fit(checkpoint, seen.append)
    assert [epoch["epoch"] for epoch in seen] == list(range(stops[-1] + 1, 5))
    for name, tensor in uninterrupted.model.state_dict().items():
        assert torch.equal(tensor, resumed.model.state_dict()[name]), name
    assert resumed.curves == uninterrupted.curves
    assert not list(tmp_path.iterdir())


def test_the_curves_have_every_epoch_and_what_it_was_judged_on(uninterrupted: Fitted) -> None:
    curves = uninterrupted.curves
    assert [(point["epoch"], point["phase"]) for point in curves] == [
        (1, "A"), (2, "A"), (3, "C"), (4, "C"),
    ]  # fmt: skip
    assert list(curves[0]["nll"]) == ["both"]
    assert list(curves[-1]["uar"]) == ["both", "audio_only"]
    assert all(point["loss"] > 0 for point in curves)


def test_a_checkpoint_of_another_run_is_refused_by_what_differs(tmp_path: Path) -> None:
    checkpoint = tmp_path / "transformer.checkpoint"
    with pytest.raises(PowerCutError):
        fit(checkpoint, stop_after(1))
    with pytest.raises(CheckpointError, match="another seed"):
        fit(checkpoint, seed=4)
    with pytest.raises(CheckpointError, match="another curriculum;"):
        fit(checkpoint, how=Curriculum(phases=TINY.phases, batches=2, batch=8, warm_up=4))
    with pytest.raises(CheckpointError, match="another voices, faces;"):
        fit(checkpoint, source=SyntheticSource.seeded(9))


def test_a_damaged_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    checkpoint = tmp_path / "transformer.checkpoint"
    checkpoint.write_bytes(b"half a file")
    with pytest.raises(CheckpointError, match=r"transformer\.checkpoint is no checkpoint"):
        fit(checkpoint)
