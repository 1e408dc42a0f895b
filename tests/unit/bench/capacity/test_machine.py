import random

import pytest
import simpy

from bench.capacity.machine import Node, Thread
from bench.capacity.pool import Pool, Replica, Stage


def mean_wait_s(load: float, service_s: float, arrivals: int, seed: int) -> float:
    """Mean waiting time of Poisson arrivals at one thread with a fixed service time."""
    env, chance = simpy.Environment(), random.Random(seed)
    thread = Thread(Node(env, 1), "server")
    waits: list[float] = []

    def customer():
        arrived_s = env.now
        yield thread.work(service_s)
        waits.append(env.now - arrived_s - service_s)

    def source():
        for _ in range(arrivals):
            yield env.timeout(chance.expovariate(load / service_s))
            env.process(customer())

    env.process(source())
    env.run()
    return sum(waits) / len(waits)


@pytest.mark.parametrize("load", [0.2, 0.5, 0.7])
def test_one_thread_is_the_queue_m_d_1(load: float) -> None:
    # Pollaczek and Khinchine: the mean wait is rho s / (2 (1 - rho)).
    expected_s = load * 0.01 / (2 * (1 - load))
    assert mean_wait_s(load, 0.01, 40_000, seed=1) == pytest.approx(expected_s, rel=0.05)


def test_threads_share_the_cores_in_turn() -> None:
    env = simpy.Environment()
    node = Node(env, 2)
    ends: dict[str, list[float]] = {}

    def one(name: str):
        thread = Thread(node, name)
        work = [thread.work(1.0) for _ in range(2)]
        for done in work:
            yield done
            ends.setdefault(name, []).append(env.now)

    for name in "abc":
        env.process(one(name))
    env.run()
    # Three threads with two pieces each on two cores: a thread never works on two cores at once.
    assert ends == {"a": [1.0, 2.0], "b": [1.0, 3.0], "c": [2.0, 3.0]}
    assert node.busy_s == 6.0


def test_a_faster_core_takes_less_time() -> None:
    env = simpy.Environment()
    node = Node(env, 1, speed=2.0)
    env.run(until=Thread(node, "one").work(3.0))
    assert env.now == node.busy_s == 1.5


def test_a_thread_keeps_its_core_for_a_time_slice() -> None:
    env = simpy.Environment()
    node = Node(env, 1)
    ends: list[tuple[str, float]] = []

    def one(name: str, pieces: int, seconds: float):
        thread = Thread(node, name)
        for done in [thread.work(seconds) for _ in range(pieces)]:
            yield done
            ends.append((name, round(1000 * env.now)))

    env.process(one("many", 4, 0.001))
    env.process(one("large", 1, 0.005))
    env.run()
    assert ends == [("many", 1), ("many", 2), ("many", 3), ("large", 8), ("many", 9)]


def pool_of(replicas: int, node: Node, *, max_batch: int, travel_s: float) -> Pool:
    """Replicas that take a second for a batch, whatever its size."""
    stage = Stage("Pool", max_batch, call_s=0.0, batch_s=lambda _: 1.0)
    members = [
        Replica(Thread(node, "loop"), Thread(node, "Pool"), stage, lambda seconds: seconds)
        for _ in range(replicas)
    ]
    return Pool(members, random.Random(0), lambda *_: node.env.timeout(travel_s))


def test_what_gathers_while_a_batch_is_computed_is_the_next_batch() -> None:
    env = simpy.Environment()
    node = Node(env, 4)
    pool = pool_of(1, node, max_batch=4, travel_s=0.0)
    ends: list[float] = []

    def request(at_s: float):
        yield env.timeout(at_s)
        yield from pool.ask(node, 1)
        ends.append(env.now)

    for number in range(7):
        env.process(request(0.1 * number))
    env.run()
    # As deployments.batching.Batcher: 1, then 4 of those that waited, then the rest.
    assert ends == [1.0] + [2.0] * 4 + [3.0] * 2
    assert pool.mean_batch() == pytest.approx(7 / 3)


def test_requests_of_one_call_are_answered_together() -> None:
    env = simpy.Environment()
    node = Node(env, 4)
    pool = pool_of(1, node, max_batch=4, travel_s=0.0)
    calls = []

    def ask(requests: int):
        call = yield from pool.ask(node, requests)
        calls.append((requests, env.now, call.work_s, call.depth))

    env.process(ask(3))
    env.process(ask(6))
    env.run()
    # Three, and what came meanwhile: four of the six, then the other two.
    assert calls == [(3, 1.0, 1.0, 6), (6, 3.0, 1.0, 0)]


def test_the_shorter_of_two_queues_is_taken() -> None:
    env = simpy.Environment()
    node = Node(env, 4)
    pool = pool_of(2, node, max_batch=1, travel_s=0.01)

    def request(at_s: float):
        yield env.timeout(at_s)
        yield from pool.ask(node, 1)

    for number in range(10):
        env.process(request(0.1 * number))
    env.run()
    assert [replica.items for replica in pool.replicas] == [5, 5]
