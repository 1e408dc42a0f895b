"""Refusal of splits that share a speaker or a recording, or lack a class."""

from collections.abc import Iterable, Mapping, Sequence

from hoovik.schema.emotion import EMOTIONS
from training.corpora.clip import Clip
from training.splits import Split

SAME_PICTURES = ("fer2013", "ferplus")
"""Corpora that hold the same pictures, equalised and not, and name nobody."""


class LeakError(ValueError):
    """Somebody whose recordings or pictures are in more than one split."""


def check_disjoint(owners: Mapping[Split, Iterable[str]]) -> None:
    """Refuse owners that two splits share.

    Args:
        owners: for each split, whose samples it holds: a speaker, a person or, where a corpus
            names nobody, the picture itself.

    Raises:
        LeakError: naming the splits and some of those they share.
    """
    seen: dict[str, Split] = {}
    for split, names in owners.items():
        unique = sorted(set(names))
        shared = [name for name in unique if name in seen]
        if shared:
            raise LeakError(
                f"{len(shared)} owners are in {split} and in another split, "
                f"such as {shared[0]} in {seen[shared[0]]}; splits must be disjoint"
            )
        seen.update(dict.fromkeys(unique, split))


def check_leaks(splits: Mapping[Split, Sequence[Clip]]) -> None:
    """Refuse splits on which no honest figure can be reported.

    Args:
        splits: the clips of each split.

    Raises:
        LeakError: a speaker in two splits; the same content in two splits, whatever speakers it is
            said to be of; FER2013 beside FER+, which are the same pictures in other bytes; or a
            class that some split has in sound, or in pictures, and another lacks.
    """
    corpora = {clip.corpus for clips in splits.values() for clip in clips}
    if corpora >= set(SAME_PICTURES):
        raise LeakError(
            f"{' and '.join(SAME_PICTURES)} are the same pictures, split by other rules; one of "
            "them expected"
        )
    check_disjoint({split: [clip.speaker for clip in clips] for split, clips in splits.items()})
    _check_contents(splits)
    voices = {
        split: [one for one in own if one.modality.has_sound] for split, own in splits.items()
    }
    faces = {
        split: [one for one in own if one.modality.has_pictures] for split, own in splits.items()
    }
    _check_classes("sound", voices)
    _check_classes("pictures", faces)


def _check_classes(kind: str, splits: Mapping[Split, Sequence[Clip]]) -> None:
    labels = {
        split: {clip.label for clip in splits.get(split, ()) if clip.label is not None}
        for split in Split
    }
    everywhere = set().union(*labels.values())
    for split, present in labels.items():
        missing = ", ".join(EMOTIONS[label] for label in sorted(everywhere - present))
        if missing:
            raise LeakError(
                f"{split} has no {missing} in {kind}, which another split has; every split needs "
                "every class"
            )


def _check_contents(splits: Mapping[Split, Sequence[Clip]]) -> None:
    seen: dict[str, tuple[Split, Clip]] = {}
    shared: list[str] = []
    for split, clips in splits.items():
        for clip in clips:
            other, first = seen.setdefault(clip.digest(), (split, clip))
            if other is not split:
                shared.append(f"{first.reference} in {other} and {clip.reference} in {split}")
    if shared:
        raise LeakError(
            f"{len(shared)} clips have the same content as one in another split, such as "
            f"{shared[0]}; splits must be disjoint"
        )
