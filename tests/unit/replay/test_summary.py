import json

from hoovik.schema.emotion import EMOTIONS, MEETING_PRIOR, Profile
from replay.summary import summary
from tests.unit.replay.timelines import meeting, participant, results


def test_figures_of_a_meeting() -> None:
    own = results(
        ["sad"] * 12 + ["happy"] * 12,
        profiles=[Profile.BOTH] * 18 + [Profile.VIDEO_ONLY] * 6,
        flagged=[0, 1, 2, 3],
    )
    whole = summary(meeting(participant(own, duration_s=16.0)))
    assert (whole["meeting"], whole["title"], whole["duration_s"]) == ("weekly-1", "Weekly", 16.0)
    assert (whole["bundle"], whole["untrained"]) == ("1.0.0+abc", False)
    assert whole["prior"] == dict(zip(EMOTIONS, MEETING_PRIOR, strict=True))
    (ann,) = whole["participants"]
    assert (ann["participant"], ann["media"], ann["fault"]) == ("Ann", "ann.mp4", "")
    assert (ann["results"], ann["flagged"], ann["counted"]) == (24, 4, 20)
    assert ann["flagged_share"] == 0.1667
    assert ann["top"] == "happy"
    assert list(ann["shares"]) == list(EMOTIONS)
    assert (ann["shares"]["sad"], ann["shares"]["happy"], ann["shares"]["angry"]) == (0.4, 0.6, 0)
    assert ann["mean_probs"]["happy"] == 0.47  # (8 * 0.05 + 12 * 0.75) / 20
    assert ann["coverage"] == {
        "ticks": 32,
        "with_result": 0.75,
        "with_voice": 0.5625,
        "with_face": 0.75,
        "profiles": {
            "both": {"n": 18, "share": 0.5625},
            "audio_only": {"n": 0, "share": 0.0},
            "video_only": {"n": 6, "share": 0.1875},
        },
    }
    (change,) = ann["changes"]
    assert (change["time_s"], change["before"], change["after"]) == (6.0, "sad", "happy")


def test_it_is_json_without_nan_where_there_are_no_results() -> None:
    broken = participant(results([]), name="Eve", fault="no such file")
    whole = summary(meeting(broken, untrained=True))
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole
    (eve,) = whole["participants"]
    assert eve["fault"] == "no such file"
    assert eve["shares"] is None
    assert eve["mean_probs"] is None
    assert eve["top"] is None
    assert eve["coverage"]["with_result"] is None
    assert whole["untrained"] is True


def test_a_meeting_of_nobody() -> None:
    whole = summary(meeting())
    assert (whole["duration_s"], whole["participants"]) == (0.0, [])
