"""Write docs/study-toml.md from the protocol's models, so that the two cannot differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from oncohort.protocol import json_schema

OUT = Path(__file__).resolve().parents[1] / "docs" / "study-toml.md"

HEAD = """# study.toml, key by key

A study is a folder with a `study.toml` and its data. `oncohort new DIR` writes one to start from;
the built-in study (`oncohort demo`) has one that is commented line by line. Keys that are not
listed here are errors (a misspelt key would otherwise be ignored without a word).

Keys that you choose yourself (`crp` in `[variables.crp]`, level keys, terms) become part of result
ids: lower-case letters, digits and `_ . + -`.

This page is written from the code by `scripts/write_protocol_docs.py`.
"""

REPEATED = {
    "tables": "tables.NAME",
    "variables": "variables.KEY",
    "endpoints": "endpoints.KEY",
    "exposure": "exposure.DRUG",
    "outcomes": "outcomes.KEY",
    "historical": "historical.KEY",
    "decisions": "[decisions]",
}


def kind(schema: dict[str, Any]) -> str:
    """A schema's type in words."""
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{v}`" for v in schema["enum"])
    if "$ref" in schema:
        return f"a table ({schema['$ref'].rsplit('/', 1)[1]})"
    if "anyOf" in schema:
        kinds = [kind(s) for s in schema["anyOf"] if s.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items', {}))}"
    if schema.get("type") == "object":
        return f"table of {kind(schema.get('additionalProperties', {}))}"
    if schema.get("format") == "date":
        return "date"
    return {
        "string": "text",
        "number": "number",
        "integer": "whole number",
        "boolean": "true/false",
    }.get(schema.get("type", ""), "any")


def default(schema: dict[str, Any]) -> str:
    """The default, as it would be written."""
    if "default" not in schema or schema["default"] in (None, [], {}, ""):
        return ""
    value = schema["default"]
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def section(name: str, schema: dict[str, Any]) -> str:
    """One section as a heading, its purpose and a table of its keys."""
    rows = []
    required = set(schema.get("required", []))
    for key, prop in schema["properties"].items():
        text = prop.get("description", "").replace("\n", " ").replace("|", "\\|")
        must = "required" if key in required else default(prop)
        rows.append(f"| `{key}` | {kind(prop).replace('|', '/')} | {must} | {text} |")
    words = schema.get("description", "").replace("\n", " ")
    table = "\n".join(["| key | kind | default | meaning |", "|---|---|---|---|", *rows])
    return f"\n## `[{name}]`\n\n{words}\n\n{table}\n"


def page() -> str:
    """The whole page."""
    schema = json_schema()
    parts = [HEAD]
    used: set[str] = set()
    for name, prop in schema["properties"].items():
        text = str(prop)
        [ref] = [d for d in schema["$defs"] if f"'#/$defs/{d}'" in text][:1] or [None]
        if ref is None:
            continue
        used.add(ref)
        parts.append(section(REPEATED.get(name, name), schema["$defs"][ref]))
    for name, title in (("Criterion", "[eligibility.criteria]"), ("Reported", "a reported figure")):
        parts.append(
            section(title, schema["$defs"][name]).replace("`[[", "`[[").replace("]]`", "]]`")
        )
    return "".join(parts)


if __name__ == "__main__":
    OUT.write_text(page(), encoding="utf-8")
