"""The JSON Schema of checks.yaml and of the files it includes, for the editors people write them in."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from checks.model import CheckDefaults, ConfigFile
from checks.text import DURATION_PATTERN, SIZE_PATTERN, spoken, spoken_size


class _AsWritten(GenerateJsonSchema):
    """Spells defaults as people write them: an editor may put them into their file."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        default = made.get("default")
        if isinstance(default, float) and made.get("pattern") == DURATION_PATTERN:
            made["default"] = spoken(default)
        elif isinstance(default, int) and made.get("pattern") == SIZE_PATTERN:
            made["default"] = spoken_size(default)
        elif isinstance(default, dict):
            del made["default"]  # each of its keys says its own
        return made


def schema() -> dict[str, Any]:
    """Return the JSON Schema.

    It demands less than loading does: what `settings.defaults` or another file may say is not required here.
    """
    document = ConfigFile.model_json_schema(by_alias=True, schema_generator=_AsWritten)
    for part in document["$defs"].values():
        if "every" in part.get("required", ()):
            part["required"] = [key for key in part["required"] if key not in CheckDefaults.model_fields]
    del document["required"]
    # An included file has lists only; a first file has both of these.
    document["dependentRequired"] = {"version": ["settings"], "settings": ["version"]}
    return document
