import numpy as np
from numpy.typing import NDArray


def log_softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Log-probabilities of logits (N, C), in float64."""
    shifted = np.asarray(logits, np.float64)
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities of logits (N, C), in float64."""
    return np.exp(log_softmax(logits))


def log_odds(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Each class against all others, log(p / (1 - p)), of logits (N, C); finite in float64.

    The probability of the others is summed from their own exponentials, because 1 - p loses all its
    digits where p is near 1.
    """
    log_p = log_softmax(logits)
    itself = np.eye(log_p.shape[1], dtype=bool)
    others = np.logaddexp.reduce(np.where(itself, -np.inf, log_p[:, None]), axis=2)
    result: NDArray[np.float64] = log_p - others
    return result
