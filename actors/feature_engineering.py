from actors.process import limit_threads
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import Sequence, SequenceBatch
from hoovik.features.transform import FeatureTransform
from hoovik.models.bundle import open_bundle
from hoovik.settings import Settings


class FeatureEngineeringActor:
    """Owns the feature transform of a bundle."""

    def __init__(self, settings: Settings) -> None:
        limit_threads(settings.serve.threads)
        self._transform = load_transform(settings)

    def engineer(self, sequences: list[Sequence]) -> list[FeatureBatch]:
        """Engineered and reduced columns of each sequence, a batch of one for each."""
        batch = self._transform.apply(SequenceBatch.stack(sequences))
        return [batch[row : row + 1] for row in range(len(batch))]


def load_transform(settings: Settings) -> FeatureTransform:
    """The transform of the bundle that the settings name, or a random one; raises BundleError."""
    if settings.untrained:
        from hoovik.models.untrained import untrained_transform

        return untrained_transform()
    return open_bundle(settings).load_transform()
