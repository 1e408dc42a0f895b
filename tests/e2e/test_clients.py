"""Who connects how, and who is told what."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import socketio
import websockets
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.framing import pack_audio, pack_event, pack_frame
from hoovik_client import ClosedError, recording_of
from tests.e2e.guests import Stage, room_counts, stream_until, talker, until

ROOT = Path(__file__).resolve().parents[2]


async def test_the_original_client_works_unchanged(service: str) -> None:
    socket = socketio.AsyncClient()
    told: dict[str, list] = {"server.status": [], "emotion.result": [], "emotion.error": []}
    for event, received in told.items():
        socket.on(event, received.append)
    await socket.connect(service, auth={"participantId": "ada"}, transports=["websocket"])

    async def send(samples: NDArray[np.float32], jpeg: bytes | None) -> None:
        await socket.emit("audio_chunk", samples.tobytes())
        if jpeg is not None:
            frame = {"meetingId": "m1", "participantId": "ada", "buffer": jpeg}
            await socket.emit("emotion.frame", frame)

    try:
        await stream_until(lambda: len(told["emotion.result"]) >= 6, send)
    finally:
        await socket.shutdown()
    status = told["server.status"][0]
    assert (status["status"], status["roomId"], status["seqLen"]) == ("ready", "solo-ada", 10)
    assert told["emotion.error"] == []
    answer = told["emotion.result"][-1]
    assert answer["participantId"] == "ada"
    assert answer["latencyMs"] > 0
    assert answer["result"]["modality"] == "both"
    assert answer["result"]["emotion"] in EMOTIONS
    assert set(answer["result"]["probs"]) == set(EMOTIONS)
    assert abs(sum(answer["result"]["probs"].values()) - 1) < 1e-4
    assert {"confidence", "anomaly", "anomalyScore", "rawEmotion", "uncertain"} <= set(
        answer["result"]
    )


async def test_an_observer_hears_everyone_in_the_room_and_a_stranger_nobody(stage: Stage) -> None:
    elsewhere = Stage(stage.url, f"{stage.room_id}-elsewhere")
    async with (
        stage.streaming("ada") as ada,
        stage.streaming("ben", talker("jonas.webm")) as ben,
        stage.listening("watcher", role="observer") as (_, watcher),
        elsewhere.listening("stranger", role="observer") as (_, stranger),
        elsewhere.listening("cyd") as (_, cyd),
    ):
        await until(lambda: watcher.authors == {"ada", "ben"})
        await asyncio.sleep(1.5)
        assert ada.authors == {"ada"}
        assert ben.authors == {"ben"}
        assert stranger.results == cyd.results == []


async def test_participants_of_a_room_may_be_on_different_ingress_replicas(stage: Stage) -> None:
    async with (
        stage.streaming("ada"),
        stage.streaming("ben"),
        stage.listening("first", role="observer") as (_, first),
        stage.listening("second", role="observer") as (_, second),
        stage.listening("third", role="observer") as (_, third),
        stage.listening("fourth", role="observer") as (_, fourth),
    ):
        # The room has sockets on both.
        await room_counts(stage, lambda room: room.ingress_replicas == 2)
        for observer in (first, second, third, fourth):
            await until(lambda observer=observer: observer.authors == {"ada", "ben"})


async def test_a_plain_websocket_speaks_the_same_messages(service: str) -> None:
    address = service.replace("http", "ws") + "/ws"
    told: list[dict] = []
    note = told.append
    async with websockets.connect(address, max_size=None) as socket:
        await socket.send(pack_event("auth", {"participantId": "ada", "roomId": "plain"}))

        async def listen() -> None:
            async for message in socket:
                note(json.loads(message))

        listener = asyncio.create_task(listen())
        await socket.send(pack_event("ping", None))

        async def send(samples: NDArray[np.float32], jpeg: bytes | None) -> None:
            pcm = np.rint(samples * 32767).astype("<i2").tobytes()
            await socket.send(pack_audio(pcm, encoding="s16le", sample_rate=16_000))
            if jpeg is not None:
                await socket.send(pack_frame(jpeg))

        await stream_until(lambda: sum(one["event"] == "emotion.result" for one in told) >= 3, send)
        listener.cancel()
    events = [one["event"] for one in told]
    assert {"pong", "server.status", "emotion.result"} <= set(events)
    assert "emotion.error" not in events


async def test_a_newer_socket_takes_the_place_of_an_older_one(stage: Stage) -> None:
    async with stage.listening("ada") as (first, told), stage.streaming("ada"):
        await until(lambda: "REPLACED" in told.error_codes and not first.connected)
        assert told.results == []


async def test_a_ping_is_answered(stage: Stage) -> None:
    async with stage.listening("ada") as (client, told):
        await client.send("ping", {"anything": 1})
        await until(lambda: any(message.event == "pong" for message in told.messages()))


async def test_the_example_of_the_readme_runs(service: str) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    code = example.replace("http://127.0.0.1:8000", service).replace("seconds=10", "seconds=4")
    assert code.count(service) == code.count("seconds=4") == 1
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, stdout=subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    told = [line.split() for line in output.decode().splitlines()]
    assert len(told) >= 8
    assert {modality for modality, *_ in told} <= set(Profile)
    assert {emotion for _, emotion, _ in told} <= set(EMOTIONS)


async def test_arrays_are_streamed_and_the_end_is_the_end(stage: Stage) -> None:
    rgb = [
        cv2.cvtColor(cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1), cv2.COLOR_BGR2RGB)
        for _, jpeg in talker().frames[:10]
    ]
    recording = recording_of(talker().audio[:32_000], images=rgb)
    async with stage.client("ada") as client:
        results = [result async for result in client.stream(recording)]
    assert len(results) >= 4
    assert {result.participant_id for result in results} == {"ada"}
    # Sound and pictures end at different times.
    assert Profile.BOTH in {result.result.modality for result in results}


async def test_who_is_replaced_is_told_so(stage: Stage) -> None:
    async with stage.client("ada") as client:
        streaming = client.stream(talker(), seconds=60)
        assert (await anext(streaming)).participant_id == "ada"
        async with stage.client("ada"):
            with pytest.raises(ClosedError, match="REPLACED"):
                async for _ in streaming:
                    pass


async def test_large_pictures_of_several_people_are_looked_at(stage: Stage) -> None:
    # With 3 MB of comments, behind the two bytes that a JPEG begins with. Both go in one call.
    small, comment = talker().frames[0][1], b"\xff\xfe\xff\xff" + bytes(0xFFFF - 2)
    image = small[:2] + 48 * comment + small[2:]
    async with stage.listening("ada") as (ada, of_ada), stage.listening("bo") as (bo, of_bo):
        for _ in range(40):
            await asyncio.gather(ada.send_frame(image), bo.send_frame(image))
            await asyncio.sleep(0.4)
            if len(of_ada.results) >= 3 and len(of_bo.results) >= 3:
                break
        assert of_ada.error_codes + of_bo.error_codes == []
        assert min(len(of_ada.results), len(of_bo.results)) >= 3
