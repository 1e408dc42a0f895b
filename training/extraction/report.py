"""What an extraction is worth: what could be read, heard and seen, and what contradicts itself."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from hoovik.schema.emotion import EMOTIONS
from training.corpora.clip import Clip, Modality
from training.extraction.encoding import Extracted
from training.extraction.parallel import Extraction
from training.splits import Split

OTHER = "no label"


@dataclass(frozen=True, slots=True)
class CorpusQuality:
    """Figures of one corpus; takes of a voice beyond the clip as it is are not counted.

    Attributes:
        clips: how many there are.
        unreadable: references of those that cannot be read, with the reason.
        sounds, sounds_with_speech: clips that have sound, and those with a tick that holds speech.
        ticks, speech_ticks: of the clips that have sound.
        videos, frames, frames_with_face: videos, the frames looked at, and those with a face.
        stills, stills_with_face: pictures, and those with a face.
        not_finite: vectors with a value that is NaN or infinite.
        duplicates: pairs of clips with the same content.
        conflicts: those of them with different labels.
        by_class: for each split the number of clips of each class.
    """

    clips: int
    unreadable: tuple[tuple[str, str], ...]
    sounds: int
    sounds_with_speech: int
    ticks: int
    speech_ticks: int
    videos: int
    frames: int
    frames_with_face: int
    stills: int
    stills_with_face: int
    not_finite: int
    duplicates: tuple[tuple[str, str], ...]
    conflicts: tuple[tuple[str, str], ...]
    by_class: dict[str, dict[str, int]]

    @property
    def decoded(self) -> int:
        """Clips that could be read."""
        return self.clips - len(self.unreadable)


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The figures of each corpus, by its name."""

    corpora: dict[str, CorpusQuality]

    def to_json(self) -> str:
        """The report as JSON text."""
        figures = {
            corpus: {**asdict(own), "decoded": own.decoded} for corpus, own in self.corpora.items()
        }
        return json.dumps(figures, indent=2)

    def table(self) -> str:
        """The report as lines to print: quality by corpus, then clips by class and split."""
        lines = [
            f"{'corpus':<12}{'clips':>8}{'decoded':>9}{'speech':>9}{'ticks':>9}{'faces':>9}"
            f"{'stills':>9}{'not finite':>12}{'doubles':>9}{'conflicts':>11}"
        ]
        for corpus, own in self.corpora.items():
            lines.append(
                f"{corpus:<12}{own.clips:>8}{own.decoded:>9}"
                f"{_share(own.sounds_with_speech, own.sounds):>9}"
                f"{_share(own.speech_ticks, own.ticks):>9}"
                f"{_share(own.frames_with_face, own.frames):>9}"
                f"{_share(own.stills_with_face, own.stills):>9}"
                f"{own.not_finite:>12}{len(own.duplicates):>9}{len(own.conflicts):>11}"
            )
        classes = (*EMOTIONS, OTHER)
        lines += ["", f"{'clips':<24}" + "".join(f"{name:>16}" for name in classes)]
        for corpus, own in self.corpora.items():
            for split, counts in own.by_class.items():
                row = "".join(f"{counts.get(name, 0):>16}" for name in classes)
                lines.append(f"{corpus + ' ' + split:<24}{row}")
        return "\n".join(lines)


def quality_report(splits: Mapping[Split, Sequence[Clip]], extraction: Extraction) -> QualityReport:
    """Judge an extraction of all clips of some splits.

    Args:
        splits: the clips of each split.
        extraction: what was made of them.
    """
    corpora = sorted({clip.corpus for clips in splits.values() for clip in clips})
    return QualityReport({corpus: _quality(corpus, splits, extraction) for corpus in corpora})


def _quality(
    corpus: str, splits: Mapping[Split, Sequence[Clip]], extraction: Extraction
) -> CorpusQuality:
    own = {split: [one for one in clips if one.corpus == corpus] for split, clips in splits.items()}
    extracted = [one for one in extraction.extracted if one.clip.corpus == corpus and one.take == 0]
    sounds = [one for one in extracted if one.clip.modality.has_sound]
    stills = [one for one in extracted if one.clip.modality is Modality.STILL]
    videos = [one for one in extracted if one.clip.modality in {Modality.VIDEO, Modality.BOTH}]
    unreadable = tuple(
        (one.clip.reference, one.reason) for one in extraction.failures if one.clip.corpus == corpus
    )
    pairs = list(_duplicates([clip for clips in own.values() for clip in clips]))
    return CorpusQuality(
        clips=sum(len(clips) for clips in own.values()),
        unreadable=unreadable,
        sounds=len(sounds),
        sounds_with_speech=sum(len(one.audio) > 0 for one in sounds),
        ticks=sum(one.n_ticks for one in sounds),
        speech_ticks=sum(len(one.audio) for one in sounds),
        videos=len(videos),
        frames=sum(one.n_frames for one in videos),
        frames_with_face=sum(len(one.face) for one in videos),
        stills=len(stills),
        stills_with_face=sum(len(one.face) > 0 for one in stills),
        not_finite=sum(_not_finite(one) for one in extracted),
        duplicates=tuple((one.reference, other.reference) for one, other in pairs),
        conflicts=tuple(
            (one.reference, other.reference) for one, other in pairs if one.label != other.label
        ),
        by_class={split.value: _by_class(clips) for split, clips in own.items()},
    )


def _duplicates(clips: Iterable[Clip]) -> Iterable[tuple[Clip, Clip]]:
    alike: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        try:
            alike[clip.digest()].append(clip)
        except OSError:  # among the unreadable
            continue
    return [(same[0], other) for same in alike.values() for other in same[1:]]


def _not_finite(one: Extracted) -> int:
    return sum(
        int(np.count_nonzero(~np.isfinite(vectors).all(axis=1)))
        for vectors in (one.audio, one.face)
    )


def _by_class(clips: Iterable[Clip]) -> dict[str, int]:
    counts = Counter(OTHER if clip.label is None else EMOTIONS[clip.label] for clip in clips)
    return {name: counts[name] for name in (*EMOTIONS, OTHER) if counts[name]}


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"
