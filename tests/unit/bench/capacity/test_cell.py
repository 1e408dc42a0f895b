import pytest

from bench.capacity.cell import simulate
from bench.capacity.load import Load
from bench.capacity.processes import cores_by_process
from bench.capacity.service import Hardware
from bench.capacity.tally import Outcome
from tests.unit.bench.capacity.costs import flat

CELL = (Hardware(8), Hardware(8))
EVERYBODY_SPEAKS = {"room_sizes": {4: 1.0}, "speakers": 4, "talking": 1.0}


def run(participants: int, *, seconds: float = 6.0, seed: int = 0, **load: object) -> Outcome:
    one = Load(participants, **load)
    return simulate(CELL, one, flat(), "embedded", seconds=seconds, warm_up_s=2.0, seed=seed)


def test_the_same_seed_tells_the_same() -> None:
    assert run(20) == run(20)
    assert run(20) != run(20, seed=1)


def test_every_tick_is_answered_while_there_is_room() -> None:
    outcome = run(24, **EVERYBODY_SPEAKS)
    assert outcome.ticks == pytest.approx(24 * 5.0 / 0.3, rel=0.02)
    assert outcome.answered == 1.0
    assert not outcome.saturated


def test_the_cores_are_as_busy_as_arithmetic_says() -> None:
    load = Load(60, **EVERYBODY_SPEAKS)
    told = run(60, **EVERYBODY_SPEAKS)
    expected = cores_by_process(load, flat().profiles["embedded"], "cpu", batched=False)
    assert told.cores.keys() == expected.keys()
    for name, cores in expected.items():
        assert told.cores[name] == pytest.approx(cores, rel=0.05), name
    assert told.utilisation == pytest.approx(sum(expected.values()) / 16, rel=0.03)


def test_who_takes_turns_is_encoded_for_the_time_of_the_turns() -> None:
    load = Load(120, room_sizes={4: 1.0}, talking=0.8, turn_s=1.0)
    told = run(120, seconds=10.0, room_sizes={4: 1.0}, talking=0.8, turn_s=1.0)
    expected = cores_by_process(load, flat().profiles["embedded"], "cpu", batched=False)
    assert load.speaking_share() == pytest.approx(0.2)
    assert told.cores["AudioFeatures"] == pytest.approx(expected["AudioFeatures"], rel=0.1)
    assert told.cores["FaceFeatures"] == pytest.approx(expected["FaceFeatures"], rel=0.05)


def test_without_cameras_only_those_who_speak_are_owed_results() -> None:
    outcome = run(40, cameras=0.0, room_sizes={4: 1.0}, talking=1.0)
    assert outcome.ticks == pytest.approx(10 * 5.0 / 0.3, rel=0.02)
    assert outcome.cores["FaceFeatures"] == 0


def test_alone_a_result_takes_the_sum_of_its_parts() -> None:
    outcome = run(1, seconds=20.0, room_sizes={1: 1.0}, talking=1.0)
    # Room, voice (4 + 1), room, features (3 + 1), ensemble (5 + 1), room, ingress; two pools asked
    # by the room, two answers, pool to pool, room to ingress: on two nodes, 0.5 or 1 ms each.
    pieces = 2 * (15 / 3.3 + 5 / 3.3 + 3) ** -1 * 9.0 + (15 / 3.3 + 1) ** -1 * 4.0
    assert 15 + pieces + 6 * 0.5 < outcome.reaction_ms["p50"] < 15 + pieces + 6 * 1.0
    # Its newest sample is the chunk before, which came at most 0.1 s ago.
    assert outcome.latency_ms["p50"] < outcome.reaction_ms["p50"] + 100 + 3


def test_more_participants_are_more_work_and_no_more_answers() -> None:
    outcomes = [run(number, **EVERYBODY_SPEAKS) for number in (8, 40, 72, 104, 136)]
    for figures in ([one.utilisation for one in outcomes], [-one.answered for one in outcomes]):
        assert figures == sorted(figures)
    # A small cell has few replicas, so its latency is not the lowest; a full one's is the highest.
    *others, most = [one.latency_ms["p99"] for one in outcomes]
    assert most > max(others)


def test_a_cell_with_too_many_is_told_to_be_saturated() -> None:
    outcome = run(160, **EVERYBODY_SPEAKS)
    assert outcome.saturated
    assert outcome.busiest_node > 0.95
    assert outcome.answered < 0.99 or outcome.latency_ms["p95"] > 1000


def test_one_process_can_be_full_while_cores_are_free() -> None:
    one = Load(120, **EVERYBODY_SPEAKS)
    outcome = simulate((Hardware(64),), one, flat(), "embedded", seconds=4.0, warm_up_s=2.0)
    assert outcome.utilisation < 0.5
    assert outcome.busiest[0] == "proxy"
    assert outcome.saturated


def test_a_gpu_takes_the_audio_encoder_off_the_cores() -> None:
    load = Load(20, **EVERYBODY_SPEAKS)
    measured = flat(audio_ms=40.0, T4=2.0)
    nodes = (Hardware(8, gpus=1), Hardware(8))
    on_gpu = simulate(nodes, load, measured, "embedded", "T4", seconds=5.0)
    on_cpu = simulate(nodes[1:] * 2, load, measured, "embedded", seconds=5.0)
    assert on_cpu.gpu_utilisation is None
    assert on_gpu.gpu_utilisation == pytest.approx(20 / 0.3 * 0.002, rel=0.05)
    assert on_gpu.utilisation < on_cpu.utilisation
    assert on_gpu.latency_ms["p50"] < on_cpu.latency_ms["p50"]


def test_what_was_not_measured_is_refused() -> None:
    with pytest.raises(KeyError, match="H100"):
        simulate(CELL, Load(4), flat(), "embedded", "H100")
