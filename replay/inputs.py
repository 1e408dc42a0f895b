"""What a replay is pointed at, as the meetings in it."""

import glob
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from hoovik.errors import MediaError
from hoovik.media.meeting import ScriptEvent, parse_meeting
from replay.places import at_once, explained, files_at, is_local, shown

MEETING = "meeting.yaml"
DESCRIPTIONS = (".yaml", ".yml")
SOUND = {".aac", ".flac", ".m4a", ".mka", ".mp3", ".oga", ".ogg", ".opus", ".wav", ".wma"}
VIDEO = {".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".ts", ".webm", ".wmv"}
MEDIA = SOUND | VIDEO
"""What counts as a recording in a folder that describes none; a file that is named is read
whatever it is called."""
NAME_BYTES = 200
"""Names of files may have 255; what is added to a name needs some."""


@dataclass(frozen=True, slots=True)
class RecordedParticipant:
    """One file of a meeting.

    Attributes:
        name: of the person in it.
        media: its address.
        offset_s: when it begins, in seconds from the start of the meeting.
    """

    name: str
    media: str
    offset_s: float = 0.0


@dataclass(frozen=True, slots=True)
class MeetingRecording:
    """A meeting to replay.

    Attributes:
        meeting: name that no other of the run has, fit for a folder.
        title: for people; may be empty.
        participants: in the order of the description, else of their names.
        events: what their clients did, on the meeting's clock.
    """

    meeting: str
    title: str
    participants: tuple[RecordedParticipant, ...]
    events: tuple[ScriptEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class InputFault:
    """What could not be replayed, and why."""

    input: str
    reason: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """The meetings that were found, each once, and the inputs in which none was."""

    recordings: tuple[MeetingRecording, ...]
    faults: tuple[InputFault, ...]


def resolve(inputs: Sequence[str]) -> Resolved:
    """Find the meetings.

    A file is a meeting of one; ``meeting.yaml``, or another YAML file, describes one; a folder is
    the meeting that its ``meeting.yaml`` describes, else one of all media files in it. Whatever a
    glob matches counts as if it were named, but for folders in which there is nothing.

    Args:
        inputs: paths, globs (``**`` goes through folders), or URLs and globs of any file system
            that fsspec knows.
    """
    addresses: dict[str, None] = {}
    faults = []
    for one in inputs:
        try:
            addresses |= dict.fromkeys(_addresses(one))
        except MediaError as fault:
            faults.append(InputFault(shown(one), fault.message))
    found: dict[str, MeetingRecording] = {}
    for address, meeting in zip(addresses, at_once(_meeting_or_fault, addresses), strict=True):
        if isinstance(meeting, InputFault):
            faults.append(meeting)
        else:
            found[address] = meeting
    return Resolved(tuple(_uniquely_named(found)), tuple(faults))


def _meeting_or_fault(address: str) -> MeetingRecording | InputFault:
    try:
        return _meeting(address)
    except MediaError as fault:
        return InputFault(shown(address), fault.message)


def _addresses(one: str) -> list[str]:
    """Of each recording or description that an input names."""
    files, path = files_at(one)
    with explained(one):
        if files.exists(path):
            return [_address(one, files, path, _described(files, path))]
        if not glob.has_magic(path.split("?")[0] if "://" in path else path):
            raise MediaError("there is no such file or folder, or none that may be read")
        matches = [_described(files, match) for match in sorted(files.glob(path))]
        wanted = [match for match in matches if not files.isdir(match) or _media_in(files, match)]
    if not wanted:
        raise MediaError("nothing matches")
    return [_address(one, files, path, match) for match in wanted]


def _described(files: Any, path: str) -> str:
    """A folder's description, where it has one."""
    description = posixpath.join(path, MEETING)
    return description if files.isdir(path) and files.exists(description) else path


def _address(one: str, files: Any, path: str, other: str) -> str:
    """Address of another path on an address's file system, which may be a chain of them."""
    if is_local(files):
        return other
    links = one.split("::")
    first = next((n for n, link in enumerate(links) if "://" in link), 0)
    links[first] = other if "://" in other else _moved(links[first], path, other)
    return "::".join(links)


def _moved(link: str, path: str, other: str) -> str:
    """A link of a chain that leads to another path; what gives access stands before it."""
    scheme, _, place = link.partition("://")
    inner = path.strip("/")
    before = place.rpartition(inner)[0] if inner else place.rstrip("/") + "/" * bool(place)
    return f"{scheme}://{before}{other.lstrip('/')}"


def _beside(files: Any, description: str, file: str) -> str:
    """Path of a file that a description names."""
    if "://" not in description:
        path = posixpath.join(posixpath.dirname(description), file)
        return path if is_local(files) else posixpath.normpath(path)
    # What gives access to the description may do so for its files.
    url = urlsplit(description)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(url.path), quote(file)))
    return urlunsplit(url._replace(path=path))


def _media_in(files: Any, folder: str) -> list[str]:
    with explained(folder):
        there = files.ls(folder, detail=True)
    paths = sorted(one["name"] for one in there if one["type"] != "directory")
    return [path for path in paths if _is_media(posixpath.basename(path))]


def _is_media(name: str) -> bool:
    return posixpath.splitext(name)[1].lower() in MEDIA and not name.startswith(".")


def _meeting(address: str) -> MeetingRecording:
    """The meeting at an address, under the name that it has there."""
    files, path = files_at(address)
    name = posixpath.basename(shown(path).rstrip("/"))
    stem, suffix = posixpath.splitext(name)
    with explained(address):
        if files.isdir(path):
            recordings = _media_in(files, path)
            participants = _named_by_file(recordings, address, files, path)
            return MeetingRecording(name, "", participants)
        if suffix.lower() not in DESCRIPTIONS:
            return MeetingRecording(stem, "", (RecordedParticipant(stem, address),))
        said = parse_meeting(files.cat_file(path), shown(address))
        described = tuple(
            RecordedParticipant(
                one.name,
                _address(address, files, path, _beside(files, path, one.file.as_posix())),
                one.offset_s,
            )
            for one in said.participants
        )
    folder = posixpath.basename(posixpath.dirname(shown(path)))
    return MeetingRecording(folder if name == MEETING else stem, said.title, described, said.events)


def _named_by_file(
    recordings: Sequence[str], address: str, files: Any, path: str
) -> tuple[RecordedParticipant, ...]:
    if not recordings:
        raise MediaError(f"the folder holds neither a {MEETING} nor a media file")
    names = [posixpath.basename(one) for one in recordings]
    stems = Counter(posixpath.splitext(name)[0] for name in names)
    return tuple(
        RecordedParticipant(
            stem if stems[stem := posixpath.splitext(name)[0]] == 1 else name,
            _address(address, files, path, one),
        )
        for name, one in zip(names, recordings, strict=True)
    )


def _uniquely_named(found: dict[str, MeetingRecording]) -> Iterator[MeetingRecording]:
    """Names fit for folders; those that several meetings share are told apart by their addresses."""
    names = {address: safe_name(one.meeting) for address, one in found.items()}
    shared = Counter(name.casefold() for name in names.values())
    for address, one in found.items():
        name = names[address]
        if shared[name.casefold()] > 1:
            name = f"{name}-{sha256(address.encode()).hexdigest()[:8]}"
        yield replace(one, meeting=name)


def safe_name(name: str) -> str:
    """A name that any file system takes: letters, digits, dots, hyphens, underscores."""
    safe = re.sub(r"[^\w.-]", "_", name).lstrip(".").encode()[:NAME_BYTES]
    return safe.decode(errors="ignore") or "meeting"
