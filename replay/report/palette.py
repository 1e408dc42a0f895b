"""Colours and patterns of the charts.

Hues follow Okabe and Ito (2008, "Color Universal Design"), darker on light ground and lighter on
dark ground, so that each is at least 3:1 against it. Nothing rests on them alone: each emotion has
its own row or its name written on it, and a pattern.
"""

from typing import Any

from hoovik.schema.emotion import EMOTIONS

PATTERNS = dict(zip(EMOTIONS, ("/", "x", "\\", "", "-", "."), strict=True))


def _emotions(*colours: str) -> dict[str, str]:
    return dict(zip(EMOTIONS, colours, strict=True))


THEMES: dict[str, dict[str, Any]] = {
    "light": {
        "ground": "#ffffff",
        "text": "#1b2126",
        "soft": "#56606a",
        "grid": "#e3e7eb",
        "outside": "#eef1f4",
        "on_fill": "#ffffff",
        "paints": {
            **_emotions("#c04a00", "#a4457f", "#00785a", "#a56a00", "#0069a8", "#646b73"),
            "both": "#24476b",
            "audio_only": "#3b78a8",
            "video_only": "#8a6a1f",
            "nothing": "#dfe4e8",
            "flagged": "#4a5159",
            "moment": "#1b2126",
        },
    },
    "dark": {
        "ground": "#171b20",
        "text": "#e8ebee",
        "soft": "#a4adb6",
        "grid": "#2c333a",
        "outside": "#21272d",
        "on_fill": "#101418",
        "paints": {
            **_emotions("#f08a4b", "#df9ac2", "#45c29b", "#efb83f", "#6bbaf0", "#aab1b9"),
            "both": "#9cc4ec",
            "audio_only": "#5fa3d9",
            "video_only": "#d9b45a",
            "nothing": "#343c44",
            "flagged": "#c3c9cf",
            "moment": "#e8ebee",
        },
    },
}
