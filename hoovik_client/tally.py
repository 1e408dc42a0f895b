from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hoovik.schema.outbound import EmotionError, EmotionResult, ServerStatus
from hoovik_client.client import Reading

TICK_S = 0.3
"""The service's time step: one result each, while a modality is live."""


@dataclass
class Tally:
    """What one participant was told, counted.

    Live time is what the service itself announced (``server.status`` names the live modalities),
    whether or not results came.
    """

    results: int = 0
    anomalies: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    profiles: Counter[str] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    last: EmotionResult | None = None
    _live_s: float = 0.0
    _live_since_s: float | None = None

    @property
    def is_live(self) -> bool:
        """Whether the service says that a modality is live."""
        return self._live_since_s is not None

    def take(self, reading: Reading) -> None:
        """Count one message."""
        message = reading.message
        if isinstance(message, EmotionResult):
            self.results += 1
            self.anomalies += message.result.anomaly
            self.reasons.update(map(str, message.result.anomaly_reasons))
            self.profiles[str(message.result.modality)] += 1
            self.last = message
            if reading.latency_ms is not None:
                self.latencies_ms.append(reading.latency_ms)
        elif isinstance(message, ServerStatus):
            live = message.modalities.audio or message.modalities.video
            self.stop(reading.received_s)
            self._live_since_s = reading.received_s if live else None
        elif isinstance(message, EmotionError):
            self.errors.append(message.to_wire())

    def stop(self, now_s: float) -> None:
        """Close the live time that is running: the participant left, or the count ends."""
        if self._live_since_s is not None:
            self._live_s += now_s - self._live_since_s
        self._live_since_s = None

    def live_seconds(self, now_s: float) -> float:
        """Seconds with a live modality so far."""
        running_s = 0.0 if self._live_since_s is None else now_s - self._live_since_s
        return self._live_s + running_s

    def latency_ms(self, percentile: float) -> float | None:
        """Percentile of the latency from sending the newest sample to its result."""
        return float(np.percentile(self.latencies_ms, percentile)) if self.latencies_ms else None

    def summary(self, now_s: float) -> dict[str, Any]:
        """The counts, JSON-ready; `lost` are the results that live time had room for."""
        live_s = self.live_seconds(now_s)
        return {
            "results": self.results,
            "live_seconds": round(live_s, 2),
            "results_per_s": round(self.results / live_s, 3) if live_s else 0.0,
            "lost": max(0, int(live_s / TICK_S) - self.results),
            "profiles": dict(self.profiles),
            "anomalies": self.anomalies,
            "anomaly_reasons": dict(self.reasons),
            "latency_ms": {"p50": self.latency_ms(50), "p95": self.latency_ms(95)},
        }
