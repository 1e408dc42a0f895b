from actors.process import limit_threads
from actors.workers import FaceAnswer, FaceRequest
from hoovik.errors import MediaError
from hoovik.face.image import decode_image
from hoovik.face.loading import load_face_encoder
from hoovik.settings import Settings


class FaceFeatureActor:
    """Owns the face encoder; decoded images live and die here."""

    def __init__(self, settings: Settings) -> None:
        limit_threads(settings.serve.threads)
        self._settings = settings.face
        self._encoder = load_face_encoder(
            settings.face, settings.bundle, untrained=settings.untrained
        )

    def encode(self, requests: list[FaceRequest]) -> list[FaceAnswer]:
        """Faces of images; one bad image spoils no other's answer."""
        return [self._encode(request) for request in requests]

    def _encode(self, request: FaceRequest) -> FaceAnswer:
        try:
            image = decode_image(request.image, self._settings)
        except MediaError as fault:
            return FaceAnswer(fault=fault)
        return FaceAnswer(reading=self._encoder.encode(image, request.track))
