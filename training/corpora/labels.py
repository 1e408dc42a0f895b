"""The words that corpora have for emotions."""

from hoovik.schema.emotion import EMOTIONS, NEUTRAL

_WORDS: dict[str, tuple[str, ...]] = {
    "angry": ("anger", "angry", "ang"),
    "fearful": ("fear", "fearful", "fea"),
    "disgust": ("disgust", "disgusted", "dis"),
    "happy": ("happy", "happiness", "joy", "hap"),
    "sad": ("sad", "sadness"),
    NEUTRAL: ("neutral", "calm", NEUTRAL, "neu"),
}
_NOT_OURS = frozenset({"surprise", "surprised", "contempt", "boredom"})

LABELS: dict[str, int] = {
    word: EMOTIONS.index(emotion) for emotion, words in _WORDS.items() for word in words
}
"""Index into EMOTIONS of each word, in lower case."""


def label_of(word: str) -> int | None:
    """Index into EMOTIONS of a corpus's word; None for an emotion that is none of the six.

    Raises:
        KeyError: no word for an emotion.
    """
    key = word.strip().lower()
    return None if key in _NOT_OURS else LABELS[key]
