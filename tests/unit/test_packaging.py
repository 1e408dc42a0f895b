"""What is installed with which extra, and what a wheel holds."""

import ast
import subprocess
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.utils import canonicalize_name

from hoovik.models.bundle import Bundle
from hoovik.settings import MODEL_ARTIFACTS
from tests.conftest import REPOSITORY
from tests.installed import OWN, build_wheel, declared, environment

USES = {
    "hoovik_client": (),
    "hoovik/schema": (),
    "hoovik/media": (),
    "hoovik": ("serve", "reference"),
    "actors": ("serve",),
    "deployments": ("serve",),
    "serve_app.py": ("serve",),
    "replay": ("replay",),
    "training": ("train",),
    "bench": ("bench",),
    "samples": ("dev",),
}
"""The extras that a part of the project may import."""

SERVICE = """
import pkgutil, sys
import commands.service, serve_app, actors, deployments
for package in (actors, deployments):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        __import__(module.name)
assert not {"pandas", "mediapipe", "transformers"} & sys.modules.keys()
"""

CLIENT = f"""
import hoovik_client
assert hoovik_client.read_recording({str(REPOSITORY / "samples/meeting/mira.mp4")!r}).frames
"""

COMMAND = "import sys; from commands.main import main; sys.argv[0] = 'hoovik'; main()"


def run(python: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-c", code, *arguments],
        env={"PYTHONPATH": str(REPOSITORY), "RAY_AUTH_MODE": "disabled"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the dependencies of no extra."""
    return environment(tmp_path_factory.mktemp("bare"))


@pytest.mark.parametrize("part", USES)
def test_what_a_part_imports_is_declared_for_it(part: str) -> None:
    path = REPOSITORY / part
    files = [path] if path.is_file() else list(path.rglob("*.py"))
    imported = {name for file in files for name in imports(ast.parse(file.read_text()))}
    assert imported
    owners = packages_distributions()
    allowed = declared(USES[part]) | {OWN}
    assert {
        name
        for name in imported & owners.keys()
        if not allowed & {canonicalize_name(owner) for owner in owners[name]}
    } == set()


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        yield from (name.partition(".")[0] for name in names)


def test_the_client_needs_no_extra(bare: Path) -> None:
    answer = run(bare, CLIENT)
    assert answer.returncode == 0, answer.stderr
    assert not {"ray", "torch", "mediapipe", "fastapi"} & declared()


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (("serve",), "serve"),
        (("bundle", "show"), "serve"),
        (("replay", "a.mp4", "--out", "b"), "replay"),
        (("train", "--config", "a.yaml", "--out", "b"), "train"),
        (("bench", "live", "--participants", "3"), "bench"),
    ],
)
def test_a_command_without_its_extra_says_so(
    bare: Path, command: tuple[str, ...], extra: str
) -> None:
    answer = run(bare, COMMAND, *command)
    assert answer.returncode == 1
    (sentence,) = answer.stderr.splitlines()
    assert f'hoovik {command[0]} needs `pip install "hoovik[{extra}]"`' in sentence


def test_help_and_settings_need_no_extra(bare: Path) -> None:
    assert "train" in run(bare, COMMAND, "--help").stdout
    assert run(bare, COMMAND, "settings").stdout == (
        (REPOSITORY / "docs" / "configuration.md").read_text()
    )


def test_the_service_needs_its_extra_alone(tmp_path: Path) -> None:
    answer = run(environment(tmp_path, ["serve"]), SERVICE)
    assert answer.returncode == 0, answer.stderr


def test_a_wheel_brings_models_pages_and_the_sample_meeting(tmp_path: Path) -> None:
    with ZipFile(build_wheel(tmp_path)) as wheel:
        files = set(wheel.namelist())
    expected = {
        f"model_artifacts/{profile}/{name}"
        for profile in ("embedded", "whisper")
        for name in ("manifest.json", *Bundle.open(MODEL_ARTIFACTS / profile).manifest.files)
    }
    for pattern in ("samples/meeting/*.*", "web/**/*.*", "hoovik/**/*.py", "serve_app.py"):
        expected |= {str(path.relative_to(REPOSITORY)) for path in REPOSITORY.glob(pattern)}
    assert {name for name in expected - files if "__pycache__" not in name} == set()
    assert {name for name in files if name.startswith(("tests/", "samples/make", "docs/"))} == set()
