MAX_CALL = 16
"""Requests in one call of a pool: more go to other replicas at the same time."""

MIN_CALL = 4
CALL_S = 0.1
"""Where so many requests would take longer than this, a call has fewer, down to what the encoders
need to be efficient: the first answers should not wait for the last."""


def call_size(each_s: float) -> int:
    """Requests to put into one call, where one of them takes `each_s`; 0: not known yet."""
    return min(MAX_CALL, max(MIN_CALL, int(CALL_S / max(each_s, 1e-6))))
