"""One cell: a cluster of its own, with every message, tick and batch of its participants."""

import random

import simpy

from bench.capacity.load import Load
from bench.capacity.measured import Measured
from bench.capacity.room import RoomProcess
from bench.capacity.service import Hardware, Service
from bench.capacity.tally import Outcome, Tally, outcome_of


def simulate(
    hardware: tuple[Hardware, ...],
    load: Load,
    measured: Measured,
    profile: str,
    device: str = "cpu",
    *,
    seconds: float = 8.0,
    warm_up_s: float = 2.0,
    seed: int = 0,
) -> Outcome:
    """Run a cell under a load; the same arguments give the same outcome.

    Args:
        hardware: its nodes.
        load: who is there.
        measured: service times.
        profile: which encoders.
        device: where the audio encoder runs: `cpu`, or the kind of GPU in its figures.
        seconds: how long is counted, after the warm-up.
        warm_up_s: what is not counted.
        seed: of everything random.

    Raises:
        KeyError: nothing was measured for that profile or device.
    """
    env, chance, rooms = simpy.Environment(), random.Random(seed), load.rooms(seed)
    tally = Tally(warm_up_s, warm_up_s + seconds)
    service = Service(env, hardware, rooms, load, measured, profile, device, tally, chance)
    for size in rooms:
        RoomProcess(service, service.room_thread(size), size)
    env.run(until=warm_up_s)
    service.reset()
    env.run(until=warm_up_s + seconds)
    return outcome_of(load.participants, tally, service.nodes, service.gpus, service.pools, seconds)
