import asyncio
import io

import av
import httpx
import pytest

from bench.load import SAMPLE_MEETING
from hoovik.schema.emotion import EMOTIONS
from tests.e2e.guests import Stage, open_rooms, processes, room_counts, talker, until

JPEG = talker().frames[0][1]
JPEG_OF_NOTHING = JPEG[:600] + bytes(900) + b"\xff\xd9"


async def test_an_empty_room_ends_itself(stage: Stage) -> None:
    async with stage.listening("ada"):
        assert stage.room_id in open_rooms()
    await until(lambda: stage.room_id not in open_rooms())


async def test_a_room_that_has_worked_ends_itself_as_soon(stage: Stage) -> None:
    async with stage.streaming("ada"):
        pass
    await until(lambda: stage.room_id not in open_rooms(), timeout_s=10)


async def test_a_room_that_has_ended_opens_again(stage: Stage) -> None:
    async with stage.listening("ada"):
        pass
    await until(lambda: stage.room_id not in open_rooms())
    async with stage.streaming("ada") as ada:
        assert ada.authors == {"ada"}


async def test_no_process_of_the_service_holds_pandas(stage: Stage) -> None:
    async with stage.listening("ada"):
        ours = [*processes("ray::RoomHost"), *processes("ray::ServeReplica")]
        assert len(ours) >= 11
        for one in ours:
            libraries = [mapped.path for mapped in one.memory_maps()]
            assert any("/numpy/" in path for path in libraries), one
            assert [path for path in libraries if "/pandas/" in path] == [], one


async def test_health_readiness_and_counts(service: str, stage: Stage) -> None:
    async with httpx.AsyncClient(base_url=service) as http:
        assert (await http.get("/health")).json() == {"status": "ok"}
        assert (await http.get("/ready")).json() == {"status": "ready", "waiting": {}}
        async with stage.streaming("ada") as ada:
            await until(lambda: len(ada.results) >= 5)
            room = await room_counts(stage, lambda room: room.results >= 5)
            assert (room.participants, room.ingress_replicas) == (1, 1)
        assert (await http.get("/docs")).status_code == httpx.codes.OK


async def predict(service: str, **files: bytes) -> httpx.Response:
    async with httpx.AsyncClient(base_url=service, timeout=60) as http:
        return await http.post("/predict", files=files)


def beginning(seconds: float) -> bytes:
    """The first seconds of the sample meeting's first file, its packets copied."""
    shorter = io.BytesIO()
    with av.open(str(SAMPLE_MEETING / "mira.mp4")) as source, av.open(shorter, "w", "mp4") as copy:
        streams = {one.index: copy.add_stream_from_template(one) for one in source.streams}
        for packet in source.demux():
            if packet.dts is not None and packet.pts * packet.time_base < seconds:
                packet.stream = streams[packet.stream.index]
                copy.mux(packet)
    return shorter.getvalue()


async def test_a_clip_is_answered_over_http(service: str) -> None:
    reply = await predict(service, clip=beginning(6.0))
    assert reply.status_code == httpx.codes.OK, reply.text
    summary = reply.json()["summary"]
    assert summary["durationSec"] == pytest.approx(6.0, abs=0.2)
    assert 15 <= summary["results"] <= 20
    assert set(summary["profiles"]) == {"both", "video_only"}


async def test_a_clip_over_thirty_seconds_is_refused(service: str) -> None:
    refused = await predict(service, clip=(SAMPLE_MEETING / "mira.mp4").read_bytes())
    assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert refused.json()["code"] == "BAD_MEDIA"
    assert "30 s" in refused.json()["message"]


async def test_an_image_and_a_sound_are_answered_over_http(service: str, tmp_path) -> None:
    import soundfile

    sound = tmp_path / "voice.flac"
    soundfile.write(sound, talker().audio[:48_000], 16_000)
    image = talker().frames[0][1]
    reply = await predict(service, image=image, sound=sound.read_bytes())
    assert reply.status_code == httpx.codes.OK, reply.text
    body = reply.json()
    times = [one["timeSec"] for one in body["results"]]
    assert len(times) >= 7
    assert times == sorted(times)
    assert body["summary"]["profiles"].keys() >= {"both"}
    assert body["summary"]["emotion"] in EMOTIONS
    alone = (await predict(service, image=image)).json()
    assert set(alone["summary"]["profiles"]) == {"video_only"}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"clip": b"no clip"}, "BAD_MEDIA"),
        ({"image": b"no image"}, "BAD_IMAGE"),
        ({"sound": b"no sound at all"}, "BAD_AUDIO"),
        ({"image": JPEG_OF_NOTHING}, "BAD_IMAGE"),
    ],
)
async def test_a_bad_upload_is_told_why(service: str, files: dict, code: str) -> None:
    reply = await predict(service, **files)
    assert reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert reply.json()["code"] == code


async def test_an_upload_over_its_limit_is_refused(service: str) -> None:
    reply = await predict(service, clip=bytes(21 * 2**20))
    assert reply.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert reply.json()["code"] == "UPLOAD_TOO_LARGE"


async def test_many_requests_at_once(service: str) -> None:
    image = talker().frames[0][1]
    replies = await asyncio.gather(*(predict(service, image=image) for _ in range(8)))
    assert {reply.status_code for reply in replies} == {httpx.codes.OK}
