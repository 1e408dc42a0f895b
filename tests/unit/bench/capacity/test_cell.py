import random
from collections import Counter

import pytest
import simpy

from bench.capacity.cell import simulate
from bench.capacity.load import SESSION, Load
from bench.capacity.processes import Rates, cores_by_process, replicas_for
from bench.capacity.room import RoomProcess
from bench.capacity.service import Hardware, Service
from bench.capacity.tally import Outcome, Tally
from tests.unit.bench.capacity.costs import flat

CELL = (Hardware(8), Hardware(8))
EVERYBODY_SPEAKS = {"room_sizes": {4: 1.0}, "speakers": 4, "talking": 1.0}


def run(
    participants: int,
    *,
    hardware: tuple[Hardware, ...] = CELL,
    seconds: float = 6.0,
    seed: int = 0,
    **load: object,
) -> Outcome:
    one = Load(participants, **load)
    return simulate(hardware, one, flat(), "embedded", seconds=seconds, warm_up_s=2.0, seed=seed)


def arithmetic(load: Load, *, nodes: int = 2, batched: bool = False) -> dict[str, float]:
    rooms, costs = load.rooms(0), flat().profiles["embedded"]
    replicas = replicas_for(rooms, load, costs, "cpu", nodes=nodes)
    return cores_by_process(
        rooms, load, costs, "cpu", nodes=nodes, ingresses=replicas["ingress"], batched=batched
    )


def test_the_same_seed_tells_the_same() -> None:
    assert run(20) == run(20)
    assert run(20) != run(20, seed=1)


def test_every_tick_is_answered_while_there_is_room() -> None:
    outcome = run(24, **EVERYBODY_SPEAKS)
    assert outcome.results == pytest.approx(24 * 5.0 / SESSION.tick_s, rel=0.02)
    assert outcome.answered == pytest.approx(1.0, abs=0.005)
    assert not outcome.saturated


def test_the_cores_are_as_busy_as_arithmetic_says() -> None:
    # One node with one ingress replica: chance has no say in how many of them a room has.
    load = Load(40, **EVERYBODY_SPEAKS)
    told = run(40, hardware=(Hardware(16),), **EVERYBODY_SPEAKS)
    expected = arithmetic(load, nodes=1, batched=True)
    assert told.cores.keys() == expected.keys()
    for name, cores in expected.items():
        assert told.cores[name] == pytest.approx(cores, rel=0.05), name
    assert told.utilisation == pytest.approx(sum(expected.values()) / 16, rel=0.03)


def test_a_room_makes_one_call_of_a_pool_for_eight() -> None:
    for size, calls in ((2, 1), (8, 1), (12, 2)):
        load = Load(size, room_sizes={size: 1.0}, speakers=size, talking=1.0)
        rates = Rates.of([size], load, 1)
        assert rates.requests["AudioFeatures"] * SESSION.tick_s == pytest.approx(size)
        assert rates.calls["AudioFeatures"] * SESSION.tick_s == pytest.approx(calls)
        outcome = run(size, room_sizes={size: 1.0}, speakers=size, talking=1.0)
        assert outcome.cores["FaceFeatures loop"] == pytest.approx(
            calls * 0.002 / SESSION.tick_s, rel=0.1
        )


def test_media_of_a_room_come_in_one_call_of_each_replica_before_each_beat() -> None:
    rates = Rates.of([8, 8], Load(16), 1)
    assert rates.deliveries == pytest.approx(2 * 2 / SESSION.tick_s)
    # Two replicas hold sockets of a room of two half of the time.
    assert Rates.of([2], Load(2), 2).deliveries == pytest.approx(1.5 * 2 / SESSION.tick_s)


def test_who_takes_turns_is_encoded_for_the_time_of_the_turns() -> None:
    load = Load(120, room_sizes={4: 1.0}, talking=0.8, turn_s=2.0)
    told = run(120, seconds=10.0, room_sizes={4: 1.0}, talking=0.8, turn_s=2.0)
    expected = arithmetic(load)
    # A window holds what was said up to 0.6 s ago, so that a turn is a little longer.
    assert 0 < told.cores["AudioFeatures"] / expected["AudioFeatures"] - 0.8 < 0.5
    assert told.cores["FaceFeatures"] == pytest.approx(expected["FaceFeatures"], rel=0.05)


