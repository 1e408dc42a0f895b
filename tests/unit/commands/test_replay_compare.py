import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from commands.main import app, main
from tests.unit.replay.runs import timeline, written
from tests.unit.replay.timelines import participant, results


def hoovik(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["replay", *map(str, arguments)], env={"COLUMNS": "80"})


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """The runs differ twice; a name of theirs would be a style of the terminal."""
    a = participant(results(["sad", "sad", "happy", "happy"], flagged=[3]), name="[red]Ann")
    b = participant(results(["sad", "happy", "angry", "happy"]), name="[red]Ann")
    return (
        written(tmp_path / "a", timeline(a)),
        written(tmp_path / "b", timeline(b, bundle="1.1.0+b")),
    )


def words(said: Result) -> str:
    return " ".join(said.output.replace("│", " ").split())


def test_runs_that_differ_are_shown_and_nothing_is_written(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    said = hoovik("--compare", *runs)
    assert said.exit_code == 0, said.output
    assert "4 results match; 50.0% have equal labels (15.0% to 85.0%)" in words(said)
    assert "75.0% are flagged alike" in words(said)
    assert "bundle 1.0.0+a, 4 results" in words(said)
    assert "bundle 1.1.0+b, 4 results" in words(said)
    assert "[red]Ann in weekly" in words(said)
    assert "2 of 2 stretches" in words(said)
    assert "0:00.5 – 0:01.0" in words(said)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_files_are_written_where_a_folder_is_given(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = hoovik("--compare", *runs, "--out", out)
    assert said.exit_code == 0, said.output
    assert said.output.endswith(f"{out / 'compare.html'}\n")
    figures = json.loads((out / "compare.json").read_text(encoding="utf-8"))
    assert figures["overall"]["equal_share"] == 0.5
    assert figures["a"]["folder"] == str(runs[0])


def test_a_meeting_of_each_run_can_be_compared(runs: tuple[Path, Path]) -> None:
    said = hoovik("--compare", runs[0] / "weekly", runs[1])
    assert said.exit_code == 0, said.output
    assert "4 results match" in words(said)


@pytest.mark.parametrize("n", [1, 3])
def test_two_folders_are_compared_and_no_other_number(n: int, runs: tuple[Path, Path]) -> None:
    said = hoovik("--compare", *[runs[0]] * n)
    assert said.exit_code == 2
    assert f"two runs, A and B, not {n}" in words(said)


def test_a_replay_needs_a_folder_for_its_outputs() -> None:
    said = hoovik("meeting.mp4")
    assert said.exit_code == 2
    assert "--out" in said.output


def test_what_is_no_run_is_said_with_status_1(
    runs: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["hoovik", "replay", "--compare", str(runs[0]), str(tmp_path / "gone")]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "there is no such folder" in " ".join(capsys.readouterr().err.split())
