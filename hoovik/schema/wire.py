from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel


class WireModel(BaseModel):
    """Base of the wire messages: camelCase outside, snake_case inside, unknown fields ignored.

    What comes in is read by either name; where both are given, the wire's counts.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        json_schema_serialization_defaults_required=True,
    )

    @classmethod
    def by_wire_names(cls, data: dict[str, Any]) -> dict[str, Any]:
        """The same fields under the wire's names."""
        fields = cls.model_fields.items()
        inside = {str(field.alias): data[name] for name, field in fields if name in data}
        return {**inside, **data}

    def to_wire(self) -> dict[str, object]:
        """JSON-ready dict with the wire's names; fields that are None are left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def _identifier(max_length: int) -> StringConstraints:
    return StringConstraints(
        strip_whitespace=True, min_length=1, max_length=max_length, pattern=r"^[^\x00-\x1f]+$"
    )


ParticipantId = Annotated[str, _identifier(128)]
"""1 to 128 printable characters."""

RoomId = Annotated[str, _identifier(160)]
"""1 to 160 printable characters, so that every participant can have a room of that name."""