def test_without_cameras_only_those_who_speak_are_owed_results() -> None:
    outcome = run(40, cameras=0.0, room_sizes={4: 1.0}, talking=1.0, turn_s=1e6)
    assert outcome.results == pytest.approx(10 * 5.0 / SESSION.tick_s, rel=0.02)
    assert outcome.cores["FaceFeatures"] == 0


def test_alone_a_result_takes_the_sum_of_its_parts() -> None:
    outcome = run(1, seconds=20.0, room_sizes={1: 1.0}, talking=1.0, turn_s=1e6)
    # Step; face (2 + 4), which takes longer than the voice; features (1 + 3) and ensemble (1 + 5);
    # at the room, ends of four calls and of the event; at the ingress, the event and its message.
    pieces_ms = 1.5 + 6 + 10 + (0.5 + 0.5 + 0.5 + 0.5 + 0.5) + 1.2
    # Two pools asked by the room, two answers, pool to pool, room to ingress: 0.5 or 1 ms each.
    assert pieces_ms + 5 * 0.5 - 1 < outcome.reaction_ms["p50"] < pieces_ms + 5 * 1.0 + 1
    # The newest sample is the chunk before, which came at most 0.1 s before the delivery.
    assert outcome.latency_ms["p99"] < outcome.reaction_ms["p99"] + 100 + 15


def test_more_participants_are_more_work_and_no_more_answers() -> None:
    node = (Hardware(4),)
    outcomes = [run(number, hardware=node, **EVERYBODY_SPEAKS) for number in (4, 20, 36, 64)]
    assert [one.utilisation for one in outcomes] == sorted(one.utilisation for one in outcomes)
    # A small cell has few replicas, so its latency is not the lowest; a full one's is the highest.
    *held, most = [one.latency_ms["p99"] for one in outcomes]
    assert most > max(held)
    assert [one.saturated for one in outcomes] == [False, False, False, True]
    assert outcomes[-1].busiest_node > 0.95
    assert outcomes[-1].answered < 0.99


def test_one_process_can_be_full_while_cores_are_free() -> None:
    load = Load(12, room_sizes={12: 1.0}, speakers=12, talking=1.0)
    outcome = simulate((Hardware(8),), load, flat(step=30.0), "embedded", seconds=4.0)
    assert outcome.utilisation < 0.5
    assert outcome.busiest[0] == "room"
    # A tick of the room takes 0.36 s, so that the next one is late.
    assert outcome.answered < 0.99
    assert outcome.saturated


def test_a_pool_that_queues_makes_its_rooms_begin_fewer_steps() -> None:
    env, load = simpy.Environment(), Load(16, room_sizes={8: 1.0})
    slow = flat(face_ms=60.0)
    service = Service(
        env,
        CELL,
        load.rooms(0),
        load,
        slow,
        "embedded",
        "cpu",
        Tally(0.0, 9.0),
        random.Random(0),
    )
    pool = service.pools["FaceFeatures"]
    pool.replicas = pool.replicas[:1]
    rooms = [RoomProcess(service, service.room_thread(8), 8) for _ in range(2)]
    env.run(until=8.0)
    # 16 frames of 60 ms each 0.3 s, on one replica: a third of the steps at most.
    assert all(one.room.strain > 0.4 for one in rooms)
    assert sum(Counter(one.room.drops).total() for one in rooms) > 0
    assert max(replica.ongoing for replica in pool.replicas) <= 16


def test_a_gpu_takes_the_audio_encoder_off_the_cores() -> None:
    load = Load(20, **EVERYBODY_SPEAKS)
    measured = flat(audio_ms=40.0, T4=2.0)
    nodes = (Hardware(8, gpus=1), Hardware(8))
    on_gpu = simulate(nodes, load, measured, "embedded", "T4", seconds=5.0)
    on_cpu = simulate(nodes[1:] * 2, load, measured, "embedded", seconds=5.0)
    assert on_cpu.gpu_utilisation is None
    assert on_gpu.gpu_utilisation == pytest.approx(20 / SESSION.tick_s * 0.002, rel=0.05)
    assert on_gpu.utilisation < on_cpu.utilisation
    assert on_gpu.latency_ms["p50"] < on_cpu.latency_ms["p50"]


def test_what_was_not_measured_is_refused() -> None:
    with pytest.raises(KeyError, match="H100"):
        simulate(CELL, Load(4), flat(), "embedded", "H100")
