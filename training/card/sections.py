"""Sections of the card whose words depend on the figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from hoovik.models.manifest import Encoders, Manifest
from hoovik.schema.emotion import EMOTIONS, Profile
from training.card import text
from training.card.markdown import HEADINGS, Figures, figure, judged, listed, prose, table
from training.card.sources import CORPORA, corpus_sources, encoder_sources
from training.card.tables import quality_table, splits_table, together_table
from training.corpora.record import SplitsRecord
from training.extraction.report import QualityReport

LOW_RECALL = 1 / 3
"""Below this a class is named as one that is hardly read; by chance recall is one sixth."""

FEW_SPEAKERS = 30


def limits(figures: Figures, splits: SplitsRecord) -> str:
    """The section of limits, not yet wrapped."""
    corpora = corpus_sources(splits.corpora)
    items = [
        *_speech(figures, splits),
        *(one.limit for one in corpora if one.limit),
        *_face(figures),
        "Where faces are stills, their motion is synthetic. How faces move in real meetings was "
        "not learned from any: how far they move here was set by hand, after a look at how far "
        "seven people do in short recordings, which are otherwise used in tests only.",
        "How frequent the classes are in a meeting was not measured: the prior is taken from "
        "others' corpora of dialogues. Where it is wrong, so are the probabilities; set it.",
        "The test people had been looked at before this bundle was made: figures of earlier bundles "
        "on them, and what the forests catch there, had a say in how the forests are grown, and lay "
        "open when it was chosen how far rare classes count.",
        _groups(figures),
        "Glasses, masks, beards, low light, strong accents and the codecs of meetings were hardly "
        "tested; of noise and damage only what the table of corrupted input has.",
    ]
    return "\n".join(["## Limits\n", *(f"- {item}" for item in items)])


def _speech(figures: Figures, splits: SplitsRecord) -> list[str]:
    known = [CORPORA[corpus] for corpus in splits.corpora if corpus in CORPORA]
    languages = sorted({one.language for one in known if one.language})
    said = []
    if languages:
        said.append("Speech is acted, and plainer than what people do in meetings.")
    heard = judged(figures).get(Profile.AUDIO_ONLY)
    if heard is not None:
        few = "There are few speakers: the" if heard["speakers"] < FEW_SPEAKERS else "The"
        said.append(f"{few} interval for the voice is over {heard['speakers']} people.")
    if languages and len(known) == len(splits.corpora):
        said.append(f"Speech is in {listed(languages)}; other languages were not heard.")
    return [" ".join(said)] if said else []


def _face(figures: Figures) -> list[str]:
    profiles = judged(figures)
    seen = profiles.get(Profile.VIDEO_ONLY)
    if seen is None:
        return []
    said = (
        f"**The face alone says {'little' if (seen['uar'] or 0) < 0.5 else 'less than it seems'}** "
        f"(UAR {figure(seen['uar'])}). The face encoder passes on landmarks, blendshapes and pose, "
        "and was taught none of the classes."
    )
    hardly = [
        f"{emotion} ({figure(seen['recall'][emotion], '.2f')})"
        for emotion in EMOTIONS
        if (seen["recall"][emotion] or 0) < LOW_RECALL
    ]
    if hardly:
        said += f" It hardly recalls {listed(hardly)}."
    heard, both = profiles.get(Profile.AUDIO_ONLY), profiles.get(Profile.BOTH)
    if heard is not None and both is not None:
        said += (
            f" The voice alone reaches UAR {figure(heard['uar'])}, both together "
            f"{figure(both['uar'])}."
        )
    if both is not None and both.get("pairs") == "by label":
        said += " What the face adds was measured on pairs of two people; on one it is likely to be less."
    return [said]


def _groups(figures: Figures) -> str:
    by_sex = any(judged(figures, having="by_sex"))
    missing = "ethnicity, age, disability or first language"
    said = f"**No figures by {missing if by_sex else 'sex, ' + missing}**: the corpora do not say, "
    said += (
        "or are too small. Differences between groups of people must be expected, and nobody has "
        "measured them here."
    )
    if by_sex:
        said += " Those by sex rest on a handful of speakers."
    return said


def head(manifest: Manifest, *, untrained: bool) -> list[str]:
    """Title, a warning where the encoders know nothing, and what the bundle is."""
    encoders = manifest.encoders
    readers = (
        f"{text.VOICE_READERS.get(encoders.audio, encoders.audio + ' for the voice')} and "
        f"{text.FACE_READERS.get(encoders.face, encoders.face + ' for the face')}"
    )
    return [
        f"# Model card: {kind(encoders)} bundle {manifest.version}",
        *([prose(text.UNTRAINED)] if untrained else []),
        prose(
            text.WHAT_IT_IS.format(
                classes=", ".join(EMOTIONS), encoders=readers[0].upper() + readers[1:]
            )
        ),
    ]


def kind(encoders: Encoders) -> str:
    """`embedded`, `reference`, or both where voice and face differ; Whisper is called by its name."""
    voice = {"embedded": "embedded", "whisper": "Whisper"}.get(encoders.audio, "reference")
    face = "embedded" if encoders.face == "embedded" else "reference"
    return voice if voice == face else f"{voice} voice, {face} face"


def data(
    encoders: Encoders | None,
    splits: SplitsRecord,
    quality: QualityReport | None,
    figures: Figures,
) -> list[str]:
    """Sources and licences, splits, how faces move and how pairs are made.

    Args:
        encoders: that made the features; None where they were never trained on anything.
        splits: clips and people of each corpus and split.
        quality: of the extraction.
        figures: of the evaluation.
    """
    corpora = corpus_sources(splits.corpora)
    sources = [*corpora, *(encoder_sources(encoders) if encoders else [])]
    rules = " ".join(corpus.splitting for corpus in corpora if corpus.splitting)
    parts = ["## Data and licences"]
    if any(source.non_commercial for source in sources):
        parts.append(
            prose(
                "**The bundle is for non-commercial use only**, because of what it was made from:"
            )
        )
    parts += [
        prose("\n".join(f"- {source.text}" for source in sources)),
        prose(text.SPLITS.format(rules=rules)),
        splits_table(splits),
    ]
    if quality is not None:
        parts += [prose("What could be read, heard and seen of them:"), quality_table(quality)]
    parts.append(prose(text.MOTION))
    both = judged(figures).get(Profile.BOTH)
    if both is not None:
        pairs = both.get("pairs", "by label")
        parts.append(prose(text.PAIRS_REAL if pairs == "real" else text.PAIRS_BY_LABEL))
        together = together_table(figures)
        if together is not None:
            parts += [prose(text.TOGETHER.format(**figures["together"])), together]
        elif (figures.get("together") or {}).get("ratio", 1.0) != 1.0:
            parts.append(prose(text.TOGETHER_ELSEWHERE.format(**figures["together"])))
    if encoders is not None and encoders.audio == "embedded":
        parts.append(prose(text.TAKES))
    return parts


def not_counted(figures: Figures) -> list[str]:
    """Which clips the figures leave out, and why; nothing where they leave out none."""
    said = []
    for key, reason in (
        ("left_out", "are of people whom the bundle has seen"),
        ("unlabelled", "have no label of the six emotions"),
    ):
        counts: Mapping[str, int] = figures.get(key) or {}
        counts = {corpus: n for corpus, n in counts.items() if n}
        if counts:
            named = listed([f"{n:,} of {corpus}" for corpus, n in counts.items()])
            said.append(f"{named} {reason}.")
    without = {
        HEADINGS[Profile(name)]: n for name, n in figures.get("without_result", {}).items() if n
    }
    if without:
        named = listed([f"{n:,} ({heading})" for heading, n in without.items()])
        said.append(f"{named} have no tick with a result.")
    unreadable: Sequence[Any] = figures.get("unreadable", ())
    if unreadable:
        said.append(f"{len(unreadable):,} could not be read.")
    return [prose(f"Clips that do not count: {' '.join(said)}")] if said else []


def encoders_alone(encoders: Figures) -> list[str]:
    """The encoders on their own.

    Args:
        encoders: `face` with any of landmark_error, blendshape_correlation_mean and _median,
            pose_error_deg (pitch, yaw, roll), faces_kept and n_faces; `expression` with any of
            uar, accuracy and n; `audio` with any of window_uar, n_windows, clip_uar and n_clips.
    """
    face, audio = encoders.get("face", {}), encoders.get("audio", {})
    shown = encoders.get("expression", {})
    pose = face.get("pose_error_deg", {})
    measured = [
        ("face", "error of a landmark, in distances between the eyes", face.get("landmark_error"), ".4f"),
        ("face", "correlation of a blendshape, mean", face.get("blendshape_correlation_mean"), ".3f"),
        ("face", "correlation of a blendshape, median", face.get("blendshape_correlation_median"), ".3f"),
        *(("face", f"error of the {axis}, in degrees", error, ".1f") for axis, error in pose.items()),
        ("face", f"faces taken for one{_of(face.get('n_faces'))}", face.get("faces_kept"), ".1%"),
        ("expression", f"UAR of one picture{_of(shown.get('n'))}", shown.get("uar"), ".3f"),
        ("expression", f"accuracy of one picture{_of(shown.get('n'))}", shown.get("accuracy"), ".3f"),
        ("voice", f"UAR of one window{_of(audio.get('n_windows'))}", audio.get("window_uar"), ".3f"),
        ("voice", f"UAR of one clip{_of(audio.get('n_clips'))}", audio.get("clip_uar"), ".3f"),
    ]  # fmt: skip
    rows = [
        (who, what, figure(value, spec)) for who, what, value, spec in measured if value is not None
    ]
    if not rows:
        return []
    return [
        prose(
            "## The encoders on their own\nOn people whom they never saw. The face encoder is "
            "held against its teacher, MediaPipe FaceLandmarker; the expression network judged by "
            "what most people saw in a picture; the audio encoder with the classifier that it was "
            "fitted with."
        ),
        table(("encoder", "what", "figure"), rows),
    ]


def _of(n: int | None) -> str:
    return "" if n is None else f", n = {n:,}"
