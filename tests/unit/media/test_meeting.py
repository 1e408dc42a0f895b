from math import inf
from pathlib import Path
from typing import Any

import pytest
import yaml

from hoovik.errors import MediaError
from hoovik.media.meeting import ClientState, Meeting, load_meeting
from hoovik.schema.action import Action
from hoovik.schema.emotion import Profile

SCRIPT: dict[str, Any] = {
    "title": "Review",
    "duration_s": 10.0,
    "participants": [
        {"name": "ada", "file": "ada.mp4", "speech": [[1.0, 3.0], [5.0, 8.0]]},
        {"name": "ben", "file": "ben.mp4"},
    ],
    "events": [
        {"time_s": 2.0, "participant": "ada", "action": "mute"},
        {"time_s": 2.5, "participant": "ben", "action": "camera_off"},
        {"time_s": 4.0, "participant": "ada", "action": "unmute"},
        {"time_s": 6.0, "participant": "ada", "action": "camera_off"},
        {"time_s": 7.0, "participant": "ada", "action": "leave"},
        {"time_s": 7.5, "participant": "ada", "action": "join"},
    ],
}


@pytest.fixture
def meeting() -> Meeting:
    return Meeting.model_validate(SCRIPT)


@pytest.mark.parametrize(
    ("time_s", "state"),
    [
        (0.0, ClientState(present=True, microphone=True, camera=True)),
        (1.999, ClientState(present=True, microphone=True, camera=True)),
        (2.0, ClientState(present=True, microphone=False, camera=True)),
        (3.999, ClientState(present=True, microphone=False, camera=True)),
        (4.0, ClientState(present=True, microphone=True, camera=True)),
        (6.0, ClientState(present=True, microphone=True, camera=False)),
        (7.0, ClientState(present=False, microphone=True, camera=False)),
        (7.5, ClientState(present=True, microphone=True, camera=True)),
        (99.0, ClientState(present=True, microphone=True, camera=True)),
    ],
)
def test_an_event_counts_from_its_own_time_on(
    meeting: Meeting, time_s: float, state: ClientState
) -> None:
    assert meeting.state_at("ada", time_s) == state


def test_everybody_has_their_own_events(meeting: Meeting) -> None:
    assert meeting.state_at("ben", 9.0) == ClientState(camera=False)


@pytest.mark.parametrize(
    ("time_s", "profile"),
    [
        (0.5, Profile.VIDEO_ONLY),
        (1.0, Profile.BOTH),
        (2.0, Profile.VIDEO_ONLY),  # speaks, but muted
        (5.0, Profile.BOTH),
        (6.0, Profile.AUDIO_ONLY),
        (7.0, None),
        (7.5, Profile.BOTH),
        (8.0, Profile.VIDEO_ONLY),  # a passage ends before its end
    ],
)
def test_the_profile_is_what_is_sent_and_spoken(
    meeting: Meeting, time_s: float, profile: Profile | None
) -> None:
    assert meeting.profile_at("ada", time_s) == profile


def test_a_dark_and_silent_client_has_no_profile(meeting: Meeting) -> None:
    assert meeting.profile_at("ben", 2.0) == Profile.VIDEO_ONLY
    assert meeting.profile_at("ben", 3.0) is None


def test_changes_are_the_events_and_the_edges_of_speech(meeting: Meeting) -> None:
    assert meeting.changes("ada") == (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 7.5, 8.0)
    assert meeting.changes("ben") == (2.5,)


LATE: dict[str, Any] = SCRIPT | {
    "participants": [
        SCRIPT["participants"][0] | {"speech": [[0.5, 1.0], [1.5, 5.5]], "offset_s": 1.5},
        SCRIPT["participants"][1] | {"offset_s": 2.25},
    ]
}


@pytest.mark.parametrize(
    ("time_s", "profile"),
    [
        (0.0, None),  # the file has not begun
        (1.4, None),
        (1.5, Profile.VIDEO_ONLY),
        (2.25, Profile.VIDEO_ONLY),  # speaks, but muted
        (4.0, Profile.BOTH),
        (6.5, Profile.AUDIO_ONLY),
        (6.9999, Profile.AUDIO_ONLY),
        (7.0, None),  # a passage ends, and the client has left
        (7.5, Profile.VIDEO_ONLY),
    ],
)
def test_a_file_that_begins_late_is_seen_and_heard_late(
    time_s: float, profile: Profile | None
) -> None:
    assert Meeting.model_validate(LATE).profile_at("ada", time_s) == profile


def test_changes_are_on_the_clock_of_the_meeting() -> None:
    meeting = Meeting.model_validate(LATE)
    assert meeting.changes("ada") == (1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 7.0, 7.5)
    assert meeting.changes("ben") == (2.25, 2.5)
    # An event has its time on the meeting's clock, whenever the file begins.
    assert meeting.state_at("ada", 2.0) == ClientState(microphone=False)


