import numpy as np
from numpy.typing import ArrayLike, NDArray


def log_softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Log-probabilities of logits (N, C), in float64."""
    shifted = np.asarray(logits, np.float64)
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities of logits (N, C), in float64."""
    return np.exp(log_softmax(logits))


def with_prior(
    probs: NDArray[np.floating], held_at: ArrayLike, wanted: ArrayLike
) -> NDArray[np.float64]:
    """Probabilities where the classes are as frequent as `wanted` says, and look as they did.

    The adjustment of Saerens, Latinne & Decaestecker 2002, equation 4.

    Args:
        probs: (N, C), each row adding up to 1.
        held_at: (C,) positive, the class frequencies at which they hold.
        wanted: (C,) those of where they are used.
    """
    moved = np.asarray(probs, np.float64) * (np.asarray(wanted) / np.asarray(held_at))
    result: NDArray[np.float64] = moved / moved.sum(axis=1, keepdims=True)
    return result
