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
from hoovik_client.tally import Tally
from tests.e2e.guests import Diary, Stage, kill_host, processes, read_stats, room_counts, until

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


def counted(diary: Diary) -> dict:
    """The summary that the demo would print of this."""
    tally = Tally()
    for reading in diary.readings:
        tally.take(reading)
    return tally.summary(time.monotonic())


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


async def test_a_killed_room_comes_back_with_its_people(stage: Stage) -> None:
    async with (
        stage.streaming("ada") as ada,
        stage.streaming("ben") as ben,
        stage.listening("watcher", role="observer") as (watching, watcher),
    ):
        await until(lambda: watcher.authors == {"ada", "ben"})
        await kill_host(stage.room_id)
        # How long it takes a process to start is the machine's.
        await until(lambda: all(results_of_the_new_room(one) >= 2 for one in (ada, ben, watcher)))
        for diary in (ada, ben):
            summary = counted(diary)
            assert summary["lost"] >= 1
            assert summary["results"] > 0
        assert watching.connections == 1


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
