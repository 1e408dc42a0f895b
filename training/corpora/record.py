"""The splits file: who was used for what, so that a later evaluation can leave them out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from training.corpora.clip import Clip, CorpusError
from training.corpora.leaks import SAME_PICTURES
from training.corpora.splitting import RULES, ruled_split
from training.splits import Split


@dataclass(frozen=True, slots=True)
class CorpusSplits:
    """Where the clips of one corpus went.

    Attributes:
        clips: how many in each split.
        owners: how many speakers or persons in each split.
        speakers: those of each split, sorted; empty for a corpus that is split by a rule.
        rule: "content" or "name"; None where speakers are listed.
        picture_format: "jpeg" or "png", where the rule is about content.
    """

    clips: dict[str, int]
    owners: dict[str, int]
    speakers: dict[str, list[str]] = field(default_factory=dict)
    rule: str | None = None
    picture_format: str | None = None


@dataclass(frozen=True, slots=True)
class SplitsRecord:
    """What a splits file says: the seed, and each corpus by its name."""

    seed: int
    corpora: dict[str, CorpusSplits]


def record_of(splits: Mapping[Split, Sequence[Clip]], seed: int) -> SplitsRecord:
    """The record of some splits; it names nobody who is not a number in a corpus."""
    corpora = sorted({clip.corpus for clips in splits.values() for clip in clips})
    return SplitsRecord(seed, {corpus: _corpus_splits(corpus, splits) for corpus in corpora})


def write_splits(path: Path, record: SplitsRecord) -> None:
    """Write a record as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(record), indent=2) + "\n")


def read_splits(path: Path) -> SplitsRecord:
    """Read what `write_splits` wrote.

    Raises:
        CorpusError: no such file, or one that says something else.
    """
    try:
        stored: dict[str, Any] = json.loads(path.read_text())
        corpora = {name: CorpusSplits(**own) for name, own in stored["corpora"].items()}
        return SplitsRecord(int(stored["seed"]), corpora)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"{path} is no splits file ({error!r}); seed and corpora expected") from (
            error
        )


def seen_in_training(clip: Clip, record: SplitsRecord) -> bool:
    """Whether a clip's speaker was used for training, validation or calibration.

    Args:
        clip: of any corpus; a corpus or a speaker that the record does not know is unseen.
        record: of the splits that a bundle was made with.
    """
    corpus = record.corpora.get(clip.corpus)
    if corpus is None:
        return _twin_seen(clip, record)
    if corpus.rule is None:
        return any(
            clip.speaker in speakers
            for split, speakers in corpus.speakers.items()
            if split != Split.TEST
        )
    if corpus.picture_format is not None and corpus.picture_format != _format(clip):
        # The same picture has other content in another format, so that only a part of the corpus
        # that is for testing alone is known to be unseen.
        return clip.usage != "PrivateTest"
    return ruled_split(clip) is not Split.TEST


def _twin_seen(clip: Clip, record: SplitsRecord) -> bool:
    """Whether a picture may have been seen in the corpus that holds the same ones in other bytes.

    Then only a part that is for testing alone is known to be unseen.
    """
    if clip.corpus not in SAME_PICTURES or not set(SAME_PICTURES) & set(record.corpora):
        return False
    unseen = {"PrivateTest"} | ({"PublicTest"} if "ferplus" in record.corpora else set())
    return clip.usage not in unseen


def _corpus_splits(corpus: str, splits: Mapping[Split, Sequence[Clip]]) -> CorpusSplits:
    own = {
        split.value: [clip for clip in clips if clip.corpus == corpus]
        for split, clips in splits.items()
    }
    owners = {split: sorted({clip.speaker for clip in clips}) for split, clips in own.items()}
    ruled = corpus in RULES
    pictures = [clip for clips in own.values() for clip in clips]
    return CorpusSplits(
        clips={split: len(clips) for split, clips in own.items()},
        owners={split: len(speakers) for split, speakers in owners.items()},
        speakers={} if ruled else owners,
        rule=RULES.get(corpus),
        picture_format=_format(pictures[0]) if RULES.get(corpus) == "content" else None,
    )


def _format(clip: Clip) -> str:
    return "png" if clip.read().startswith(b"\x89PNG") else "jpeg"
