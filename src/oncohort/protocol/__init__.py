"""The protocol: `study.toml` as frozen data. Every step reads it, none writes it."""

from oncohort.protocol.model import Protocol
from oncohort.protocol.reading import json_schema, parse_protocol, read_protocol

__all__ = ["Protocol", "json_schema", "parse_protocol", "read_protocol"]
