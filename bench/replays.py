"""How fast a replay is, and what memory it takes."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import psutil
import yaml
from ray.cluster_utils import Cluster

from bench.rounds import available_cores, on_cores
from hoovik.media.meeting import load_meeting

SAMPLE_EVERY_S = 1.0


@dataclass(frozen=True)
class ReplayFigures:
    """A replay of a made meeting.

    Attributes:
        media_s: of all participants together.
        wall_s: of the command, with the start of Ray and of the pool.
        peak_gb: proportional set size of all its processes together, in 10^9 bytes.
        nodes: simulated nodes of one CPU each; 0: this machine as it is.
    """

    media_s: float
    wall_s: float
    peak_gb: float
    nodes: int

    @property
    def speed(self) -> float:
        """Seconds of media in a second."""
        return self.media_s / self.wall_s


def measure_replay(sample: Path, seconds: float, nodes: int = 0) -> ReplayFigures:
    """Replay a meeting of two participants.

    Args:
        sample: folder of the meeting that is repeated.
        seconds: length.
        nodes: simulated nodes of one CPU each, on this machine; 0: none. What they have in common
            are its cores: more nodes than cores are no faster.
    """
    hoovik = Path(sys.executable).with_name("hoovik")
    with tempfile.TemporaryDirectory() as scratch, _cluster(nodes) as address:
        folder = Path(scratch)
        length_s = make_long_meeting(sample, folder / "meeting", seconds)
        begun_s = time.monotonic()
        with (
            subprocess.Popen(
                [hoovik, "replay", folder / "meeting", "--out", folder / "out"],
                stdout=subprocess.DEVNULL,
                env={**os.environ, **address},
            ) as replay,
            _memory() as memory,
        ):
            status = replay.wait()
        wall_s = time.monotonic() - begun_s
    if status:
        raise RuntimeError(f"the replay ended with status {status}")
    return ReplayFigures(2 * length_s, wall_s, memory[0] / 1e9, nodes)


@contextmanager
def _cluster(nodes: int) -> Iterator[dict[str, str]]:
    """Environment of a command that joins simulated nodes, each kept on a core as far as there are."""
    if not nodes:
        yield {}
        return
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    cores = sorted(available_cores())
    cluster = Cluster()
    try:
        for number in range(nodes):
            with on_cores(frozenset({cores[number % len(cores)]})):  # its processes inherit it
                cluster.add_node(num_cpus=1)
        yield {"RAY_ADDRESS": cluster.address}
    finally:
        cluster.shutdown()  # type: ignore[no-untyped-call]


@contextmanager
def _memory() -> Iterator[list[float]]:
    """The peak, in bytes, of what this process's descendants hold, kept up to date."""
    peak, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(SAMPLE_EVERY_S):
            peak[0] = max(peak[0], sum(map(_held, psutil.Process().children(recursive=True))))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield peak
    over.set()
    thread.join()


def _held(process: psutil.Process) -> float:
    try:
        # Pages that several processes share, as those of the object store, count once in all.
        return float(process.memory_full_info().pss)
    except psutil.Error:
        return 0.0


def make_long_meeting(sample: Path, folder: Path, seconds: float) -> float:
    """Write the files of a meeting over and over, without encoding anew; returns the new length.

    Args:
        sample: folder of a meeting whose files are of equal length.
        folder: made if it is not there.
        seconds: at least so long, rounded up to whole laps.
    """
    meeting = load_meeting(sample)
    laps = -int(-seconds // meeting.duration_s)
    folder.mkdir(parents=True, exist_ok=True)
    participants = []
    for one in meeting.participants:
        _repeat(one.file, folder / one.file.name, laps, meeting.duration_s)
        participants.append({"name": one.name, "file": one.file.name})
    said = {"title": f"{meeting.title}, {laps} times", "participants": participants}
    (folder / "meeting.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    return laps * meeting.duration_s


def _repeat(source: Path, target: Path, laps: int, lap_s: float) -> None:
    with av.open(str(target), "w") as out:
        streams = None
        for lap in range(laps):
            with av.open(str(source)) as container:
                if streams is None:
                    streams = [out.add_stream_from_template(one) for one in container.streams]
                    last = [float("-inf")] * len(streams)
                for packet in container.demux():
                    if packet.dts is None or packet.pts is None:
                        continue
                    shift = round(lap * lap_s / packet.time_base)
                    place = packet.stream.index
                    if packet.dts + shift <= last[place]:
                        continue  # an encoder's lead-in lies before the end of the lap before
                    packet.pts += shift
                    packet.dts += shift
                    last[place] = packet.dts
                    packet.stream = streams[place]
                    out.mux(packet)
