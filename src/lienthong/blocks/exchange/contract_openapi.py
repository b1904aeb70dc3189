"""The OpenAPI 3.1 document of what a system of Lienthong offers under contract, for those who call it as plain JSON.

One document for each service code, with a path for each version: the gateway puts the body into the system's signed
frame. Pure; the same contract gives the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from lienthong.blocks.exchange.contract import Action, Service
from lienthong.ground.text import Text

_TEXT: Final = {
    "type": "object",
    "properties": {"vi": {"type": "string"}, "en": {"type": "string"}},
    "required": ["vi", "en"],
}
_PROBLEM: Final = {
    "description": "Từ chối: điều gì, vì sao, làm gì tiếp / Refused: what, why, what to do next",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "what": _TEXT,
                    "why": _TEXT,
                    "next": _TEXT,
                    "field": {"type": ["string", "null"]},
                },
                "required": ["code", "what", "why", "next"],
            }
        }
    },
}
_PURPOSE: Final = {
    "name": "Lienthong-Purpose",
    "in": "header",
    "required": False,
    "description": "Mục đích, khi có thỏa thuận cho nhiều mục đích / The purpose, where agreements name several",
    "schema": {"type": "string"},
}
_REF: Final = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True)
class Described:
    """A service code of a system. endpoints: `POST /v<version>` each."""

    system: str
    code: str
    title: Text
    endpoints: tuple[tuple[str, str], ...]
    document: bytes


@lru_cache(maxsize=4)
def described(services: frozenset[Service]) -> list[Described]:
    """By system and code, in their order."""
    versions: dict[tuple[str, str], list[Service]] = {}
    for service in sorted(services, key=lambda one: (one.system, one.code, one.version)):
        versions.setdefault((service.system, service.code), []).append(service)
    return [
        Described(
            system=system,
            code=code,
            title=found[-1].title,
            endpoints=tuple(("POST", f"/v{service.version}") for service in found),
            document=json.dumps(_document(found), ensure_ascii=False, indent=1).encode(),
        )
        for (system, code), found in versions.items()
    ]


def _document(versions: list[Service]) -> dict[str, Any]:
    newest = versions[-1]
    shapes: list[tuple[Any, JsonSchemaMode]] = []
    for service in versions:
        shapes.append((service.request, "validation"))
        shapes.append((service.answer, "serialization"))
    refs, schemas = models_json_schema(shapes, ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _both(newest.title),
            "version": str(newest.version),
            "description": f"Căn cứ pháp lý / Legal basis: {newest.legal_basis}",
        },
        "paths": {
            f"/v{service.version}": {
                "post": {
                    "operationId": f"{service.code}-v{service.version}",
                    "summary": _both(service.title),
                    "description": _effect(service),
                    "parameters": [_PURPOSE],
                    "requestBody": {"required": True, "content": _json(refs[service.request, "validation"])},
                    "responses": {
                        "200": {
                            "description": "Trả lời / The answer",
                            "content": _json(refs[service.answer, "serialization"]),
                        },
                        "default": _PROBLEM,
                    },
                }
            }
            for service in versions
        },
        "components": {"schemas": schemas.get("$defs", {})},
    }


def _both(text: Text) -> str:
    return text.vi if text.vi == text.en else f"{text.vi} / {text.en}"


def _effect(service: Service) -> str:
    """What a caller must know before: whether it writes, and whether people see that they were looked up."""
    said = [
        "Ghi một lần cho mỗi X-Road-Id / Takes effect once per X-Road-Id"
        if service.action is Action.WRITE
        else "Chỉ đọc / Reads only"
    ]
    if service.personal:
        said.append("Người có dữ liệu thấy lượt xem này / The persons concerned see this reading")
    return ". ".join(said) + "."


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
