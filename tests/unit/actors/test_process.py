import subprocess
import sys

USE_WITHOUT_PANDAS = """
import sys
from actors.process import leave_out_pandas
leave_out_pandas()
import ray.serve, xgboost
from hoovik.models.untrained import untrained_ensemble
untrained_ensemble()
sys.exit("pandas" in sys.modules)
"""


def test_serve_and_the_models_do_without_pandas() -> None:
    used = subprocess.run(
        [sys.executable, "-c", USE_WITHOUT_PANDAS], capture_output=True, text=True, check=False
    )
    assert used.returncode == 0, used.stderr


def test_pandas_would_be_imported() -> None:
    code = "import sys, ray.serve; sys.exit('pandas' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


LOADS = """
import sys
from deployments import pools
from hoovik.settings import Settings
assert not {"torch", "cv2", "xgboost"} & set(sys.modules), "to know the pools takes no models"
from actors.feature_engineering import FeatureEngineeringActor
FeatureEngineeringActor(Settings())
assert "torch" not in sys.modules
from actors.ensemble import EnsembleActor
EnsembleActor(Settings())
assert not {"cv2", "xgboost", "sklearn", "scipy"} & set(sys.modules)
"""


def test_a_replica_imports_no_more_than_its_models_need() -> None:
    subprocess.run([sys.executable, "-c", LOADS], check=True)
