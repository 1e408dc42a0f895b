"""Models of the bundle that the settings name, or random ones.

Random ones are grown by XGBoost and scikit-learn, which are imported where they are wanted: that takes
a second, and a replica that takes the place of another should be there soon.
"""

from hoovik.features.transform import FeatureTransform
from hoovik.models.bundle import Bundle
from hoovik.models.ensemble import Ensemble
from hoovik.settings import Settings


def load_transform(settings: Settings) -> FeatureTransform:
    """Feature transform of the bundle that the settings name; raises BundleError."""
    if settings.untrained:
        from hoovik.models.untrained import untrained_transform

        return untrained_transform()
    return open_bundle(settings).load_transform()


def load_ensemble(settings: Settings) -> Ensemble:
    """Ensemble of the bundle that the settings name; raises BundleError."""
    if settings.untrained:
        from hoovik.models.untrained import untrained_ensemble

        return untrained_ensemble()
    return open_bundle(settings).load_ensemble()


def open_bundle(settings: Settings) -> Bundle:
    """The bundle that the settings name, verified and made for their encoders; raises BundleError."""
    bundle = Bundle.open(settings.bundle)
    bundle.require_encoders(audio=settings.audio.encoder, face=settings.face.encoder)
    return bundle
