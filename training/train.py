"""From corpora to a sealed bundle: everything that `hoovik train` does, in its order."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import torch
from threadpoolctl import threadpool_limits

from hoovik.models.bundle import Bundle
from hoovik.models.manifest import Encoders
from hoovik.settings import Settings
from training.build.files import (
    CARD,
    check_encoders_unchanged,
    encoder_digests,
    write_manifest,
)
from training.build.material import chosen, gather
from training.build.pipeline import Laps, fit_models
from training.build.plan import Plan
from training.build.together import Pairs, together
from training.card.card import write_card
from training.config import TrainingConfig
from training.corpora.leaks import check_leaks
from training.corpora.record import record_of, write_splits
from training.corpora.registry import open_corpora
from training.corpora.splitting import split_clips
from training.encoder_weights import Splits, ready_encoders
from training.evaluation.evaluate import Extent, figures_of, flagged_shares
from training.extraction.encoders import EncoderSource
from training.extraction.encoding import Extracted, Reading
from training.extraction.parallel import Extraction, extract
from training.extraction.report import quality_report
from training.splits import SPLITS_FILE, Split


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of a run.

    Attributes:
        out: of the bundle.
        work: of all that a stopped run goes on from: fitted encoders, checkpoints and what was
            extracted.
        encoders: of the embedded encoders' weights, where they are not to be fitted.
    """

    out: Path
    work: Path
    encoders: Path | None = None


def train(
    config: TrainingConfig,
    places: Places,
    settings: Settings,
    *,
    workers: int = 0,
) -> dict[str, Any]:
    """Make a bundle, and judge it on people whom no part of it has seen.

    What lies in the work folder is not done again, so that the same call after an interruption
    goes on where it was.

    Args:
        config: corpora, encoders, amounts.
        places: folders.
        settings: of the service, which say where the encoders' weights lie.
        workers: Ray tasks of the extraction; 0: in this process.

    Returns:
        The figures on the test split, as `hoovik evaluate` gives them.

    Raises:
        CorpusError, LeakError: corpora or splits on which no bundle may be made.
        ExtractionError: too many clips cannot be read.
        BundleError: weights of an encoder are missing, or changed meanwhile.
        ConfigurationError: the work folder holds encoders that were fitted in another way.
    """
    plan, out, work = config.plan, places.out, places.work
    _limit_threads(plan.threads)
    laps = Laps()
    for folder in (out, work):
        folder.mkdir(parents=True, exist_ok=True)
    splits = split_clips(open_corpora(config.corpora), plan.seed)
    check_leaks(splits)
    laps.lap(f"{sum(map(len, splits.values()))} clips found and split")

    encoders = ready_encoders(config, splits, out=out, work=work, given=places.encoders)
    before = encoder_digests(out)
    laps.lap("encoders ready")
    named = Encoders(audio=config.encoders.audio, face=config.encoders.face)
    source = EncoderSource.named(out, named, settings, untrained=config.untrained)
    used = chosen(splits, plan)
    record = record_of(used, plan.seed)
    write_splits(out / SPLITS_FILE, record)
    how = Reading(seed=plan.seed, still_readings=plan.still_readings)
    extracted, extraction = _extract(used, source, how, plan, work, workers)
    quality = quality_report(used, extraction)
    (work / "quality.json").write_text(quality.to_json() + "\n", encoding="utf-8")
    print(quality.table(), flush=True)
    laps.lap(f"{len(extraction.extracted)} takes extracted")

    material = gather(extracted, plan)
    laps.lap("material gathered")
    true_pairs = _together(config.action_units, extracted, plan.seed)
    laps.lap(f"pairs of one person judged, {true_pairs}")
    ratio = plan.together if true_pairs is None else true_pairs["ratio"]
    curves = fit_models(material, plan, out, work, laps, ratio)
    check_encoders_unchanged(out, before)

    # What an earlier build has left would be sealed with this one's weights.
    (out / CARD).unlink(missing_ok=True)
    data = {"corpora": asdict(record)["corpora"]}
    seeds = {"build": plan.seed}
    unsealed = write_manifest(out, named, data, seeds, {})
    test = [one for one in extracted[Split.TEST] if one.take == 0]
    extent = Extent(corrupted_clips=plan.corrupted_clips, resamples=plan.resamples)
    bundle = Bundle.open(out)
    figures = {
        "bundle": bundle.version,
        **figures_of(bundle, test, source, how=how, extent=extent),
    }
    figures["together"] = true_pairs or {"ratio": ratio}
    # The forests' thresholds were set on validation: whether they hold what they were set to.
    shares = flagged_shares(bundle, extracted[Split.VALIDATION], plan.seed)
    for profile, own in figures["profiles"].items():
        own["anomaly_rate_validation"] = shares.get(profile)
    laps.lap("judged")
    write_card(
        out,
        unsealed,
        figures,
        record,
        curves=curves,
        quality=quality,
        encoders=encoders,
        untrained=config.untrained,
    )
    write_manifest(out, named, data, seeds, {**figures, "encoders": encoders})
    laps.lap("sealed")
    return figures


def _together(
    action_units: str | None, extracted: dict[Split, list[Extracted]], seed: int
) -> dict[str, Any] | None:
    """Figures of true pairs of all actors, with the ratio of those who are not in the test."""
    if action_units is None or not Path(action_units).is_file():
        return None
    first = {split: [one for one in own if one.take == 0] for split, own in extracted.items()}
    everybody = [one for own in first.values() for one in own]
    used = [one for split, own in first.items() if split is not Split.TEST for one in own]
    all_pairs, pairs = (Pairs.of(Path(action_units), some) for some in (everybody, used))
    if all_pairs is None or pairs is None:
        return None
    return {**together(all_pairs, seed).figures, "ratio": together(pairs, seed).ratio}


def _limit_threads(threads: int) -> None:
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    threadpool_limits(threads)


def _extract(
    splits: Splits, source: EncoderSource, how: Reading, plan: Plan, work: Path, workers: int
) -> tuple[dict[Split, list[Extracted]], Extraction]:
    clips = [(split, clip) for split, own in splits.items() for clip in own]
    extraction = extract(
        [clip for _, clip in clips],
        source,
        takes=[plan.takes if split is Split.TRAIN else 1 for split, _ in clips],
        how=how,
        folder=work / "extracted",
        num_workers=workers,
    )
    split_of = {(clip.corpus, clip.name): split for split, clip in clips}
    extracted: dict[Split, list[Extracted]] = {split: [] for split in Split}
    for one in extraction.extracted:
        extracted[split_of[one.clip.corpus, one.clip.name]].append(one)
    return extracted, extraction
