"""The files of a comparison."""

import json
from pathlib import Path

from replay.comparison.comparing import Comparison
from replay.comparison.figures import comparison_figures
from replay.comparison.page import comparison_html

FIGURES, PAGE = "compare.json", "compare.html"


def write_comparison(comparison: Comparison, folder: Path) -> Path:
    """Write all figures and the page into a folder, made if it is not there; returns the page."""
    folder.mkdir(parents=True, exist_ok=True)
    said = json.dumps(comparison_figures(comparison), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / FIGURES).write_text(said + "\n", encoding="utf-8")
    page = folder / PAGE
    page.write_text(comparison_html(comparison), encoding="utf-8")
    return page
