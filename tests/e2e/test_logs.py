"""What the processes of the service write to their logs, and what they do not."""

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray

from hoovik_client.client import Client
from tests.e2e.guests import Stage, talker, until

TOKEN = "a-token-that-nobody-may-read"


def log_files() -> list[Path]:
    folder = Path(ray._private.worker._global_node.get_session_dir_path()) / "logs"
    return [path for path in folder.rglob("*") if path.is_file()]


def lines_about(room_id: str) -> Iterator[dict[str, Any]]:
    """Lines of our own loggers about one room."""
    for path in log_files():
        if path.name.startswith("worker-") and path.suffix == ".err":
            for line in path.read_text(errors="replace").splitlines():
                if f'"{room_id}"' in line:
                    yield json.loads(line)


async def test_lines_are_json_with_room_and_participant(stage: Stage) -> None:
    async with stage.streaming("ada"):
        pass
    await until(lambda: any(one["message"] == "room ends, idle" for one in lines(stage)))
    joins, leaves = (
        [one for one in lines(stage) if one["message"] == message]
        for message in ("a socket joins", "a socket leaves")
    )
    assert len(joins) == len(leaves) == 1
    assert joins[0]["participant"] == "ada"
    assert joins[0]["role"] == "participant"
    assert joins[0]["level"] == "INFO"
    assert joins[0]["logger"] == "deployments.ingress.lobby"
    assert joins[0]["ts"] < leaves[0]["ts"]


def lines(stage: Stage) -> list[dict[str, Any]]:
    return list(lines_about(stage.room_id))


async def test_media_and_tokens_reach_no_log(stage: Stage) -> None:
    recording = talker()
    image, sound = recording.frames[0][1], recording.audio[:1600]
    room_id = f"{stage.room_id}-private"
    async with Client(stage.url, "ada", room_id=room_id, token=TOKEN) as client:
        for _ in range(5):
            await client.send_frame(image)
            await client.send_audio(sound)
            await client.send("frame", {"participantId": "ada", "buffer": image[:200]})
            await asyncio.sleep(0.1)
    private = [TOKEN.encode()]
    for data in (image, sound.tobytes()):
        part = data[1000:1060]
        private += [part, base64.b64encode(part)[4:-4], part.hex().encode()]
    written = sum(path.stat().st_mtime > time.time() - 60 for path in log_files())
    assert written > 10
    leaks = [path.name for path in log_files() for secret in private if secret in path.read_bytes()]
    assert leaks == []


async def test_serve_writes_json_too(service: str) -> None:
    replicas = [path for path in log_files() if path.name.startswith("replica_hoovik_Ingress")]
    assert len(replicas) == 2
    written = [line for path in replicas for line in path.read_text().splitlines()]
    assert written
    assert all("levelname" in json.loads(line) for line in written)
