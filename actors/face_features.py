import cv2
import numpy as np
from numpy.typing import NDArray

from actors.process import limit_threads
from actors.workers import FaceAnswer, FaceRequest
from hoovik.errors import MediaError
from hoovik.face.encoder import load_face_encoder
from hoovik.face.image import decode_image
from hoovik.settings import Settings


class FaceFeatureActor:
    """Owns the face encoder; decoded images live and die here."""

    def __init__(self, settings: Settings) -> None:
        limit_threads(settings.serve.threads)
        cv2.setNumThreads(settings.serve.threads)
        self._settings = settings.face
        self._encoder = load_face_encoder(
            settings.face, settings.bundle, untrained=settings.untrained
        )

    def encode(self, requests: list[FaceRequest]) -> list[FaceAnswer]:
        """Faces of images, in one batch; one bad image spoils no other's answer."""
        pictures = [self._decode(request) for request in requests]
        sights = [
            (picture, request.track)
            for picture, request in zip(pictures, requests, strict=True)
            if not isinstance(picture, MediaError)
        ]
        readings = iter(self._encoder.encode_all(sights))
        return [
            FaceAnswer(fault=picture)
            if isinstance(picture, MediaError)
            else FaceAnswer(reading=next(readings))
            for picture in pictures
        ]

    def _decode(self, request: FaceRequest) -> NDArray[np.uint8] | MediaError:
        try:
            return decode_image(request.image, self._settings, colour=self._encoder.colour)
        except MediaError as fault:
            return fault
