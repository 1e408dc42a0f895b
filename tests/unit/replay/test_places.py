from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import fsspec
import numpy as np
import pytest
import soundfile

from hoovik.errors import MediaError
from hoovik.media.stream import Look, MediaInfo, SoundPart, probe, stream_media
from replay.places import explained, files_at, fingerprint, open_media, scrubbed, shown
from tests.unit.replay.serving import serving


def talk(seconds: float, *, rate: int = 16_000) -> bytes:
    file = BytesIO()
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, round(seconds * rate))
    soundfile.write(file, noise, rate, format="WAV")
    return file.getvalue()


def length_s(address: str) -> float:
    """Seconds of sound at an address, which is asked first what it is."""
    with open_media(address) as source:
        assert probe(source) == MediaInfo(pytest.approx(3.0), True, False)
        parts = stream_media(source, Look())
        return sum(part.samples.size for part in parts if isinstance(part, SoundPart)) / 16_000


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/data/mira.mp4", "/data/mira.mp4"),
        ("/data/why?#2.mp4", "/data/why?#2.mp4"),
        ("https://u:p@host/a/b.mp4?sig=1#t", "https://host/a/b.mp4"),
        ("https://host:8443/b.mp4", "https://host:8443/b.mp4"),
        ("s3://bucket/mail@host/b.mp4", "s3://bucket/mail@host/b.mp4"),
        ("ftp://u@host", "ftp://host"),
        ("memory:///a/b.mp4", "memory:///a/b.mp4"),
        ("zip://a.mp4::https://u:p@host/a.zip?sig=1", "zip://a.mp4::https://host/a.zip"),
        ("simplecache::https://host/b.mp4?sig=1", "simplecache::https://host/b.mp4"),
        ("https://u:p@[::1]:80/b.mp4?sig=1", "https://[::1]:80/b.mp4"),
        ("https://host/b.mp4?sig=a::b", "https://host/b.mp4"),
        ("https://[oops/b.mp4?sig=1", "https://[oops/b.mp4"),
    ],
)
def test_an_address_is_shown_without_what_gives_access(address: str, said: str) -> None:
    assert shown(address) == said


def test_a_text_keeps_all_but_what_gives_access() -> None:
    text = "403, url='https://u:p@host/b.mp4?sig=1' and https://x/y?z, not 12://"
    assert scrubbed(text) == "403, url='https://host/b.mp4 and https://x/y not 12://"


def test_whatever_a_file_system_raises_is_a_fault_that_gives_nothing_away() -> None:
    with (
        pytest.raises(MediaError) as fault,
        explained("https://u:p4ss@host/b.mp4?sig=s3cret"),
    ):
        raise LookupError("no answer of https://u:p4ss@host/b.mp4?sig=s3cret")
    assert fault.value.message == (
        "cannot reach https://host/b.mp4: no answer of https://host/b.mp4"
    )
    assert fault.value.__cause__ is None
    assert fault.value.__suppress_context__


def test_an_error_without_words_is_named() -> None:
    with (
        pytest.raises(MediaError, match="cannot reach s3://bucket: TimeoutError"),
        explained("s3://bucket"),
    ):
        raise TimeoutError


def test_there_is_no_such_file_system() -> None:
    with pytest.raises(MediaError, match="gopher"):
        files_at("gopher://host/a.mp4")


@pytest.mark.parametrize("prefix", ["", "file://"])
def test_a_local_file_is_given_as_its_path(tmp_path: Path, prefix: str) -> None:
    with open_media(f"{prefix}{tmp_path}/x/../talk #1.wav") as source:
        assert source == tmp_path / "talk #1.wav"


def test_media_are_read_where_they_lie(tmp_path: Path, memory: str) -> None:
    content = talk(3.0)
    fsspec.filesystem("memory").pipe(f"{memory}/talk.wav", content)
    with ZipFile(tmp_path / "talks.zip", "w") as archive:
        archive.writestr("talk.wav", content)
    (tmp_path / "talk.wav").write_bytes(content)
    for address in (
        str(tmp_path / "talk.wav"),
        f"file://{tmp_path}/talk.wav",
        f"{memory}/talk.wav",
        f"zip://talk.wav::{tmp_path}/talks.zip",
    ):
        assert length_s(address) == pytest.approx(3.0)


def test_media_on_a_web_server_are_read_in_ranges() -> None:
    files = {"/talk.wav": talk(3.0)}
    with serving(files, signature="sig=s3cret") as server:
        assert length_s(f"http://{server.address}/talk.wav?sig=s3cret") == pytest.approx(3.0)
        assert {wanted for method, _, wanted in server.asked if method == "GET"} == {
            f"bytes=0-{len(files['/talk.wav']) - 1}"
        }


def test_a_web_server_that_gives_no_ranges_is_a_fault() -> None:
    with serving({"/talk.wav": talk(90.0, rate=48_000)}, ranges=False) as server:
        address = f"http://u:pa55@{server.address}/talk.wav?sig=s3cret"
        with pytest.raises(MediaError, match="range") as fault, open_media(address) as source:
            list(stream_media(source, Look()))
        assert not {one for one in ("pa55", "s3cret") if one in scrubbed(fault.value.message)}


@pytest.mark.parametrize("path", ["/nothing.wav?sig=s3cret", "/talk.wav?sig=s3kret"])
def test_media_that_cannot_be_reached_are_a_fault(path: str) -> None:
    with serving({"/talk.wav": b""}, signature="sig=s3cret") as server:
        with (
            pytest.raises(MediaError, match=r"cannot reach http://127\.0\.0\.1") as fault,
            open_media(f"http://u:pa55@{server.address}{path}"),
        ):
            pass
        assert not {one for one in ("pa55", "s3c", "s3k") if one in fault.value.message}


def test_a_fingerprint_changes_with_the_content(tmp_path: Path, memory: str) -> None:
    def prints(content: bytes) -> list[str]:
        archive = tmp_path / f"{len(content)}.zip"
        (tmp_path / "talk.wav").write_bytes(content)
        fsspec.filesystem("memory").pipe(f"{memory}/talk.wav", content)
        with ZipFile(archive, "w") as opened:
            opened.writestr("talk.wav", content)
        places = f"{tmp_path}/talk.wav", f"{memory}/talk.wav", f"zip://talk.wav::{archive}"
        once, again = ([fingerprint(place) for place in places] for _ in range(2))
        assert once == again
        return once

    assert len({*prints(b"one"), *prints(b"three")}) == 6


def test_a_fingerprint_on_a_web_server_changes_with_what_it_says_of_the_file() -> None:
    with serving({"/talk.wav": b"one"}) as server:
        address = f"http://{server.address}/talk.wav"
        first = fingerprint(address)
        assert first == fingerprint(address) != ""
        server.files["/talk.wav"] = b"three"
        assert fingerprint(address) != first


@pytest.mark.parametrize("address", ["/no/such/file", "gopher://x/y", "http://127.0.0.1:9/x"])
def test_what_cannot_be_reached_has_no_fingerprint(address: str) -> None:
    assert fingerprint(address) == ""
