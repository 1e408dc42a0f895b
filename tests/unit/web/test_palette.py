"""Colours of the pages: the house's own, and to be told from their ground."""

import re
from itertools import product
from pathlib import Path

import pytest

from hoovik.schema.emotion import EMOTIONS
from replay.report.palette import THEMES
from replay.wording import PROFILE_WORDS

WEB = Path(__file__).resolve().parents[3] / "web"
GRAPHICS, TEXT = 3.0, 4.5
"""Contrast that WCAG 2.2 asks of graphics (1.4.11) and of text (1.4.3)."""

ALL = ("light", "dark")


def colours(theme: str) -> dict[str, str]:
    """Custom properties of the palette in one theme."""
    light, dark = re.findall(r":root \{(.*?)\}", (WEB / "page/palette.css").read_text(), re.DOTALL)
    found = dict(re.findall(r"--([\w-]+): (#\w{6});", light))
    return found | (dict(re.findall(r"--([\w-]+): (#\w{6});", dark)) if theme == "dark" else {})


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def name_of(emotion: str) -> str:
    return emotion.partition("/")[0]


@pytest.mark.parametrize("theme", ALL)
def test_emotions_have_the_colours_of_the_reports(theme: str) -> None:
    assert {emotion: colours(theme)[name_of(emotion)] for emotion in EMOTIONS} == {
        emotion: THEMES[theme]["paints"][emotion] for emotion in EMOTIONS
    }


@pytest.mark.parametrize("theme", ALL)
@pytest.mark.parametrize("ground", ["card", "track"])
def test_emotions_stand_out_from_their_ground(theme: str, ground: str) -> None:
    palette = colours(theme)
    for name in [*map(name_of, EMOTIONS), "flagged"]:
        assert contrast(palette[name], palette[ground]) >= GRAPHICS, name


@pytest.mark.parametrize("theme", ALL)
def test_text_can_be_read(theme: str) -> None:
    palette = colours(theme)
    for text, ground in product(("text", "soft", "accent"), ("page", "card")):
        assert contrast(palette[text], palette[ground]) >= TEXT, (text, ground)
    assert contrast(palette["warn"], palette["warn-ground"]) >= TEXT
    assert contrast(palette["on-accent"], palette["accent"]) >= TEXT
    assert contrast(palette["text"], palette["law"]) >= TEXT


def test_the_pages_know_the_same_words() -> None:
    wording = (WEB / "page/wording.js").read_text()
    (listed,) = re.findall(r"EMOTIONS = \[(.*?)\]", wording)
    assert re.findall(r'"([^"]+)"', listed) == list(EMOTIONS)
    assert dict(PROFILE_WORDS) == {
        profile: re.search(rf'{profile}: "([^"]+)"', wording)[1] for profile in PROFILE_WORDS
    }
