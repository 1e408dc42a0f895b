"""A stopped descent goes on as if nothing had happened."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from training.face.descent import Descent, descend

HOW = Descent(epochs=4, batches=3, batch=8, learning_rate=1e-2, slow=("1",))


class PulledPlugError(Exception):
    """Somebody pulls the plug."""


def batches(number: int) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(number)
    for _ in range(HOW.batches):
        yield torch.randn(HOW.batch, 4, 8, 8, generator=generator)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 1, 3))


def loss_of(model: nn.Module, batch: Tensor) -> Tensor:
    return (model(batch).mean(dim=(1, 2, 3)) - batch[:, 0].mean(dim=(1, 2))).square().mean()


def test_a_stopped_descent_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole = descend(network(), batches, loss_of, HOW, lambda _: "")
    checkpoint = tmp_path / "student.checkpoint"

    def stopping(number: int) -> Iterator[Tensor]:
        if number == 3:
            raise PulledPlugError
        yield from batches(number)

    with pytest.raises(PulledPlugError):
        descend(network(), stopping, loss_of, HOW, lambda _: "", checkpoint)
    assert checkpoint.is_file()
    resumed = descend(network(), batches, loss_of, HOW, lambda _: "", checkpoint)
    assert not checkpoint.exists()
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name