def test_a_meeting_need_not_say_how_long_it_lasts() -> None:
    script = {key: value for key, value in LATE.items() if key != "duration_s"}
    meeting = Meeting.model_validate(script | {"events": [event(1e6, "mute")]})
    assert meeting.duration_s == inf
    assert meeting.profile_at("ada", 1e7) == Profile.VIDEO_ONLY
    assert Meeting.model_validate(script).changes("ada") == Meeting.model_validate(LATE).changes(
        "ada"
    )


def test_a_stranger_is_named_with_those_who_are_there(meeting: Meeting) -> None:
    with pytest.raises(MediaError, match=r"'cyd'.*'ada', 'ben'"):
        meeting.participant("cyd")
    with pytest.raises(MediaError):
        meeting.profile_at("cyd", 1.0)


def event(time_s: float, action: str, participant: str = "ada") -> dict[str, Any]:
    return {"time_s": time_s, "participant": participant, "action": action}


def speaking(*speech: list[float], offset_s: float = 0.0) -> dict[str, Any]:
    ada = {"name": "ada", "file": "ada.mp4", "speech": list(speech), "offset_s": offset_s}
    return {"participants": [ada]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"events": [event(1, "mute", "cyd")]}, "no participant 'cyd'", id="stranger"),
        pytest.param({"events": [event(11, "mute")]}, "11.0 s must lie", id="after the end"),
        pytest.param({"events": [event(-1, "mute")]}, "greater than", id="before the start"),
        pytest.param(
            {"events": [event(3, "mute"), event(2, "unmute")]}, "2.0 s must lie", id="backwards"
        ),
        pytest.param({"events": [event(1, "unmute")]}, "cannot unmute", id="unmuted twice"),
        pytest.param({"events": [event(1, "camera_on")]}, "cannot camera_on", id="already on"),
        pytest.param({"events": [event(1, "join")]}, "cannot join", id="already there"),
        pytest.param(
            {"events": [event(1, "leave"), event(2, "mute")]}, "cannot mute", id="muted when gone"
        ),
        pytest.param(
            {"events": [event(1, "leave"), event(2, "leave")]}, "cannot leave", id="gone twice"
        ),
        pytest.param({"events": [event(1, "wave")]}, "action", id="unknown action"),
        pytest.param({"participants": []}, "participants", id="nobody"),
        pytest.param(
            {"participants": [SCRIPT["participants"][1]] * 2}, "different names", id="twice ben"
        ),
        pytest.param({"duration_s": 0}, "duration_s", id="no duration"),
        pytest.param({"chairs": 4}, "chairs", id="unknown key"),
        pytest.param(speaking([3, 2]), "rising intervals", id="speech that ends first"),
        pytest.param(speaking([1, 3], [2, 4]), "rising intervals", id="speech that overlaps"),
        pytest.param(speaking([9, 11]), "rising intervals", id="speech after the end"),
        pytest.param(speaking([-1, 2]), "rising intervals", id="speech before the start"),
        pytest.param(
            speaking([5, 9], offset_s=1.5), "within 8.5 s", id="late speech after the end"
        ),
        pytest.param(speaking(offset_s=-1), "offset_s", id="file before the start"),
    ],
)
def test_a_script_that_cannot_be_played_is_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    script = SCRIPT | ({"events": []} if "participants" in change else {}) | change
    (tmp_path / "meeting.yaml").write_text(yaml.safe_dump(script))
    with pytest.raises(MediaError) as refusal:
        load_meeting(tmp_path)
    assert said in refusal.value.message
    assert "meeting.yaml" in refusal.value.message


@pytest.mark.parametrize(
    "content", [b"", b"[1, 2", b"- a\n- b\n", b"\xff\xfe\xfa", b"42", b"a: 2024-13-45"]
)
def test_what_is_no_meeting_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "meeting.yaml").write_bytes(content)
    with pytest.raises(MediaError, match=r"meeting\.yaml"):
        load_meeting(tmp_path / "meeting.yaml")


def test_a_meeting_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "other.yaml"):
        with pytest.raises(MediaError, match="cannot read"):
            load_meeting(path)


def test_a_participant_without_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "meeting.yaml").write_text(yaml.safe_dump(SCRIPT))
    (tmp_path / "ada.mp4").touch()
    with pytest.raises(MediaError, match=r"ben's media file .*ben\.mp4"):
        load_meeting(tmp_path)


def test_the_sample_meeting_loads_from_its_folder_or_its_file(meeting_folder: Path) -> None:
    meeting = load_meeting(meeting_folder)
    assert meeting == load_meeting(meeting_folder / "meeting.yaml")
    assert [participant.name for participant in meeting.participants] == ["mira", "jonas"]
    assert all(participant.file.is_absolute() for participant in meeting.participants)
    assert {event.action for event in meeting.events} == set(Action)


def test_the_sample_meeting_shows_every_profile_and_none(meeting_folder: Path) -> None:
    meeting = load_meeting(meeting_folder)
    seen = {
        meeting.profile_at(name, step / 10)
        for name in ("mira", "jonas")
        for step in range(round(meeting.duration_s * 10))
    }
    assert seen == {*Profile, None}
