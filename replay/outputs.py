"""The files of a finished meeting."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from replay.captions import webvtt
from replay.inputs import safe_name
from replay.report import report_html
from replay.summary import summary
from replay.timeline import MeetingTimeline

RESULTS = "results.parquet"
SUMMARY = "summary.json"
REPORT = "report.html"


def write_outputs(
    timeline: MeetingTimeline,
    folder: Path,
    *,
    run: str,
    limits: Sequence[str],
    card_url: str | None,
    report: bool = True,
) -> None:
    """Write everything about a meeting into a folder; the summary last, which says that all is there.

    Args:
        timeline: of the meeting.
        folder: made if it is not there.
        run: key of the run and the recordings.
        limits: of the bundle, as HTML.
        card_url: of its model card.
        report: whether to write the report too, which takes some megabytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SUMMARY).unlink(missing_ok=True)
    table = timeline.table()
    pq.write_table(table, folder / RESULTS)
    with (folder / "results.jsonl").open("w", encoding="utf-8") as file:
        for batch in table.to_batches(max_chunksize=1_024):
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in batch.to_pylist())
    for stale in folder.glob("*.vtt"):
        stale.unlink()
    for number, one in enumerate(timeline.participants, start=1):
        name = f"{number:02d}-{safe_name(one.participant)}.vtt"
        (folder / name).write_text(
            webvtt(one, timeline.tick_s, untrained=timeline.untrained), encoding="utf-8"
        )
    (folder / REPORT).unlink(missing_ok=True)
    if report:
        page = report_html(timeline, limits, card_url, folder=folder)
        (folder / REPORT).write_text(page, encoding="utf-8")
    said = {**summary(timeline), "run": run}
    (folder / SUMMARY).write_text(
        json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What a folder holds the outputs of.

    Attributes:
        run: key of the run and the recordings; empty where there are no outputs.
        media: addresses of the recordings, as they are shown.
        faulty: whether one of them could not be read to its end.
    """

    run: str = ""
    media: tuple[str, ...] = ()
    faulty: bool = False


def written_in(folder: Path) -> Written:
    """What a folder says of itself; nothing where its outputs are not all there."""
    try:
        said = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        participants = said["participants"]
        return Written(
            str(said["run"]),
            tuple(one["media"] for one in participants),
            any(one["fault"] for one in participants),
        )
    except (OSError, ValueError, LookupError, TypeError):
        return Written()
