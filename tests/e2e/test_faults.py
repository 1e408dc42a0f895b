"""``kill -9`` of a process during a stream: results go on, the socket stays, the loss is counted."""

import asyncio
import os
import signal
import time

import pytest
from ray import serve

from commands.service import APPLICATION
from hoovik.schema.outbound import Basis, EmotionError, EmotionResult
from hoovik.session.participant import LATE_S
from tests.e2e.guests import (
    Diary,
    Stage,
    directory,
    host_of,
    kill_host,
    open_rooms,
    processes,
    read_stats,
    room_counts,
    room_hosts,
    until,
)

RECOVERY_S = 5.0

pytestmark = pytest.mark.timeout(120)


def running_replicas(pool: str) -> int:
    states = serve.status().applications[APPLICATION].deployments[pool].replica_states
    return states.get("RUNNING", 0)


def newest_basis(diary: Diary) -> Basis:
    message = diary.results[-1].message
    assert isinstance(message, EmotionResult)
    return message.basis


def results_of_the_new_room(diary: Diary) -> int:
    """Results since the client was told that its room lost its process."""
    told_s = [
        one.received_s
        for one in diary.readings
        if isinstance(one.message, EmotionError) and one.message.code == "ROOM_RESTARTED"
    ]
    return diary.results_since(told_s[0]) if told_s else 0


@pytest.mark.parametrize("pool", ["FaceFeatures", "AudioFeatures"])
async def test_a_killed_encoder_replica_costs_a_few_results(stage: Stage, pool: str) -> None:
    async with stage.streaming("ada") as ada:
        await asyncio.sleep(1)
        replicas = processes(f"ray::ServeReplica:hoovik:{pool}")
        assert len(replicas) == 2
        killed_s = time.monotonic()
        os.kill(replicas[0].pid, signal.SIGKILL)
        await asyncio.sleep(RECOVERY_S + 2)
        assert ada.longest_silence_s(killed_s, time.monotonic()) < RECOVERY_S
        assert ada.results_since(killed_s + RECOVERY_S) >= 2
        assert set(ada.error_codes) <= {"RESULT_LOST"}
        await until(lambda: running_replicas(pool) == 2, timeout_s=60)


async def test_while_an_encoder_is_away_results_rest_on_the_other_modality(stage: Stage) -> None:
    async with stage.streaming("ada") as ada:
        await until(lambda: len(ada.results) >= 5)
        killed_s = time.monotonic()
        for replica in processes("ray::ServeReplica:hoovik:AudioFeatures"):
            os.kill(replica.pid, signal.SIGKILL)
        await asyncio.sleep(LATE_S + 4)
        # Waited for with each step anew, the encoder would have cost all but one in a second.
        assert ada.results_since(killed_s + LATE_S) >= 7
        assert set(ada.error_codes) <= {"RESULT_LOST"}
        await until(lambda: running_replicas("AudioFeatures") == 2, timeout_s=60)
        await until(lambda: newest_basis(ada).audio is not None)


async def test_a_killed_host_s_rooms_come_back_with_their_people(stage: Stage) -> None:
    other = Stage(stage.url, f"{stage.room_id}-2")
    async with (
        stage.streaming("ada") as ada,
        other.streaming("ben") as ben,
        stage.listening("watcher", role="observer") as (watching, watcher),
    ):
        await until(lambda: watcher.authors == {"ada"})
        killed_s = await kill_host(stage.room_id)
        await until(lambda: all(results_of_the_new_room(one) >= 2 for one in (ada, ben, watcher)))
        # Another host was warm.
        for diary in (ada, ben, watcher):
            assert diary.longest_silence_s(killed_s - 1, time.monotonic()) < RECOVERY_S
        assert watching.connections == 1
        await until(lambda: len(room_hosts()) == 2)


async def test_nobody_notices_that_the_directory_dies(stage: Stage) -> None:
    async with stage.streaming("ada") as ada:
        await until(lambda: len(ada.results) >= 5)
        (process,) = processes("ray::Directory")
        killed_s = time.monotonic()
        os.kill(process.pid, signal.SIGKILL)
        async with Stage(stage.url, f"{stage.room_id}-2").streaming("ben") as ben:
            await until(lambda: len(ben.results) >= 3)
        assert ada.longest_silence_s(killed_s, time.monotonic()) < 1.5
        assert ada.error_codes == ben.error_codes == []
        # The one that took its place has learned where the rooms are.
        await until(lambda: stage.room_id in open_rooms())


async def test_a_room_that_is_handed_over_loses_a_tick_at_most(stage: Stage) -> None:
    async with (
        stage.streaming("ada") as ada,
        stage.listening("watcher", role="observer") as (_, watcher),
    ):
        await until(lambda: len(ada.results) >= 10)
        source = host_of(stage.room_id)
        moved_s = time.monotonic()
        target = await directory().move.remote(stage.room_id)
        assert target not in (None, source)
        assert host_of(stage.room_id) == target
        await until(lambda: ada.results_since(moved_s) >= 10)
        seconds = ada.results[-1].received_s - moved_s
        assert ada.results_since(moved_s) >= seconds / 0.3 - 2
        assert ada.error_codes == watcher.error_codes == []
        assert watcher.results_since(moved_s) >= 9


async def test_a_host_that_is_drained_has_its_rooms_no_more(stage: Stage) -> None:
    async with stage.streaming("ada") as ada:
        source = host_of(stage.room_id)
        assert await directory().drain.remote(source)
        assert host_of(stage.room_id) != source
        count = len(ada.results)
        await until(lambda: len(ada.results) >= count + 5)
        assert ada.error_codes == []
        # An empty host that takes no more rooms ends.
        await until(lambda: source not in room_hosts())


async def test_a_room_forgets_nothing_that_a_client_said(stage: Stage) -> None:
    """The media state outlives the room's process: who was muted stays muted."""
    async with stage.listening("ada") as (client, told):
        await client.send_media_state(mic_enabled=False, camera_enabled=False)
        await asyncio.sleep(0.5)
        await kill_host(stage.room_id)
        await until(lambda: "ROOM_RESTARTED" in told.error_codes)
        async with stage.streaming("ben"):
            await client.send_frame(b"")
            await until(lambda: "BAD_IMAGE" in told.error_codes)
        assert told.results == []


async def test_telemetry_that_is_killed_counts_on(stage: Stage) -> None:
    async with stage.streaming("ada") as ada:
        await room_counts(stage, lambda room: room.participants == 1)
        (telemetry,) = processes("ray::TelemetryActor")
        os.kill(telemetry.pid, signal.SIGKILL)
        killed_s = time.time()
        await until(lambda: not telemetry.is_running(), timeout_s=10)
        room = await room_counts(stage, lambda room: room.results >= 3, timeout_s=40)
        stats = await read_stats(stage.url)
        assert stats.since_ts >= killed_s
        assert room.participants == 1
        assert len(ada.error_codes) == 0
