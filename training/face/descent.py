from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar, cast

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training.checkpoint import load_checkpoint, save_checkpoint

Network = TypeVar("Network", bound=nn.Module)
Batch = TypeVar("Batch")


@dataclass(frozen=True, slots=True)
class Descent:
    """How a network is trained.

    Attributes:
        epochs: of `batches` batches of `batch` pictures each.
        learning_rate: peak of the one-cycle schedule of AdamW.
        average_decay: of the exponential average of the weights, which is what is kept.
        slow, slow_factor: layers that learn at a lower rate, by their names, and its factor. A step
            of AdamW is as large as the rate whatever the loss: too coarse for outputs of which
            hundredths count.
    """

    epochs: int
    batches: int
    batch: int
    learning_rate: float
    weight_decay: float = 0.02
    average_decay: float = 0.993
    slow: tuple[str, ...] = ()
    slow_factor: float = 0.1


def descend(
    network: Network,
    epoch: Callable[[int], Iterable[Batch]],
    loss_of: Callable[[Network, Batch], Tensor],
    how: Descent,
    report: Callable[[Network], str],
    checkpoint: Path | None = None,
) -> Network:
    """Train a network; returns its averaged weights.

    Forward passes run in bfloat16, which halves the time on processors that have it.

    Args:
        network: is changed.
        epoch: yields the `how.batches` batches of an epoch, whose number, from 1, it is given.
        loss_of: a scalar.
        how: the schedule.
        report: what to print of the averaged network after some epochs.
        checkpoint: file that every epoch is left in, and that a stopped training goes on from; it
            is removed at the end.

    Raises:
        CheckpointError: the checkpoint is of another schedule.
    """
    # Torch's types know nothing of `memory_format`.
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = AveragedModel(
        network, multi_avg_fn=get_ema_multi_avg_fn(how.average_decay), use_buffers=True
    )
    averaged = cast(Network, average.module)
    layers = list(network.named_children())
    rates = how.learning_rate, how.learning_rate * how.slow_factor
    optimiser = torch.optim.AdamW(
        [
            {
                "params": [
                    parameter
                    for name, layer in layers
                    if (name in how.slow) == slow
                    for parameter in layer.parameters()
                ],
                "lr": rate,
            }
            for slow, rate in zip((False, True), rates, strict=True)
        ],
        weight_decay=how.weight_decay,
    )
    schedule = OneCycleLR(
        optimiser, list(rates), total_steps=how.epochs * how.batches, pct_start=0.15
    )
    state: dict[str, nn.Module | torch.optim.Optimizer | LRScheduler] = {
        "network": network,
        "average": average,
        "optimiser": optimiser,
        "schedule": schedule,
    }
    run = {"descent": asdict(how)}
    done = 0
    if checkpoint is not None and checkpoint.is_file():
        left = load_checkpoint(checkpoint, run)
        done = left["epoch"]
        for name, part in state.items():
            part.load_state_dict(left[name])
        print(f"going on after epoch {done} of {checkpoint}", flush=True)
    for number in range(done + 1, how.epochs + 1):
        network.train()
        total = 0.0
        for batch in epoch(number):
            optimiser.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                loss = loss_of(network, batch)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            average.update_parameters(network)
            total += loss.item()
        line = f"epoch {number}: loss {total / how.batches:.4f}"
        if number % 4 == 0 or number == how.epochs:
            line += f", {report(averaged.eval())}"
        print(line, flush=True)
        if checkpoint is not None:
            parts = {name: part.state_dict() for name, part in state.items()}
            save_checkpoint(checkpoint, run, {"epoch": number, **parts})
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    kept = deepcopy(averaged)
    kept.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    return kept.eval()
