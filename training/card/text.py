"""What the model card says in words, where it is the same whatever was measured."""

UNTRAINED = """
**`untrained: true`. The encoders have random weights. They were never trained, so that neither
their features nor any answer of this bundle means anything. It is there to try the machinery.**
"""

WHAT_IT_IS = """
## What it is
Reads the *expressed* emotion of a person in a video meeting from the last three seconds of voice
and face, as probabilities of six classes: {classes}. It says what a voice and a face show, never
what somebody feels. {encoders}, a transformer over ten steps of 0.3 s, gradient-boosted trees over
statistics of the same steps, a logistic regression on their means, a calibration and a fusion of
the three for each combination of voice and face, and four Isolation Forests that flag what looks unlike the training data.

Labels are the emotions that actors were asked to express, or that annotators saw in a picture.
"""

VOICE_READERS = {
    "embedded": "a small convolutional network over log-mel for the voice",
    "whisper": "the encoder of Whisper tiny.en for the voice",
    "wav2vec2": "wav2vec2, fine-tuned on emotional speech, for the voice",
}
FACE_READERS = {
    "embedded": "a small student of MediaPipe FaceLandmarker for the face",
    "mediapipe": "MediaPipe FaceLandmarker for the face",
}

SPLITS = """
### Splits
No person who is named is in two splits; voices are split by speaker. {rules} Early stopping,
the choices of the linear model, fusion weights and the forests' thresholds rest on validation;
vector scaling, sharpness and the threshold of doubt on calibration; the figures below on the test.
"""

MOTION = """
### How faces move
A video is read as it is. A still is read ten times, as a camera that shakes a little would see it,
and is judged like that. In training about half of the stills move as well: multiples of differences
between two pictures of the same person with the same label are added to their vectors, so that what
changes is neither identity nor label. What the turn of the head explains of a difference moves
slowly and little, the rest faster and further. Steps are missing as they are in a meeting.
"""

PAIRS_BY_LABEL = """
### How pairs are made
**Pairs of voice and face were made across corpora, by label**: the voice of one person and the face
of another who express the same class. No clip that was judged has both of one person. Figures for "voice and
face" are therefore figures on such pairs, in which the errors of voice and face are independent; on
real people they are likely to be lower.
"""

TOGETHER = """
### How voice and face go together
OpenFace's action units (Baltrusaitis et al. 2018; for academic use) of RAVDESS' videos show the
faces of the voices that are here, take by take.
A logistic regression on either and their product, judged on actors of other folds, say what
the second modality of one person adds, and what a second person's would: of {n:,} takes of {actors}
actors. These are figures of the regressions, not of this bundle. What they say of people who are not in the test is
built into it: of both together it is as sure as on pairs by label, to the power of **{ratio:.2f}**.
"""

TOGETHER_ELSEWHERE = """
Of both together this bundle is as sure as on pairs by label, to the power of **{ratio:.2f}**: what
true pairs of one person say where an encoder has learned from none of them (see the card of the
Whisper bundle).
"""

PAIRS_REAL = """
### Pairs of voice and face
Figures for "voice and face" are figures on clips that show and sound one and the same person.
"""

TAKES = """
### Takes of a voice
The audio encoder was fitted on the training speakers, so that it reads them too well. Each of their
clips is therefore taken several times, most of them through a changed speed, band, tilt and noise.
"""

FIGURES = """
## Figures
On the test split, from the files as they ship. One sample is one clip, by the mean of its
probabilities over its ticks, without the smoothing over time that a session adds. Which ticks count
does not depend on the label. UAR: unweighted average recall, that is balanced accuracy; its
interval is a bootstrap over people, or over pictures where nobody is named. Calibration and fusion
count the classes as often as the bundle's own prior says; here the probabilities stand as they are
at that prior, and the classes count as often as the test has them. ECE: 15 bins, biased
upwards by small n: a perfectly calibrated model shows about 0.023 at n = 1,640 and 0.053 at n =
300. Before: the mean of the models' softmax; after: vector scaling, and the mean sharpened, as
shipped. What is flagged is stated on validation too, where thresholds were set.
"""

TICKS = """
A client is told of ticks, not of clips, and calibration is fitted on ticks. The mean over a clip's
ticks is right more often than any one of them but no surer, so that a clip's probabilities are
rather too modest than too bold.
"""

TOLD = """
What a client is told in a meeting: media played through the session itself, a still before a camera
that shakes a little, with all rules, smoothed over time, with the prior of a meeting
(`HOOVIK_SESSION__PRIOR`) and its doubt. Shares are of ticks; each clip counts the same, and the
classes count as often as a meeting has them, in all columns but UAR. A label is uncertain where the
conformal set, which was made to have the right one in 90 % of the ticks, has other than one member.
Speakers are those with five clips at least.
"""

DOUBT = """
How well confidence tells right from wrong: the share of errors among the clips that the bundle is
surest of, and the area under that curve (AURC; lower is better). The calibration error of each class
against all others has 15 bins, and is biased upwards like the other.
"""

CORRUPTIONS = """
### Corrupted input
Clean clips were spoilt and played through the session. A corruption is caught at a tick where the
spoilt voice or face is withheld, because no speech or no face is found or the other modality alone is
fit, or where the result is flagged: by a rule that names what is wrong, or by a forest alone. What is
flagged or withheld of the same clips as they are is taken off in the next column. A picture counts as
frozen once it has stood still for three seconds. Shares of ticks, as means over clips; reasons as
clients are told them (`anomalyReasons`). What is not caught passes as an ordinary result.
"""

IMPORTANCE = """
### Where the trees look
The gain of each principal component is shared out over the engineered columns that it is made of,
by squared loading. It tells where the trees look, not what would be lost without a column: columns
that say the same share what they are worth.
"""

CURVES = """
### How the transformer learned
Phase A knows pairs alone, B adds samples of one modality, C averages weights at a low learning
rate. Each phase begins with the best weights of the one before.
"""

USES = """
## What it must not be used for
- Inferring emotions of people at work or in education, which Article 5(1)(f) of the EU AI Act
  (Regulation 2024/1689) prohibits, except for medical or safety reasons.
- Any decision about a person: hiring, grading, credit, insurance, policing, border control, health.
- Covert use. People whose voice or face is read must know and have agreed.
- Lie detection, or claims about what somebody really feels.
- Commercial use, wherever a licence above rules it out.

It is meant for research, for demonstrations, and for trying out the pipeline around it.
"""
