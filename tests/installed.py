"""What pyproject.toml asks for, and an interpreter that has that and nothing else."""

import os
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
OWN = canonicalize_name(PROJECT["name"])


def required(extras: Iterable[str] = ()) -> list[Requirement]:
    """What the project itself names for these extras, and for those that they bring."""
    found = [Requirement(text) for text in PROJECT["dependencies"]]
    waiting = list(extras)
    while waiting:
        named = [Requirement(text) for text in PROJECT["optional-dependencies"][waiting.pop()]]
        waiting += [extra for one in named if one.name == OWN for extra in one.extras]
        found += [one for one in named if one.name != OWN]
    return found


def declared(extras: Iterable[str] = ()) -> set[str]:
    """The names of `required`."""
    return {canonicalize_name(one.name) for one in required(extras)}


def installed(extras: Iterable[str] = ()) -> dict[str, Distribution]:
    """Everything that installing the project with these extras brings, by name."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, ...]] = set()
    waiting = required(extras)
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        key = (name, *sorted(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        found[name] = distribution(name)
        waiting += [
            one
            for one in map(Requirement, requires(name) or ())
            if one.marker is None
            or any(one.marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras))
        ]
    return found


def environment(folder: Path, extras: Iterable[str] = ()) -> Path:
    """Make a virtual environment of the project's dependencies; returns its Python.

    It borrows the files of the environment that the tests run in, and lacks the project itself.
    Folders that several distributions share (``google``, ``opentelemetry``) come whole.
    """
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for one in installed(extras).values():
        names = {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}
        for name in names:
            place = packages / name
            if not place.exists():
                place.symlink_to(Path(str(one.locate_file(name))))
    return folder / "bin" / "python"


def build_wheel(folder: Path) -> Path:
    """Build the project's wheel without a network, and without traces in the repository."""
    places = folder / "build.cfg"
    places.write_text(f"[build]\nbuild_base={folder}/build\n[egg_info]\negg_base={folder}\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "--wheel-dir", folder, REPOSITORY],
        env={**os.environ, "DIST_EXTRA_CONFIG": str(places)},
        check=True,
        timeout=120,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    return wheel
