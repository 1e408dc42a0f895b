"""The one evaluation of a bundle, on any labelled clips."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hoovik.errors import HoovikError
from hoovik.models.bundle import Bundle
from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.streams import in_streams
from training.corpora.clip import Clip
from training.corpora.record import SplitsRecord, seen_in_training
from training.evaluation.figures import DIGITS, profile_figures, rounded, told_figures
from training.evaluation.prediction import BundleModels
from training.evaluation.robustness import corruption_figures, stratified
from training.evaluation.sessions import Sessions
from training.evaluation.subjects import judged
from training.extraction.cache import EXTRACTION_CACHE
from training.extraction.encoders import EncoderSource
from training.extraction.encoding import Extracted, Reading
from training.extraction.parallel import extract


class NothingToJudgeError(HoovikError):
    """Clips of which none may be judged."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is judged.

    Attributes:
        profiles: those that figures are wanted of.
        told_clips: clips of a profile that are played through the session, at most; 0: none.
        corrupted_clips: clips of each corruption, of these at most; 0: no corruptions.
        resamples: of the bootstrap.
    """

    profiles: tuple[Profile, ...] = tuple(Profile)
    told_clips: int = 150
    corrupted_clips: int = 30
    resamples: int = 1_000


EVERYTHING = Extent()


def evaluate(
    path: Path,
    clips: Sequence[Clip],
    source: EncoderSource,
    *,
    splits: SplitsRecord | None,
    how: Reading = Reading(),  # noqa: B008 - frozen
    extent: Extent = EVERYTHING,
    folder: Path = EXTRACTION_CACHE,
    num_workers: int = 0,
    progress: bool = True,
) -> dict[str, Any]:
    """Judge a bundle, as its files ship, on clips of people whom no part of it has seen.

    Args:
        path: the bundle's folder.
        clips: of any corpora; those without a label do not count.
        source: of the encoders.
        splits: of the people that the bundle was made with; None: nobody is left out.
        how: of the reading; its seed is that of pairs, corruptions and the bootstrap too.
        extent: how much is judged.
        folder: of the cache of extractions.
        num_workers: Ray tasks of the extraction; 0: in this process.
        progress: whether to show a bar.

    Returns:
        The figures, ready for JSON: `bundle`, `priors`, `profiles`, `corruptions`, `caught_mean`,
        `caught_minus_clean_mean`, `left_out`, `unlabelled`, `unreadable` and `without_result`.

    Raises:
        BundleError: a bundle that is not whole, or was trained on other encoders.
        NothingToJudgeError: no labelled clip of a person unseen is left.
        ExtractionError: too many clips cannot be read.
    """
    bundle = Bundle.open(path)
    bundle.require_encoders(audio=source.audio.encoder, face=source.face.encoder)
    labelled = [clip for clip in clips if clip.label is not None]
    unlabelled = Counter(clip.corpus for clip in clips if clip.label is None)
    left_out: Counter[str] = Counter()
    unseen = []
    for clip in labelled:
        if splits is not None and seen_in_training(clip, splits):
            left_out[clip.corpus] += 1
        else:
            unseen.append(clip)
    if not unseen:
        raise NothingToJudgeError(
            f"of {len(clips)} clips {unlabelled.total()} have no label of the six emotions and "
            f"{left_out.total()} are of people whom the bundle has seen; others expected"
        )
    extraction = extract(
        unseen, source, how=how, folder=folder, num_workers=num_workers, progress=progress
    )
    return {
        "bundle": bundle.version,
        **figures_of(bundle, extraction.extracted, source, how=how, extent=extent),
        "left_out": dict(left_out),
        "unlabelled": dict(unlabelled),
        "unreadable": [
            {"clip": one.clip.reference, "reason": one.reason} for one in extraction.failures
        ],
    }


def figures_of(
    bundle: Bundle,
    extracted: Sequence[Extracted],
    source: EncoderSource,
    *,
    how: Reading,
    extent: Extent = EVERYTHING,
) -> dict[str, Any]:
    """Figures of a bundle on what has been extracted, whoever it is of.

    A bundle that knows baselines judges each voice at the end of a stream of the same speaker's
    other clips, mostly neutral as a meeting is and of drawn length; see `training.build.streams`.

    Args:
        bundle: opened.
        extracted: first takes of clips.
        source: of the encoders that read them, which the session asks too.
        how: they were read.
        extent: how much is judged.

    Returns:
        `priors`, the class frequencies at which the bundle is calibrated and told; `profiles`, of
        those with a result, each with what is `told` where clips were played; `corruptions`, the
        means of what is caught (None without corruptions), and `without_result`.
    """
    models = BundleModels.of(bundle)
    voices = bundle.load_voices()
    extracted = in_streams(extracted, voices, how.seed)
    played = max(extent.told_clips, extent.corrupted_clips)
    sessions = Sessions.of(models, source, how, voices) if played else None
    profiles: dict[str, Any] = {}
    corruptions: dict[str, dict[str, Any]] = {}
    without_result: dict[str, int] = {}
    for profile in extent.profiles:
        chosen = judged(profile, extracted, how.seed)
        without_result[profile.value] = chosen.without_result
        if not chosen.subjects:
            continue
        said = models.predict([tick for subject in chosen.subjects for tick in subject.ticks])
        profiles[profile.value] = profile_figures(chosen, said, extent.resamples, how.seed)
        if sessions is None:
            continue
        subjects = stratified(chosen.subjects, played, how.seed)
        told = sessions.tell(subjects)
        profiles[profile.value]["told"] = told_figures(
            profile, subjects, told, models.ensemble.fusion
        )
        n = extent.corrupted_clips
        if n:
            corruptions |= corruption_figures(chosen, subjects[:n], told[:n], sessions)
    return {
        "priors": {
            "calibrated": dict(zip(EMOTIONS, models.ensemble.fusion.prior, strict=True)),
            "told": dict(zip(EMOTIONS, models.ensemble.prior, strict=True)),
        },
        "profiles": profiles,
        "corruptions": corruptions,
        "caught_mean": _mean(corruptions, "caught"),
        "caught_minus_clean_mean": _mean(corruptions, "caught_minus_clean"),
        "without_result": without_result,
    }


def _mean(corruptions: dict[str, dict[str, Any]], key: str) -> float | None:
    known = [one[key] for one in corruptions.values() if one[key] is not None]
    return rounded(sum(known) / len(known)) if known else None


def flagged_shares(bundle: Bundle, extracted: Sequence[Extracted], seed: int) -> dict[str, float]:
    """Share of the ticks of each profile that the anomaly gate flags, ready for JSON.

    Args:
        bundle: opened.
        extracted: first takes of clean clips.
        seed: of the pairs.
    """
    models = BundleModels.of(bundle)
    extracted = in_streams(extracted, bundle.load_voices(), seed)
    shares = {}
    for profile in Profile:
        chosen = judged(profile, extracted, seed)
        if chosen.subjects:
            said = models.predict([tick for subject in chosen.subjects for tick in subject.ticks])
            shares[profile.value] = round(float(said.anomaly.mean()), DIGITS)
    return shares
