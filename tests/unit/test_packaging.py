"""What is installed with which extra, and what a wheel holds."""

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.conftest import REPOSITORY
from tests.installed import declared

SERVICE = "commands.serve, commands.service, serve_app"
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
    "tests": ("dev",),
    "samples": ("dev",),
}
"""Extras that each part of the project may import."""


def run(python: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-c", code, *arguments],
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("part", USES)
def test_what_a_part_imports_is_declared_for_it(part: str) -> None:
    path = REPOSITORY / part
    imported = {
        name.partition(".")[0]
        for file in ([path] if path.is_file() else path.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        for name in _names(node)
    }
    distributions = packages_distributions()
    allowed = declared(USES[part])
    undeclared = {
        name
        for name in imported - set(sys.stdlib_module_names)
        if name in distributions
        and not allowed & set(map(canonicalize_name, distributions[name])) - {"hoovik"}
    }
    assert undeclared == set()


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
