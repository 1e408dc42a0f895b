"""What the model card says in words."""

HEAD = """
# Model card: embedded bundle {version}

## What it is
Reads the *expressed* emotion of a person in a video meeting from the last three seconds of voice
and face, as probabilities of six classes:
{classes}.
It says what a voice and a face show, never what somebody feels. Small encoders (a convolutional network over log-mel for the voice, a student
of MediaPipe FaceLandmarker for the face), a transformer over ten steps of 0.3 s, gradient-boosted
trees over statistics of the same steps, a calibration and a fusion weight for each combination of
voice and face, and four Isolation Forests that flag what looks unlike the training data. It runs
on a CPU.

Labels are the emotions that actors were asked to express, or that annotators saw in a picture.

## Data and licences
**The bundle is for non-commercial use only**, because of the corpora that it was trained on:

- **RAVDESS**: speech of professional actors, two English sentences. CC BY-NC-SA 4.0. Livingstone
  and Russo (2018), "The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS)", PLoS
  ONE 13(5), e0196391.
- **EMO-DB**: German speech of ten actors. Free for research. Burkhardt, Paeschke, Rolfes,
  Sendlmeier and Weiss (2005), "A Database of German Emotional Speech", Interspeech.
- **FER2013**: faces of 48 x 48 pixels from an image search. Research use; its licence is not stated.
  Goodfellow et al. (2013), "Challenges in Representation Learning".
- **muxspace facial_expressions**: photographs of faces. Apache-2.0. Its contempt and surprise are
  left out.
- **MediaPipe FaceLandmarker**, the teacher of the face encoder. Apache-2.0.
- **Pictures without people that ship with scikit-image and scikit-learn**, behind the faces from which
  the face encoder learned, under the licences that these packages state; `flower.jpg` and, held out,
  `china.jpg` are CC BY 2.0.

No person is in two splits: voices are split by speaker, the photographs of muxspace by person. FER2013
names nobody, so that it is split by the content of the picture; `Training` gives train and
validation, `PublicTest` calibration and test. Early stopping and fusion weights rest on validation,
temperature and Platt scaling on calibration, the figures below on the test.
"""

FIGURES = """
### Faces that move, and pairs
A still becomes ten steps: multiples of differences between two pictures of the same person with the
same label are added to its vector, so that what changes is neither identity nor label. What the
turn of the head explains of a difference moves slowly and little, the rest faster and further; the
wavering of the encoder lies on top. Steps are missing as they are in a meeting.

**Pairs of voice and face were made across corpora, by label**: the voice of one person and the
face of another who express the same class. No corpus with both was available. Figures for "voice
and face" are therefore figures on such pairs, in which the errors of voice and face are independent;
on real people they are likely to be lower.

The audio encoder was fitted on the training speakers, so that it reads them too well. Each of their
clips is therefore taken six times, most of them through a changed speed, band, tilt and noise.

## Figures
On the test split, from the files as they ship. One sample is one result of one tick, without the
smoothing over time that a session adds. UAR: unweighted average recall; its interval is a bootstrap
over speakers, or over people or pictures where there is no voice. ECE: 15 bins, biased upwards by
small n. Before: softmax of the logits; after: temperature and Platt scaling as shipped.
"""

LIMITS = """
## Limits
- Speech is acted, and plainer than what people do in meetings. There are few speakers (the interval
  above is over six) and two languages, English and German; the English is two sentences.
- **The face alone says little**: see the recall of each class above. The face encoder passes on
  landmarks, blendshapes and pose, and was taught none of the classes; anger, fear and disgust are
  often read as something else. Where voice and face are both there, most of the answer is the voice.
- Faces are stills with synthetic motion. How they move in real meetings was not learned from any: how far they move here was set by hand,
  after a look at how far seven people do in short recordings, which are otherwise used in tests only.
- Test pictures of FER2013 may show people of its training part: it names nobody.
- Class frequencies are those of the corpora. In a meeting nearly everything is neutral, and
  probabilities calibrated here are too high for the other classes there.
- **No figures by ethnicity, age, sex, disability or first language**: the corpora do not say, or are
  too small. Differences between groups of people must be expected, and nobody has measured them here.
- Glasses, masks, beards, low light, strong accents, noise and compression were hardly tested.
"""

TAIL = """
## What it must not be used for
- Inferring emotions of people at work or in education, which Article 5(1)(f) of the EU AI Act
  (Regulation 2024/1689) prohibits, except for medical or safety reasons.
- Any decision about a person: hiring, grading, credit, insurance, policing, border control, health.
- Covert use. People whose voice or face is read must know and have agreed.
- Lie detection, or claims about what somebody really feels.
- Commercial use, see the licences above.

It is meant for research, for demonstrations, and for trying out the pipeline around it.
"""
