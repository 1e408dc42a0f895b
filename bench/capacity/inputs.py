from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from hoovik.errors import ConfigurationError
from hoovik.validation import first_fault

T = TypeVar("T", bound="Input")


class Input(BaseModel):
    """What an operator writes into a file: a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def checked(kind: type[T], values: Any, path: Path) -> T:
    """The values of a file as an input; raises ConfigurationError, which names the file."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {first_fault(error)}") from None
