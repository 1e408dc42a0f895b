"""No person, and no picture, may be in two splits."""

from collections.abc import Iterable, Mapping

from training.splits import Split


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
