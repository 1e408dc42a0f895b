"""What pyproject.toml asks for, and an interpreter that has that and nothing else."""

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


def declared(extras: Iterable[str] = ()) -> set[str]:
    """Distributions that the project itself names for these extras."""
    asked = _asked(extras)
    return {canonicalize_name(one.name) for one in asked} - {OWN}


def _asked(extras: Iterable[str]) -> list[Requirement]:
    extra_lists = PROJECT["optional-dependencies"]
    lists = [PROJECT["dependencies"], *(extra_lists[extra] for extra in extras)]
    found = []
    for one in (Requirement(text) for texts in lists for text in texts):
        found += _asked(one.extras)[len(PROJECT["dependencies"]) :] if one.name == OWN else [one]
    return found


def installed(extras: Iterable[str] = ()) -> dict[str, Distribution]:
    """Everything that installing the project with these extras brings, by name."""
    found: dict[str, Distribution] = {}
    seen = set()
    waiting = _asked(extras)
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if (name, *sorted(wanted.extras)) in seen:
            continue
        seen.add((name, *sorted(wanted.extras)))
        found[name] = distribution(name)
        for one in map(Requirement, requires(name) or ()):
            marker = one.marker
            if marker is None or any(
                marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras)
            ):
                waiting.append(one)
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
