"""Numbers that every part must agree on; a bundle's manifest repeats them and is checked."""

SAMPLE_RATE = 16_000
WINDOW_S = 0.6
WINDOW_SAMPLES = 9_600

SEQ_LEN = 10
AUDIO_DIM = 1024

N_LANDMARKS = 136
N_BLENDSHAPES = 51
N_POSE = 3
FACE_DIM = 2 * N_LANDMARKS + N_BLENDSHAPES + N_POSE
"""326: landmark x and y in turn (272), blendshapes (51), pitch, yaw, roll (3)."""

LANDMARKS = slice(0, 2 * N_LANDMARKS)
BLENDSHAPES = slice(2 * N_LANDMARKS, 2 * N_LANDMARKS + N_BLENDSHAPES)
POSE = slice(2 * N_LANDMARKS + N_BLENDSHAPES, FACE_DIM)

ENGINEERED_DIM = 8_149
ANOMALY_DIM = 9_452
