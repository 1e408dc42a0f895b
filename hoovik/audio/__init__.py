"""From bytes of sound to 1024-d vectors: decode, resample, buffer, judge, encode."""
