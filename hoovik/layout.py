"""Numbers that every part must agree on; a bundle's manifest repeats them and is checked."""

SAMPLE_RATE = 16_000
WINDOW_S = 0.6
WINDOW_SAMPLES = 9_600

CONTEXT_SAMPLES = {"embedded": WINDOW_SAMPLES, "wav2vec2": WINDOW_SAMPLES, "whisper": 32_000}
"""What each audio encoder hears of a voice: the window, and as much before it as there is to this."""

SEQ_LEN = 10
TICK_S = 0.3
"""Distance of the steps of a sequence; models know no other."""

AUDIO_DIM = 1024

N_LANDMARKS = 136
N_BLENDSHAPES = 51
N_POSE = 3
FACE_DIM = 2 * N_LANDMARKS + N_BLENDSHAPES + N_POSE
"""326: landmark x and y in turn (272), blendshapes (51), pitch, yaw, roll (3)."""

EXPRESSION_DIM = 6
"""Logits of the emotions that a face shows, beside its vector."""

LANDMARKS = slice(0, 2 * N_LANDMARKS)
BLENDSHAPES = slice(2 * N_LANDMARKS, 2 * N_LANDMARKS + N_BLENDSHAPES)
POSE = slice(2 * N_LANDMARKS + N_BLENDSHAPES, FACE_DIM)

ENGINEERED_DIM = 8_149
ANOMALY_DIM = 9_452
