"""Load generator: participants who stream the sample meeting's media, in a process of its own.

``python -m bench.load --url URL --participants N --seconds S`` prints what they were told, as
JSON. 100 ms chunks and 5 fps of 640x360 JPEG each.
"""

import argparse
import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hoovik.layout import SAMPLE_RATE
from hoovik_client.client import Client
from hoovik_client.player import Player
from hoovik_client.recording import Recording, read_recording
from hoovik_client.tally import Tally

SAMPLE_MEETING = Path(__file__).resolve().parent.parent / "samples" / "meeting"
STAGGER_S = 0.037
"""Between two participants' starts, so that their chunks do not all fall on the same instant."""


def speaking_all_the_time(recording: Recording) -> Recording:
    """The same without its pauses: the hardest that a microphone can be."""
    audio, frame = recording.audio, SAMPLE_RATE // 10
    chunks = audio[: audio.size // frame * frame].reshape(-1, frame)
    loudness = np.sqrt((chunks**2).mean(axis=1))
    speech = chunks[loudness > 0.1 * np.quantile(loudness, 0.9)].ravel()
    repeats = int(np.ceil(audio.size / max(1, speech.size)))
    return replace(recording, audio=np.tile(speech, repeats)[: audio.size])


async def generate(
    url: str, participants: int, seconds: float, recordings: list[Recording]
) -> list[Tally]:
    """Stream for so long; what each participant was told."""
    tallies = [Tally() for _ in range(participants)]

    async def one(index: int) -> None:
        def make_client() -> Client:
            return Client(url, f"load-{index}", room_id=f"bench-{index // 8}")

        await asyncio.sleep(index * STAGGER_S)
        tally = tallies[index]
        recording = recordings[index % len(recordings)]
        await Player(make_client, recording, tally.take, tally.stop).play(seconds)

    await asyncio.gather(*(one(index) for index in range(participants)))
    return tallies


def report(tallies: list[Tally], seconds: float) -> dict[str, Any]:
    """Counts and latencies of all participants together, and of each."""
    now_s = time.monotonic()
    latencies = np.concatenate([tally.latencies_ms for tally in tallies] or [[0.0]])
    total = sum(tally.results for tally in tallies)
    percentiles = np.percentile(latencies, [50, 95]) if latencies.size else (None, None)
    return {
        "results": total,
        "results_per_s": total / seconds,
        "per_participant": [tally.results / seconds for tally in tallies],
        "latency_ms": {"p50": percentiles[0], "p95": percentiles[1]},
        "live_seconds": [tally.live_seconds(now_s) for tally in tallies],
        "errors": [error for tally in tallies for error in tally.errors],
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--participants", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    arguments = parser.parse_args()
    recordings = [
        speaking_all_the_time(read_recording(path)) for path in sorted(SAMPLE_MEETING.glob("*.mp4"))
    ]
    tallies = asyncio.run(
        generate(arguments.url, arguments.participants, arguments.seconds, recordings)
    )
    print(json.dumps(report(tallies, arguments.seconds)))


if __name__ == "__main__":
    main()
