from actors.models import load_transform
from actors.process import limit_threads
from hoovik.features.batch import FeatureBatch
from hoovik.features.sequence import Sequence, SequenceBatch
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
