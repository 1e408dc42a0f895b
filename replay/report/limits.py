"""The limits that a bundle's model card states, for whoever reads its results."""

import html
import re

SECTIONS = {"Limits": "", "What it must not be used for": "**Must not be used for:** "}
"""Headings, and what says in a flat list where an item stood."""


def limits_of(card_markdown: str) -> list[str]:
    """The items of the card's lists under the headings of `SECTIONS`, in the card's order.

    Returns:
        HTML: text escaped, `strong` and `code` as the card has them, links as their text.
    """
    items: list[list[str]] = []
    lead: str | None = None
    open_item = False
    for line in card_markdown.splitlines():
        if line.startswith("#"):
            level, _, heading = line.partition(" ")
            lead = SECTIONS.get(heading.strip()) if level == "##" else None
            open_item = False
        elif lead is not None and line.startswith(("- ", "* ")):
            items.append([lead + line[2:]])
            open_item = True
        elif not line.strip():
            open_item = False
        elif open_item:
            items[-1].append(line)
    return [_inline(" ".join(" ".join(item).split())) for item in items]


def _inline(markdown: str) -> str:
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    text = html.escape(text, quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", text)
