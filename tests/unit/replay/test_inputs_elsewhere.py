"""What a URL leads to: archives, memory, a web server."""

from pathlib import Path
from zipfile import ZipFile

import fsspec
import pytest

from replay.inputs import resolve
from tests.unit.replay.finding import DESCRIPTION, faults, found, media
from tests.unit.replay.serving import serving


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with ZipFile(tmp_path / "week.zip", "w") as archive:
        archive.writestr("monday/meeting.yaml", DESCRIPTION)
        archive.writestr("monday/mira.mp4", b"")
        archive.writestr("extra.mp4", b"")
        archive.writestr("zip", b"")
    return tmp_path / "week.zip"


def test_meetings_lie_in_archives(archive: Path) -> None:
    (meeting,) = found(f"zip://extra.mp4::{archive}")
    assert (meeting.meeting, media(meeting)) == (
        "extra",
        {"extra": f"zip://extra.mp4::{archive}"},
    )
    for named in ("monday", "monday/meeting.yaml", "m*y"):
        (meeting,) = found(f"zip://{named}::file://{archive}")
        assert meeting.meeting == "monday"
        assert media(meeting) == {
            "mira": f"zip://monday/mira.mp4::file://{archive}",
            "jonas": f"zip://monday/late/jonas.webm::file://{archive}",
        }
    matched = found(f"zip://**/*.mp4::{archive}")
    assert [media(one) for one in matched] == [
        {"extra": f"zip://extra.mp4::{archive}"},
        {"mira": f"zip://monday/mira.mp4::{archive}"},
    ]
    assert faults(resolve([f"zip://none.mp4::{archive}", f"zip://*.wav::{archive}"])) == {
        f"zip://none.mp4::{archive}": "there is no such file or folder, or none that may be read",
        f"zip://*.wav::{archive}": "nothing matches",
    }


def test_an_archive_is_a_folder(archive: Path) -> None:
    (meeting,) = found(f"zip://::{archive}")
    assert media(meeting) == {"extra": f"zip://extra.mp4::{archive}"}
    (meeting,) = found(f"zip://zip::{archive}")
    assert media(meeting) == {"zip": f"zip://zip::{archive}"}


def test_meetings_lie_in_memory(memory: str) -> None:
    files = fsspec.filesystem("memory")
    files.pipe(f"{memory}/monday/meeting.yaml", DESCRIPTION.encode())
    files.pipe(f"{memory}/m/m.mp4", b"")
    for named in ("monday", "monday/", "monday/meeting.yaml", "mon*"):
        (meeting,) = found(f"{memory}/{named}")
        assert (meeting.meeting, meeting.title) == ("monday", "Monday planning")
        assert media(meeting) == {
            "mira": f"{memory}/monday/mira.mp4",
            "jonas": f"{memory}/monday/late/jonas.webm",
        }
    (meeting,) = found(f"{memory}/m")
    assert media(meeting) == {"m": f"{memory}/m/m.mp4"}


def test_a_folder_named_like_its_protocol_is_found() -> None:
    files = fsspec.filesystem("memory")
    files.pipe("memory://memory/memory.mp4", b"")
    try:
        (meeting,) = found("memory://memory")
        assert media(meeting) == {"memory": "memory://memory/memory.mp4"}
    finally:
        files.rm("memory://memory", recursive=True)


def test_a_description_elsewhere_may_name_a_file_above_it(memory: str) -> None:
    text = b"participants: [{name: mira, file: ../mira.mp4}]"
    fsspec.filesystem("memory").pipe(f"{memory}/monday/meeting.yaml", text)
    (meeting,) = found(f"{memory}/monday")
    assert media(meeting) == {"mira": f"{memory}/mira.mp4"}


def test_a_signature_opens_a_meeting_on_a_web_server_and_is_shown_nowhere() -> None:
    files = {"/monday/meeting.yaml": DESCRIPTION.encode(), "/meeting.yaml": DESCRIPTION.encode()}
    with serving(files, signature="sig=s3c/ret") as server:
        at = f"http://mira:pa55@{server.address}"
        described, root = found(
            f"{at}/monday/meeting.yaml?sig=s3c/ret", f"{at}/meeting.yaml?sig=s3c/ret"
        )
        assert media(described) == {
            "mira": f"{at}/monday/mira.mp4?sig=s3c/ret",
            "jonas": f"{at}/monday/late/jonas.webm?sig=s3c/ret",
        }
        assert described.meeting == "monday"
        assert root.meeting == "127.0.0.1_" + server.address.split(":")[1]
        wrong = resolve([f"{at}/monday/meeting.yaml?sig=s3kret", f"{at}/m*.yaml?sig=s3c/ret"])
        assert len(wrong.faults) == 2
        assert faults(wrong).keys() == {
            f"http://{server.address}/monday/meeting.yaml",
            f"http://{server.address}/m*.yaml",
        }
        for secret in ("pa55", "mira:", "s3c", "s3k"):
            assert secret not in str(wrong)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("gopher://u:pa55@host/a.mp4?sig=s3cret", "gopher://host/a.mp4"),
        ("http://u:pa55@[::1/a.mp4?sig=s3cret", "http://[::1/a.mp4"),
        ("http://u:pa55@127.0.0.1:9/a.mp4?sig=s3cret", "http://127.0.0.1:9/a.mp4"),
        ("zip://a.mp4::http://u:pa55@127.0.0.1:9/a.zip?sig=s3cret", None),
    ],
)
def test_an_address_that_leads_nowhere_gives_nothing_away(address: str, shown: str | None) -> None:
    ((place, reason),) = faults(resolve([address])).items()
    assert place == (shown or "zip://a.mp4::http://127.0.0.1:9/a.zip")
    assert reason
    assert not {secret for secret in ("pa55", "s3cret") if secret in place + reason}
