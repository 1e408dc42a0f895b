"""What the figures cannot say: partly always the same, partly read from the figures themselves."""

from hoovik.schema.emotion import EMOTIONS, Profile
from training.card.markdown import figure, listed
from training.card.profiles import Figures, judged
from training.card.sources import CORPORA, corpus_sources
from training.corpora.record import SplitsRecord

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
