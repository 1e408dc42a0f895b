"""What an input leads to. Files are empty: none is opened before it is played."""

from pathlib import Path

import pytest

from hoovik.schema.action import Action
from replay.inputs import resolve, safe_name
from tests.unit.replay.finding import describe, faults, found, media, touch


def test_a_file_is_a_meeting_of_one(tmp_path: Path) -> None:
    file = tmp_path / "mira.mp4"
    touch(file)
    (meeting,) = found(file)
    assert (meeting.meeting, meeting.title, meeting.events) == ("mira", "", ())
    assert media(meeting) == {"mira": str(file)}
    assert meeting.participants[0].offset_s == 0


def test_a_file_that_is_named_is_a_recording_whatever_it_is_called(tmp_path: Path) -> None:
    touch(tmp_path / "interview", tmp_path / "talk.bin")
    assert [one.meeting for one in found(tmp_path / "interview", tmp_path / "talk.bin")] == [
        "interview",
        "talk",
    ]


@pytest.mark.parametrize("named", ["monday", "monday/meeting.yaml"])
def test_a_description_says_who_is_in_a_meeting(tmp_path: Path, named: str) -> None:
    describe(tmp_path / "monday/meeting.yaml")
    touch(tmp_path / "monday/somebody_else.mp4")
    (meeting,) = found(tmp_path / named)
    assert (meeting.meeting, meeting.title) == ("monday", "Monday planning")
    assert media(meeting) == {
        "mira": str(tmp_path / "monday/mira.mp4"),
        "jonas": str(tmp_path / "monday/late/jonas.webm"),
    }
    assert [one.offset_s for one in meeting.participants] == [0, 12.5]
    (event,) = meeting.events
    assert (event.time_s, event.participant, event.action) == (14, "mira", Action.MUTE)


@pytest.mark.parametrize("name", ["retro.yaml", "retro.yml", "retro.YAML"])
def test_a_description_may_have_another_name(tmp_path: Path, name: str) -> None:
    describe(tmp_path / name)
    (meeting,) = found(tmp_path / name)
    assert meeting.meeting == "retro"
    assert media(meeting)["mira"] == str(tmp_path / "mira.mp4")


def test_a_description_may_name_files_elsewhere(tmp_path: Path) -> None:
    text = f"participants: [{{name: a, file: ../a.mp4}}, {{name: b, file: {tmp_path}/b.mp4}}]"
    describe(tmp_path / "monday/meeting.yaml", text)
    (meeting,) = found(tmp_path / "monday")
    where = {name: Path(file).resolve() for name, file in media(meeting).items()}
    assert where == {"a": tmp_path / "a.mp4", "b": tmp_path / "b.mp4"}


def test_a_folder_without_a_description_is_a_meeting_of_its_media(tmp_path: Path) -> None:
    folder = tmp_path / "Team call, 5 March"
    touch(*(folder / name for name in ("jonas.webm", "Mira.MP4", "notes.txt", "._Mira.MP4")))
    touch(folder / "older.mov/part.dat")
    (meeting,) = found(folder)
    assert meeting.meeting == "Team_call__5_March"
    assert media(meeting) == {
        "Mira": str(folder / "Mira.MP4"),
        "jonas": str(folder / "jonas.webm"),
    }


def test_files_that_differ_in_their_endings_are_different_people(tmp_path: Path) -> None:
    touch(tmp_path / "mira.mp4", tmp_path / "mira.wav", tmp_path / "jonas.mp4")
    (meeting,) = found(tmp_path)
    assert [one.name for one in meeting.participants] == ["jonas", "mira.mp4", "mira.wav"]


def test_a_folder_without_media_is_a_fault(tmp_path: Path) -> None:
    touch(tmp_path / "notes.txt")
    resolved = resolve([str(tmp_path)])
    assert resolved.recordings == ()
    assert faults(resolved) == {
        str(tmp_path): "the folder holds neither a meeting.yaml nor a media file"
    }


def test_a_glob_matches_files_and_folders_as_if_they_were_named(tmp_path: Path) -> None:
    describe(tmp_path / "monday/meeting.yaml")
    touch(tmp_path / "tuesday/mira.mp4", tmp_path / "wednesday/notes.txt", tmp_path / "extra.wav")
    assert [one.meeting for one in found(tmp_path / "*")] == ["extra", "monday", "tuesday"]
    assert [one.meeting for one in found(tmp_path / "*/*.yaml")] == ["monday"]
    assert [one.meeting for one in found(tmp_path / "[mt]*day")] == ["monday", "tuesday"]


