"""The pieces of Markdown that the card is made of, and what its figures are called."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hoovik.schema.emotion import Profile

Figures = Mapping[str, Any]
"""JSON, as `hoovik evaluate` writes it, or a part of it."""

HEADINGS = {
    Profile.BOTH: "voice and face",
    Profile.AUDIO_ONLY: "voice alone",
    Profile.VIDEO_ONLY: "face alone",
}


def judged(figures: Figures, *, having: str | None = None) -> dict[Profile, Figures]:
    """The figures of each profile that was judged, in the order of the profiles.

    Args:
        figures: of a whole evaluation.
        having: a key that a profile must have, and not empty.
    """
    profiles: Figures = figures.get("profiles", {})
    return {
        profile: profiles[profile.value]
        for profile in Profile
        if profile.value in profiles and (having is None or profiles[profile.value].get(having))
    }


WIDTH = 100


def prose(text: str) -> str:
    """Headings as they are, paragraphs and items of lists wrapped.

    Args:
        text: blocks between empty lines. A block is a heading of one line, with or without a
            paragraph right below it, a paragraph, or a list whose items begin with "- ".
    """
    return "\n\n".join(_block(block) for block in textwrap.dedent(text).strip().split("\n\n"))


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; an upright stroke in a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def picture(alternative: str, path: str) -> str:
    """A picture beside the card; `alternative` says what it shows, without brackets."""
    return _filled(f"![{alternative}]({path})")


def figure(value: float | None, spec: str = ".3f") -> str:
    """A figure in a cell; "none" where there is none, as of a class that does not occur."""
    return "none" if value is None else format(value, spec)


def listed(words: Sequence[str]) -> str:
    """Words as one says them: a, b and c."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _block(block: str) -> str:
    if block.startswith("#"):
        heading, _, rest = block.partition("\n")
        return f"{heading}\n{_block(rest)}" if rest else heading
    if block.startswith("- "):
        items = f"\n{block}".split("\n- ")[1:]
        return "\n".join(_filled(item, "- ", "  ") for item in items)
    return _filled(block)


def _filled(text: str, first: str = "", later: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
