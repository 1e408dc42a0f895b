"""The folder of a meeting: what is in it, and whose it is."""

import json
from pathlib import Path

import pyarrow.parquet as pq

from replay.outputs import Written, write_outputs, written_in
from replay.timeline import RESULTS_SCHEMA, MeetingTimeline
from tests.unit.replay.timelines import meeting, participant, results


def write(timeline: MeetingTimeline, folder: Path, run: str = "run-1") -> None:
    write_outputs(timeline, folder, run=run, limits=["few"], card_url=None)


def test_a_folder_says_of_what_it_is(tmp_path: Path) -> None:
    write(meeting(participant(results(["happy", "sad"]))), tmp_path / "weekly")
    assert written_in(tmp_path / "weekly") == Written("run-1", ("ann.mp4",), faulty=False)


def test_a_folder_without_a_whole_summary_is_nobodys(tmp_path: Path) -> None:
    for content in (None, "", "{", "[]", '{"run": 1}'):
        if content is not None:
            (tmp_path / "summary.json").write_text(content)
        assert written_in(tmp_path) == Written("", (), faulty=False)


def test_a_fault_is_remembered(tmp_path: Path) -> None:
    write(meeting(participant(results(["sad"]), fault="cut off")), tmp_path)
    assert written_in(tmp_path) == Written("run-1", ("ann.mp4",), faulty=True)


def test_captions_of_who_is_no_longer_in_the_meeting_go(tmp_path: Path) -> None:
    ann, ben = (participant(results(["sad"]), name=name) for name in ("Ann", "Ben B/2"))
    write(meeting(ann, ben), tmp_path)
    assert {one.name for one in tmp_path.glob("*.vtt")} == {"01-Ann.vtt", "02-Ben_B_2.vtt"}
    write(meeting(ann), tmp_path, "run-2")
    assert {one.name for one in tmp_path.glob("*.vtt")} == {"01-Ann.vtt"}
    assert written_in(tmp_path).run == "run-2"


def test_rows_are_the_same_in_both_files(tmp_path: Path) -> None:
    own = participant(results(["happy", "sad", "sad"], flagged=[1]), name="Äda")
    write(meeting(own), tmp_path)
    table = pq.read_table(tmp_path / "results.parquet")
    assert table.schema.equals(RESULTS_SCHEMA)
    lines = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == table.to_pylist()
    assert [row["anomaly"] for row in table.to_pylist()] == [False, True, False]


def test_the_report_may_be_left_out_and_an_old_one_goes(tmp_path: Path) -> None:
    timeline = meeting(participant(results(["happy"])))
    write(timeline, tmp_path)
    assert (tmp_path / "report.html").is_file()
    write_outputs(timeline, tmp_path, run="run-1", limits=[], card_url=None, report=False)
    assert not (tmp_path / "report.html").exists()
    assert written_in(tmp_path).run == "run-1"
