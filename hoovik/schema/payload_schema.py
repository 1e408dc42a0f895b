"""JSON Schemas of what crosses the wire, made from the models.

AsyncAPI's schemas are those of draft 7, in which nothing may stand beside a ``$ref``, and a field
without a value is left out on this wire, never null. So each schema is told in full, without both.
"""

from typing import Any, Literal

from hoovik.schema.wire import WireModel

Schema = dict[str, Any]

MEDIA = {"format": "binary"}
"""How a schema says that a string is bytes."""


def payload_schema(model: type[WireModel], mode: Literal["validation", "serialization"]) -> Schema:
    """Schema of a model's wire form.

    Args:
        model: of a message.
        mode: ``validation`` of what clients send, ``serialization`` of what the service sends.
    """
    schema = model.model_json_schema(by_alias=True, mode=mode)
    return _in_full(schema, schema.pop("$defs", {}))


def media_as_text(schema: Any) -> Any:
    """The same schema where bytes have to travel in JSON: as base64 text."""
    if isinstance(schema, list):
        return [media_as_text(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == MEDIA["format"]:
        schema = {name: part for name, part in schema.items() if name not in MEDIA}
        schema["contentEncoding"] = "base64"
    return {name: media_as_text(part) for name, part in schema.items()}


def _in_full(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    schema = dict(schema)
    if "$ref" in schema:
        name = schema.pop("$ref").rpartition("/")[2]
        schema = _in_full(definitions[name], definitions) | schema
    if _may_be_null(schema):
        (value,) = (option for option in schema.pop("anyOf") if option.get("type") != "null")
        schema = _in_full(value, definitions) | schema
    if "default" in schema and schema["default"] in (None, ""):
        # Stands for a value that is left out.
        del schema["default"]
    if "description" in schema:
        schema["description"] = schema["description"].replace("``", "`")
    if "items" in schema:
        schema["items"] = _in_full(schema["items"], definitions)
    if "properties" in schema:
        schema |= _fields(schema, definitions)
    return schema


def _fields(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    properties = schema["properties"]
    required = [
        name for name in schema.pop("required", []) if not _may_be_null(properties.get(name, {}))
    ]
    fields = {}
    for name, field in properties.items():
        # pydantic makes titles of the fields' names.
        untitled = {key: value for key, value in field.items() if key != "title"}
        fields[name] = _in_full(untitled, definitions)
    return {"properties": fields, **({"required": required} if required else {})}


def _may_be_null(schema: Schema) -> bool:
    return {"type": "null"} in schema.get("anyOf", ())
