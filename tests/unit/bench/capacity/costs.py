from bench.capacity.measured import Measured


def flat(
    audio_ms: float = 4.0, face_ms: float = 4.0, step: float = 1.5, **devices: float
) -> Measured:
    """Service times that batches do not change, so that arithmetic knows the work exactly."""
    return Measured.model_validate(
        {
            "hop_ms": 0.5,
            "node_hop_ms": 1.0,
            "profiles": {
                "embedded": {
                    "audio_ms": {"cpu": {1: audio_ms}, **{k: {1: v} for k, v in devices.items()}},
                    "face_ms": {1: face_ms},
                    "features_ms": {1: 3.0},
                    "ensemble_ms": {1: 5.0},
                    "shell_ms": {
                        "message": 0.2,
                        "ingress_call": 1.0,
                        "room_call": 0.5,
                        "step": step,
                        "pool_calls": {
                            "AudioFeatures": 1.0,
                            "FaceFeatures": 2.0,
                            "FeatureEngineering": 1.0,
                            "Ensemble": 1.0,
                        },
                        "node": 50.0,
                    },
                    "provenance": [
                        {
                            "figures": [
                                "audio_ms",
                                "face_ms",
                                "features_ms",
                                "ensemble_ms",
                                "shell_ms",
                            ],
                            "machine": "none: made up for tests",
                            "command": "none",
                        }
                    ],
                }
            },
        }
    )
