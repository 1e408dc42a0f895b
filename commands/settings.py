import json
from collections.abc import Iterator
from typing import Any

import typer
from pydantic import BaseModel, SecretStr

from hoovik.settings import MODEL_ARTIFACTS, PREFIX, Settings

HEADER = """\
# Configuration

Printed by `hoovik settings`; a test keeps it so. Settings come from the environment; lists and
tables are JSON. `serve run serve_app:build` takes the same as arguments (`profile`, `bundle`,
`untrained`, and `settings` as a table of sections in a Serve config file).

`profile=embedded`, `profile=whisper` and `profile=reference` choose both encoders and the bundle
trained on them.
"""


def settings() -> None:
    """Print every setting with its default and its meaning, as Markdown."""
    typer.echo(document(), nl=False)


def document() -> str:
    """docs/configuration.md."""
    blocks = [HEADER]
    plain = {
        name: field
        for name, field in Settings.model_fields.items()
        if not isinstance(field.default, BaseModel)
    }
    blocks.append(_table("General", PREFIX, plain))
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, BaseModel):
            section = type(field.default)
            heading = f"{name}: {(section.__doc__ or '').strip().rstrip('.')}"
            blocks.append(_table(heading, f"{PREFIX}{name.upper()}__", section.model_fields))
    return "\n".join(blocks)


def _table(heading: str, prefix: str, fields: dict[str, Any]) -> str:
    return "\n".join([f"## {heading}", "", *_rows(prefix, fields), ""])


def _rows(prefix: str, fields: dict[str, Any]) -> Iterator[str]:
    yield "| variable | default | meaning |"
    yield "|---|---|---|"
    for name, field in fields.items():
        default = _shown(field.get_default(call_default_factory=True))
        yield f"| `{prefix}{name.upper()}` | `{default}` | {field.description} |"


def _shown(value: Any) -> str:
    if value is None or isinstance(value, SecretStr):
        return "none"
    if value == MODEL_ARTIFACTS / "embedded":
        return "model_artifacts/embedded"
    return value if isinstance(value, str) else json.dumps(value)
