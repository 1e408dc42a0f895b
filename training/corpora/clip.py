"""One labelled clip of any corpus."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from hoovik.errors import HoovikError


class CorpusError(HoovikError):
    """A corpus that is not where it should be, or is not what its reader expects."""


class Modality(StrEnum):
    """What a clip holds."""

    AUDIO = "audio"
    VIDEO = "video"
    BOTH = "both"
    STILL = "still"

    @property
    def has_sound(self) -> bool:
        """Whether there is a voice to hear."""
        return self in {Modality.AUDIO, Modality.BOTH}

    @property
    def has_pictures(self) -> bool:
        """Whether there is a face to see."""
        return self is not Modality.AUDIO


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording or a picture, and what its corpus says of it.

    Attributes:
        corpus: such as "ravdess".
        name: stable within the corpus: a path from its root, or a part and a row.
        speaker: "ravdess-04"; of a picture of nobody known "ferplus-" and the first 16 hex digits
            of its content's SHA-256; in `faces` the letters of the person's name.
        sex: "female" or "male"; None where the corpus does not say.
        label: index into EMOTIONS; None where what is shown is none of the six, or no one of them.
        modality: what the media hold, or what of them is to be used.
        media: a file, or an encoded picture.
        usage: the part that the corpus itself puts the clip into, where it has parts.
        votes: of those who were asked what is shown, the share for each of EMOTIONS; what is left
            of 1 went to something else. None where nobody was asked.
    """

    corpus: str
    name: str
    speaker: str
    sex: str | None
    label: int | None
    modality: Modality
    media: Path | bytes
    usage: str | None = None
    votes: tuple[float, ...] | None = None

    @property
    def can_teach(self) -> bool:
        """Whether it can be learned from; judged is only what has a label."""
        return self.label is not None or self.votes is not None

    def read(self) -> bytes:
        """The encoded media, whole."""
        return self.media if isinstance(self.media, bytes) else self.media.read_bytes()

    def digest(self) -> str:
        """SHA-256 of the media, in hex; of a file that does not change, it is computed once."""
        if isinstance(self.media, bytes):
            return hashlib.sha256(self.media).hexdigest()
        status = self.media.stat()
        return _file_digest(self.media, status.st_size, status.st_mtime_ns)

    @property
    def reference(self) -> str:
        """What messages and reports call the clip; never by the name of a private person."""
        if self.corpus == "faces":
            return f"faces:{self.digest()[:16]}"
        return f"{self.corpus}:{self.name}"


@lru_cache(maxsize=65_536)
def _file_digest(path: Path, _size: int, _modified_ns: int) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
