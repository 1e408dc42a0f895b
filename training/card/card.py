"""Writing of the model card: MODEL_CARD.md, and its pictures in the folder `card`."""

from pathlib import Path

from matplotlib.figure import Figure

from hoovik.models.bundle import PROJECTIONS, TREES
from hoovik.models.manifest import Manifest
from training.build.files import CARD, PICTURES
from training.card import sections, tables, text
from training.card.gains import bundle_gains
from training.card.markdown import Figures, picture, prose
from training.card.pictures import (
    Curves,
    anomaly_picture,
    confusion_picture,
    curves_picture,
    importance_picture,
    reliability_picture,
    to_svg,
)
from training.card.sections import limits
from training.corpora.record import SplitsRecord
from training.extraction.report import QualityReport

ALTERNATIVES = {
    "confusion": "Confusion matrix of each profile: rows are the emotions expressed, columns what "
    "they are read as, with counts; lighter is a larger share of the row",
    "reliability": "Accuracy over confidence of each profile before and after calibration, and how "
    "many results have which confidence",
    "anomalies": "Distribution of the anomaly scores of each profile, clean and corrupted, and the "
    "threshold below which a result is flagged",
    "importance": "Bars of the share of each group of engineered columns in the gain of the trees",
    "curves": "Training loss, validation NLL and validation UAR over the epochs of the three phases",
}
"""What each picture shows, for whoever cannot see it; by the name of its file."""


def write_card(
    folder: Path,
    manifest: Manifest,
    figures: Figures,
    splits: SplitsRecord,
    *,
    curves: Curves = (),
    quality: QualityReport | None = None,
    encoders: Figures | None = None,
    untrained: bool = False,
) -> None:
    """Write the card of a bundle and its pictures, in place of those of an earlier build.

    Args:
        folder: of the bundle; holds the trees and the projections.
        manifest: of the bundle, sealed or not; says version and encoders.
        figures: of the evaluation, see `hoovik evaluate --json`.
        splits: clips and people of each corpus and split.
        curves: of the transformer, an epoch after the other.
        quality: of the extraction.
        encoders: figures of the encoders on their own, see `sections.encoders_alone`.
        untrained: whether the encoders have random weights.
    """
    pictures = {
        "confusion": confusion_picture(figures),
        "reliability": reliability_picture(figures),
        "anomalies": anomaly_picture(figures),
        "importance": importance_picture(bundle_gains(folder / TREES, folder / PROJECTIONS)),
        "curves": curves_picture(curves),
    }
    drawn = _draw(folder / PICTURES, pictures)
    card = model_card(
        manifest,
        figures,
        splits,
        pictures=drawn,
        quality=quality,
        encoders=encoders,
        untrained=untrained,
    )
    (folder / CARD).write_text(card, encoding="utf-8")


def model_card(
    manifest: Manifest,
    figures: Figures,
    splits: SplitsRecord,
    *,
    pictures: frozenset[str] = frozenset(),
    quality: QualityReport | None = None,
    encoders: Figures | None = None,
    untrained: bool = False,
) -> str:
    """The card as Markdown.

    Args:
        manifest: of the bundle; says version and encoders.
        figures: of the evaluation.
        splits: clips and people of each corpus and split.
        pictures: names of those that lie beside it; a section without its picture or table is
            left out.
        quality: of the extraction.
        encoders: figures of the encoders on their own.
        untrained: whether the encoders have random weights.
    """

    def shown(name: str) -> str | None:
        return picture(ALTERNATIVES[name], f"{PICTURES}/{name}.svg") if name in pictures else None

    parts = [
        *sections.head(manifest, untrained=untrained),
        *sections.data(None if untrained else manifest.encoders, splits, quality, figures),
        prose(text.FIGURES),
        tables.profiles_table(figures),
        *_section(text.TICKS, tables.tick_table(figures)),
        tables.prior_table(figures),
        *_section(text.TOLD, tables.told_table(figures)),
        tables.flagged_table(figures),
        tables.speaker_table(figures),
        *_section(text.DOUBT, tables.doubt_table(figures)),
        tables.class_ece_table(figures),
        *sections.not_counted(figures),
        tables.recall_table(figures),
        shown("confusion"),
        shown("reliability"),
        tables.group_table(figures, "by_corpus", "corpus"),
        tables.group_table(figures, "by_sex", "sex"),
        tables.ablation_table(figures),
        *_section(text.CORRUPTIONS, tables.corruption_table(figures)),
        shown("anomalies"),
        *_section(text.IMPORTANCE, shown("importance")),
        *_section(text.CURVES, shown("curves")),
        *sections.encoders_alone(encoders or {}),
        prose(limits(figures, splits)),
        prose(text.USES),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(heading: str, content: str | None) -> list[str]:
    return [prose(heading), content] if content else []


def _draw(folder: Path, pictures: dict[str, Figure | None]) -> frozenset[str]:
    """Write the pictures that there are; returns their names."""
    folder.mkdir(exist_ok=True)
    for stale in folder.glob("*.svg"):
        stale.unlink()
    drawn = {name: figure for name, figure in pictures.items() if figure is not None}
    for name, figure in drawn.items():
        (folder / f"{name}.svg").write_bytes(to_svg(figure))
    return frozenset(drawn)
