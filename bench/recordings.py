"""A long meeting to replay: the sample meeting's files over and over, without encoding anew."""

from pathlib import Path

import av
import yaml

from hoovik.media.meeting import load_meeting


def make_long_meeting(sample: Path, folder: Path, seconds: float) -> float:
    """Write a meeting of at least so many seconds into a folder; returns its length.

    Args:
        sample: folder of a meeting whose files are of equal length.
        folder: made if it is not there.
        seconds: rounded up to whole laps.
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