def test_two_stars_go_through_folders(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4", tmp_path / "x/b.mp4", tmp_path / "x/y/c.mp4", tmp_path / "x/d.txt")
    assert [one.meeting for one in found(tmp_path / "**/*.mp4")] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nothing.mp4", "there is no such file or folder, or none that may be read"),
        ("no/such/folder/", "there is no such file or folder, or none that may be read"),
        ("*.mkv", "nothing matches"),
        ("**/*.mkv", "nothing matches"),
    ],
)
def test_an_input_that_leads_nowhere_is_a_fault(tmp_path: Path, name: str, reason: str) -> None:
    touch(tmp_path / "mira.mp4")
    resolved = resolve([f"{tmp_path}/{name}", str(tmp_path / "mira.mp4")])
    assert faults(resolved) == {f"{tmp_path}/{name}": reason}
    assert [one.meeting for one in resolved.recordings] == ["mira"]


def test_a_meeting_counts_once_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(tmp_path / "monday/meeting.yaml")
    touch(tmp_path / "mira.mp4")
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mira.mp4"
    assert len(found(file, file, "mira.mp4", "./mira.mp4", "*.mp4", f"file://{file}")) == 1
    assert len(found("mira.mp4", f"../{tmp_path.name}/mira.mp4", "monday/../mira.mp4")) == 1
    assert len(found("monday", "monday/", "monday/meeting.yaml", "mon*", tmp_path / "monday")) == 1


def test_meetings_of_one_name_are_told_apart_in_any_order(tmp_path: Path) -> None:
    files = [tmp_path / "a/call.mp4", tmp_path / "b/call.mp4", tmp_path / "c/talk.mp4"]
    touch(*files)
    forth, back = found(*files), found(*reversed(files))
    assert sorted(forth, key=repr) == sorted(back, key=repr)
    names = [one.meeting for one in forth]
    assert len(set(names)) == 3
    assert names[2] == "talk"
    assert all(name.startswith("call-") for name in names[:2])


def test_names_that_differ_in_case_or_signs_alone_are_told_apart(tmp_path: Path) -> None:
    files = [
        tmp_path / name for name in ("Call.mp4", "call.mp4", "a b.mp4", "a?b.mp4", "other.mp4")
    ]
    touch(*files)
    names = [one.meeting for one in found(*files)]
    assert len({name.casefold() for name in names}) == 5
    assert names[-1] == "other"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Monday", "Monday"),
        ("Réunion d'équipe", "Réunion_d_équipe"),
        ("a/b\\c:d*e", "a_b_c_d_e"),
        ("v1.2_final-x", "v1.2_final-x"),
        (".replay", "replay"),
        ("..", "meeting"),
        ("", "meeting"),
    ],
)
def test_a_name_becomes_fit_for_a_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_name_becomes_short_enough_for_a_folder() -> None:
    assert safe_name("x" * 300) == "x" * 200
    assert safe_name("é" * 150) == "é" * 100


@pytest.mark.parametrize("name", ["call #3.mp4", "why?.mp4", "14:30.mp4", "50% done.mp4"])
def test_signs_that_mean_something_in_a_url_mean_nothing_in_a_path(
    tmp_path: Path, name: str
) -> None:
    touch(tmp_path / name)
    (meeting,) = found(tmp_path / name)
    assert meeting.meeting == safe_name(name.removesuffix(".mp4"))
    assert meeting.participants[0].name == name.removesuffix(".mp4")
    assert meeting.participants[0].media == str(tmp_path / name)
    describe(tmp_path / f"{name}.yaml")
    assert len(found(tmp_path / f"{name}.yaml")[0].participants) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1, 2",
        "title: only",
        "title: 2024-13-45",
        "participants: [{name: mira, file: m.mp4, offset_s: -1}]",
        "participants: [{name: mira, file: m.mp4}, {name: mira, file: n.mp4}]",
        "[" * 1_500,
    ],
)
def test_a_broken_description_is_a_fault_of_its_own(tmp_path: Path, text: str) -> None:
    broken = describe(tmp_path / "monday/meeting.yaml", text)
    touch(tmp_path / "mira.mp4")
    resolved = resolve([str(tmp_path / "monday"), str(tmp_path / "mira.mp4")])
    assert [one.meeting for one in resolved.recordings] == ["mira"]
    ((place, reason),) = faults(resolved).items()
    assert place == str(broken)
    assert reason.startswith(f"{broken} does not describe a meeting")
