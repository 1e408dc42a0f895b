from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hoovik.errors import MediaError
from replay.comparison import read_run, run_of
from replay.outputs import RESULTS
from tests.unit.replay.runs import run, timeline, written
from tests.unit.replay.timelines import participant, results

ANN = participant(results(["sad", "happy"]))


def with_column(name: str, values: list[Any]) -> pa.Table:
    table = timeline(ANN).table()
    return table.set_column(table.column_names.index(name), name, [values])


def test_a_run_is_a_folder_of_meetings_or_a_meeting(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "run", timeline(ANN), timeline(ANN, meeting="retro", bundle="0.9.0+z")
    )
    whole = read_run(folder)
    assert whole.name == str(folder)
    assert set(whole.results) == {("weekly", "Ann"), ("retro", "Ann")}
    assert whole.bundles == ("0.9.0+z", "1.0.0+a")
    assert len(whole) == 4
    one = read_run(folder / "retro")
    assert list(one.results) == [("retro", "Ann")]
    own = one.results["retro", "Ann"]
    np.testing.assert_array_equal(own.time_s, [0.0, 0.5])
    np.testing.assert_array_equal(own.probs, ANN.results.probs)
    assert own.emotion == ("sad", "happy")


def test_a_run_without_results_in_it_is_read(tmp_path: Path) -> None:
    empty = read_run(written(tmp_path / "run", timeline(participant(results([])))))
    assert (len(empty), empty.bundle, empty.untrained) == (0, "none", False)


def test_untrained_results_are_noticed() -> None:
    assert run(timeline(ANN), timeline(ANN, meeting="retro", untrained=True)).untrained
    assert not run(timeline(ANN)).untrained


def test_there_must_be_a_folder_with_results(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone: there is no such folder"):
        read_run(tmp_path / "gone")
    (tmp_path / "weekly").mkdir()
    with pytest.raises(MediaError, match=r"there is no results\.parquet in it"):
        read_run(tmp_path)


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path / "run", timeline(ANN), timeline(ANN, meeting="retro"))
    (folder / "retro" / RESULTS).write_bytes(b"not parquet")
    with pytest.raises(MediaError, match=r"retro/results\.parquet: cannot be read"):
        read_run(folder)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    pq.write_table(timeline(ANN).table().drop_columns(["p_sad", "profile"]), tmp_path / RESULTS)
    with pytest.raises(MediaError, match=r"results\.parquet: .* there is no p_sad, profile"):
        read_run(tmp_path)


def test_more_columns_and_another_order_do_no_harm() -> None:
    table = timeline(ANN).table().append_column("note", [["", "x"]])
    own = run_of(table.select(table.column_names[::-1]), "old")
    assert own.results["weekly", "Ann"].emotion == ("sad", "happy")


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("time_s", ["soon", "later"], "no results of a replay"),
        ("emotion", ["sad", None], "emotion has empty cells"),
        ("emotion", ["sad", "bored"], "emotion is bored; there are angry, "),
        ("profile", ["both", "smell"], "profile is smell; there are both, "),
        ("p_happy", [0.5, float("nan")], "p_happy is not finite"),
        ("time_s", [0.0, float("inf")], "time_s is not finite"),
    ],
)
def test_columns_that_hold_something_else(column: str, values: list[Any], said: str) -> None:
    with pytest.raises(MediaError, match=f"old: .*{said}|old: {said}"):
        run_of(with_column(column, values), "old")


def test_two_results_at_one_time_are_refused() -> None:
    twice = participant(results(["sad", "sad", "happy"], times=[0.0, 0.5, 0.5002]))
    with pytest.raises(
        MediaError, match=r"old: Ann in weekly has more than one result at 0\.500 s"
    ):
        run(timeline(twice))
    with pytest.raises(MediaError, match=r"more than one result at 0\.000 s"):
        run(timeline(ANN), timeline(ANN))
