"""The documents against the code they describe."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import ray.exceptions
import yaml
from pydantic import BaseModel
from ray.serve.schema import ServeDeploySchema

from deployments.ingress.connection import MAX_OUTGOING
from deployments.ingress.decoding import SOUND_FILES
from deployments.ingress.inbox import LIMITS
from deployments.ingress.predict import UPLOADS
from deployments.ingress.socketio_app import MAX_UNSENT
from deployments.options import DEFAULTS, options_for
from hoovik.errors import HoovikError
from hoovik.schema.drop import Drop
from hoovik.schema.framing import pack_audio, pack_frame
from hoovik.schema.inbound import EVENTS, JOIN_EVENTS, Join
from hoovik.schema.outbound import Basis, Emotion, OutboundEvent
from hoovik.schema.page import PageConfig
from hoovik.schema.wire import WireModel
from hoovik.session.participant import MOST_UNDER_WAY
from hoovik.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
]
DESCRIBING = [
    "README.md",
    "docs/protocol.md",
    "docs/architecture.md",
    "docs/operating.md",
    "docs/ray.md",
    "docs/replay.md",
]
CODE = [
    "hoovik",
    "actors",
    "deployments",
    "commands",
    "bench",
    "hoovik_client",
    "training",
    "replay",
]

CLASS = re.compile(r"(?:[A-Z][a-z0-9]+)+")
CAMEL = re.compile(r"(?:[A-Z][a-z0-9]+){2,}")
CONSTANT = re.compile(r"[A-Z]+(?:_[A-Z]+)+")
PATH = re.compile(r"[\w.-][\w./-]*/[\w./-]*|[\w-]+\.(?:py|yaml|toml|md)")


def text_of(document: str) -> str:
    return (ROOT / document).read_text()


def without_code_blocks(text: str) -> str:
    return re.sub(r"(?ms)^```.*?^```", "", text)


def code_blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", text)


def code_spans(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", without_code_blocks(text))


def subclasses(base: type) -> Iterator[type]:
    for child in base.__subclasses__():
        yield child
        yield from subclasses(child)


@cache
def trees() -> tuple[ast.Module, ...]:
    files = [
        ROOT / "serve_app.py",
        *(file for name in CODE for file in (ROOT / name).rglob("*.py")),
    ]
    return tuple(ast.parse(file.read_text()) for file in files)


@cache
def defined_names() -> frozenset[str]:
    """Classes, functions and module constants of the code."""
    names = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Assign):
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names.add(node.target.id)
    return frozenset(names)


def error_codes() -> set[str]:
    """Codes of the error tree, and those that the code sends without raising."""
    codes = {
        error.code
        for error in [HoovikError, *subclasses(HoovikError)]
        if error.__module__ == "hoovik.errors"
    }
    for tree in trees():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = getattr(call.func, "id", "")
            given = call.args[:1] if name == "Lost" else []
            if name == "EmotionError":
                given = [word.value for word in call.keywords if word.arg == "code"]
            codes |= {value.value for value in given if isinstance(value, ast.Constant)}
    return codes


def outbound_events() -> list[type[OutboundEvent]]:
    return list(subclasses(OutboundEvent))


def wire_fields(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def test_every_error_code_is_described() -> None:
    described = re.findall(r"(?m)^\| `([A-Z_]+)` \|", text_of("docs/protocol.md"))
    assert {"INTERNAL", "BAD_AUDIO", "RESULT_LOST", "ROOM_RESTARTED"} <= error_codes()
    assert len(described) == len(set(described))
    # The service does not start with these two; the page says so in a sentence.
    at_start = {"BAD_CONFIGURATION", "BAD_BUNDLE"}
    assert set(described) == error_codes() - at_start
    assert at_start <= set(code_spans(text_of("docs/protocol.md")))


def test_every_event_is_described() -> None:
    spans = set(code_spans(text_of("docs/protocol.md")))
    names = [*EVENTS, *JOIN_EVENTS, *(model.event for model in outbound_events())]
    assert "emotion.result" in names
    assert [name for name in names if name not in spans] == []


@pytest.mark.parametrize(
    "model",
    [Join, Emotion, Basis, PageConfig, *EVENTS.values(), *outbound_events()],
    ids=lambda model: model.__name__,
)
def test_every_field_is_described(model: type[WireModel]) -> None:
    words = set(re.findall(r"\w+", " ".join(code_spans(text_of("docs/protocol.md")))))
    assert [field for field in wire_fields(model) if field not in words] == []


def test_every_reason_of_a_drop_is_described() -> None:
    spans = set(code_spans(text_of("docs/protocol.md")))
    assert [str(drop) for drop in Drop if str(drop) not in spans] == []


def test_the_binary_header_is_as_described() -> None:
    assert pack_frame(b"x") == bytes([0x48, 0x56, 1, 0, 0, 0, 0, 0]) + b"x"
    kinds = {
        encoding: pack_audio(b"", encoding=encoding)[2] for encoding in ("f32le", "s16le", "auto")
    }
    assert kinds == {"f32le": 2, "s16le": 3, "auto": 4}
    assert pack_audio(b"", sample_rate=48_000)[4:8] == (48_000).to_bytes(4, "little")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_relative_links_lead_somewhere(document: str) -> None:
    text = text_of(document)
    targets = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", without_code_blocks(text))
    headings = {_anchor(line) for line in re.findall(r"(?m)^#+ (.+)$", text)}
    missing = []
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        exists = (ROOT / document).parent.joinpath(path).exists() if path else anchor in headings
        if not exists:
            missing.append(target)
    assert missing == []


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", DESCRIBING)
def test_environment_variables_are_settings(document: str) -> None:
    named = set(re.findall(r"\bHOOVIK_[A-Z][A-Z0-9_]*", text_of(document)))
    assert named
    assert sorted(name for name in named if not _is_setting(name)) == []


def _is_setting(variable: str) -> bool:
    model: Any = Settings
    for part in variable.removeprefix("HOOVIK_").lower().split("__"):
        fields = model.model_fields if isinstance(model, type) else {}
        if part not in fields:
            return False
        model = fields[part].annotation
    return True


@pytest.mark.parametrize("document", ["docs/architecture.md", "docs/ray.md"])
def test_classes_constants_and_files_exist(document: str) -> None:
    text = text_of(document)
    unknown = {span for span in code_spans(text) if not _is_known(span)}
    for diagram in code_blocks(text, "mermaid"):
        unknown |= set(CAMEL.findall(diagram)) - defined_names()
    assert sorted(unknown) == []


def _is_known(span: str) -> bool:
    if CLASS.fullmatch(span):
        return span in defined_names() or hasattr(ray.exceptions, span)
    if CONSTANT.fullmatch(span) and not span.startswith(("HOOVIK_", "MALLOC_", "RAY_")):
        return span in defined_names() or span in error_codes()
    return (ROOT / span).exists() if PATH.fullmatch(span) else True


def test_the_architecture_has_one_diagram() -> None:
    text = text_of("docs/architecture.md")
    assert len(code_blocks(text, "mermaid")) == 1
    assert text.count("```") == 2


def test_the_bounds_of_the_architecture_are_those_of_the_code() -> None:
    text = " ".join(text_of("docs/architecture.md").split())
    pictures, sounds, files, states = LIMITS.values()
    bounds = {
        "FAIR": ("actors/room_host.py", ""),
        "LINK_TIMEOUT_S": ("actors/room_host.py", " s"),
        "RETURN_S": ("actors/hosted_room.py", " s"),
        "MAX_CALL": ("actors/calls.py", ""),
        "MAX_FRAMES": ("hoovik/session/sight.py", ""),
        "MAX_WAITING": ("deployments/batching.py", ""),
        "BACKLOG": ("deployments/ingress/port.py", ""),
        "SILENT_S": ("hoovik/telemetry/cluster.py", " s"),
    }
    for name, (path, unit) in bounds.items():
        assert f"`{name}` ({constant(path, name):g}{unit})" in text
    unread = constant("deployments/ingress/link.py", "MAX_UNREAD")
    patience_s = constant("actors/directory.py", "ANSWER_S")
    for words in (
        f"Inbox ({pictures} images, {sounds} sounds, {states} states; "
        f"{Settings().audio.max_buffer_s:g} s)",
        f"`LIMITS[SoundFile]` ({files}); `Threads` of all sockets {SOUND_FILES.most}",
        f"`Threads` ({UPLOADS.most})",
        f"outbox ({MAX_OUTGOING})",
        f"`MAX_OUTGOING` ({MAX_OUTGOING})",
        f"`MAX_UNSENT` ({MAX_UNSENT})",
        f"Mailbox ({Settings().room.max_events})",
        f"`Mailbox` of `HOOVIK_ROOM__MAX_EVENTS` ({Settings().room.max_events})",
        f"{unread} lots (`MAX_UNREAD` in `deployments/ingress/link.py`)",
        f"kills one that does not answer within {patience_s:g} s",
        f"{Settings().session.answer_s:g} s (`HOOVIK_SESSION__ANSWER_S`) counts as lost",
        f"`MOST_UNDER_WAY` ({MOST_UNDER_WAY})",
        f"AudioFeatures pool: Batcher ({constant('hoovik/audio/batch.py', 'CPU_WINDOWS')})",
        f"FaceFeatures pool: Batcher ({constant('deployments/pools.py', 'FACE_BATCH')})",
        f"FeatureEngineering pool: Batcher ({constant('deployments/pools.py', 'SEQUENCE_BATCH')})",
        f"Ensemble pool: Batcher ({constant('deployments/pools.py', 'SEQUENCE_BATCH')})",
    ):
        assert words in text


def constant(path: str, name: str) -> float:
    """A module's number, without importing the module and its models."""
    (value,) = [
        node.value
        for node in ast.parse(text_of(path)).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name
    ]
    return ast.literal_eval(value)


def test_the_serve_config_is_one() -> None:
    (block,) = code_blocks(text_of("docs/ray.md"), "yaml")
    config = ServeDeploySchema.model_validate(yaml.safe_load(block))
    (application,) = config.applications
    assert application.import_path == "serve_app:build"
    settings = Settings(**application.args["settings"])
    assert set(settings.serve.deployments) <= set(DEFAULTS)
    for name in DEFAULTS:
        options_for(name, settings)
