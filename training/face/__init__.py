"""Training of the embedded face encoder: a detector, and a student of MediaPipe FaceLandmarker."""
