"""What each corpus and each encoder is, whose it is, and what its licence allows."""

from collections.abc import Iterable
from dataclasses import dataclass

from hoovik.models.manifest import Encoders


@dataclass(frozen=True, slots=True)
class Source:
    """Something that a bundle was made from.

    Attributes:
        text: name, licence and reference, in Markdown.
        non_commercial: whether the licence, or its absence, rules out commercial use.
        language: of the speech, which is acted in every corpus that is known here.
        splitting: what decides the split, where it is not the speaker.
        limit: what the figures cannot say because of it.
    """

    text: str
    non_commercial: bool = False
    language: str | None = None
    splitting: str | None = None
    limit: str | None = None


CORPORA = {
    "ravdess": Source(
        "**RAVDESS**: speech of professional actors, two English sentences. CC BY-NC-SA 4.0. "
        'Livingstone and Russo (2018), "The Ryerson Audio-Visual Database of Emotional Speech and '
        'Song (RAVDESS)", PLoS ONE 13(5), e0196391.',
        non_commercial=True,
        language="English",
        limit="The English of RAVDESS is two sentences.",
    ),
    "cremad": Source(
        "**CREMA-D**: speech of 91 actors, twelve English sentences. Open Database License (ODbL) "
        '1.0. Cao, Cooper, Keutmann, Gur, Nenkova and Verma (2014), "CREMA-D: Crowd-Sourced '
        'Emotional Multimodal Actors Dataset", IEEE Transactions on Affective Computing 5(4).',
        language="English",
    ),
    "emodb": Source(
        "**EMO-DB**: German speech of ten actors. Free for research. Burkhardt, Paeschke, Rolfes, "
        'Sendlmeier and Weiss (2005), "A Database of German Emotional Speech", Interspeech.',
        non_commercial=True,
        language="German",
    ),
    "emovo": Source(
        "**EMOVO**: Italian speech of six actors, fourteen sentences. Free for research. "
        'Costantini, Iaderola, Paoloni and Todisco (2014), "EMOVO Corpus: an Italian Emotional '
        'Speech Database", LREC.',
        non_commercial=True,
        language="Italian",
        splitting="All of EMOVO is trained on.",
    ),
    "nemo": Source(
        "**nEMO**: Polish speech of nine actors; it has no disgust. CC BY-NC-SA 4.0. Christop "
        '(2024), "nEMO: Dataset of Emotional Speech in Polish", LREC-COLING.',
        non_commercial=True,
        language="Polish",
        splitting="All of nEMO is trained on.",
    ),
    "savee": Source(
        "**SAVEE**: British English speech of four men. For research only. Jackson and Haq, "
        '"Surrey Audio-Visual Expressed Emotion (SAVEE) Database", University of Surrey.',
        non_commercial=True,
        language="English",
        splitting="All of SAVEE is trained on: most of its sentences differ by emotion, and whoever "
        "hears words would read the class off them.",
    ),
    "fer2013": Source(
        "**FER2013**: faces of 48 x 48 pixels from an image search. Research use; its licence is "
        'not stated. Goodfellow et al. (2013), "Challenges in Representation Learning".',
        non_commercial=True,
        splitting="FER2013 names nobody, so that it is split by the content of the picture; "
        "`Training` gives train and validation, `PublicTest` calibration and test, `PrivateTest` "
        "test.",
        limit="Test pictures of FER2013 may show people of its training part: it names nobody.",
    ),
    "ferplus": Source(
        "**FER+**: the pictures of FER2013, faces of 48 x 48 pixels from an image search, as they "
        "were before anybody equalised them, with the votes of ten taggers. Pictures: research "
        'use, their licence is not stated; votes: MIT. Goodfellow et al. (2013), "Challenges in '
        'Representation Learning"; Barsoum, Zhang, Canton Ferrer and Zhang (2016), "Training Deep '
        'Networks for Facial Expression Recognition with Crowd-Sourced Label Distribution", ICMI.',
        non_commercial=True,
        splitting="FER+ names nobody, so that it is split by the content of the picture; "
        "`Training` gives train, validation and calibration, `PublicTest` test. Its label is what "
        "at least half of the taggers saw; what is learned from are all votes but lone ones, of "
        "pictures without such a label too.",
        limit="Test pictures of FER+ may show people of its training part: it names nobody.",
    ),
    "faces": Source(
        "**muxspace facial_expressions**: photographs of faces. Apache-2.0. Its contempt and "
        "surprise are left out.",
        splitting="The photographs of muxspace are split by person.",
    ),
}

VOICE_ENCODERS = {
    "embedded": Source(
        "**The audio encoder**, which was fitted on the training speakers of the corpora of speech "
        "here, under their licences.",
        non_commercial=True,
    ),
    "wav2vec2": Source(
        "**wav2vec2-large-robust-12-ft-emotion-msp-dim** of audEERING, the audio encoder. "
        'CC BY-NC-SA 4.0. Wagner et al. (2023), "Dawn of the Transformer Era in Speech Emotion '
        'Recognition: Closing the Valence Gap", IEEE TPAMI 45(9).',
        non_commercial=True,
    ),
    "whisper": Source(
        "**The encoder of Whisper tiny.en** of OpenAI, the audio encoder. MIT. Radford et al. "
        '(2022), "Robust Speech Recognition via Large-Scale Weak Supervision".'
    ),
}
FACE_ENCODERS = {
    "embedded": Source(
        "**MediaPipe FaceLandmarker**, the teacher of the face encoder. Apache-2.0. The student "
        "learned from muxspace's photographs and from what the teacher sees in FER2013's training "
        "pictures, laid on pictures without people that ship with scikit-image and scikit-learn, "
        "under the licences that these packages state; `flower.jpg` and, held out, `china.jpg` "
        "are CC BY 2.0. An expression network beside it, where the corpora have FER+, learned from "
        "the votes on its training pictures.",
        non_commercial=True,
    ),
    "mediapipe": Source("**MediaPipe FaceLandmarker**, the face encoder. Apache-2.0."),
}


def corpus_sources(corpora: Iterable[str]) -> list[Source]:
    """The corpora in their order; one that is not known here was given by a manifest."""
    return [CORPORA.get(corpus) or _given(corpus) for corpus in corpora]


def encoder_sources(encoders: Encoders) -> list[Source]:
    """The encoders of voices and of faces, trained."""
    return [
        VOICE_ENCODERS.get(encoders.audio) or _foreign(encoders.audio, "voices"),
        FACE_ENCODERS.get(encoders.face) or _foreign(encoders.face, "faces"),
    ]


def _given(corpus: str) -> Source:
    return Source(
        f"**{corpus}**: given by a manifest. Its licence, and whether it allows commercial use, is "
        "for whoever gave it to say."
    )


def _foreign(encoder: str, kind: str) -> Source:
    return Source(f"**{encoder}**, an encoder of {kind} with a licence of its own.")
