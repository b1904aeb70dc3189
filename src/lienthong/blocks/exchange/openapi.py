"""What an OpenAPI document, 3.0 or 3.1, JSON or YAML, says of an agency's service. Pure, as `descriptions` is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn, cast
from urllib.parse import unquote, urlsplit, urlunsplit

import yaml

from lienthong.blocks.exchange.descriptions import (
    METHODS,
    NO_PATH,
    PATH_MAX,
    TITLE_MAX,
    address_path,
    is_json,
    refuse,
    size_check,
    wrong,
)
from lienthong.ground.text import Text

DEPTH_MAX: Final = 100
NODES_MAX: Final = 500_000
ENDPOINTS_MAX: Final = 2_000

_VERSION: Final = re.compile(r"3\.[01](\.\d+)?")
_PARAMETERS: Final = re.compile(r"(?:\{[^/{}]*\})+")
_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Endpoints = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OpenApi:
    """path: of the first server; endpoints: method and path glob; content: the document as it is handed out."""

    title: str
    path: str
    endpoints: Endpoints
    content: bytes


def openapi_read(content: bytes) -> OpenApi:
    """What the document offers. Invalid with the place of the first mistake."""
    size_check(content)
    tree = _tree(content)
    _version_check(tree)
    info = _mapping(tree.get("info"), "info")
    title = info.get("title")
    if not isinstance(title, str | int | float) or not str(title).strip():
        wrong("info.title", Text("thiếu tên của dịch vụ", "the title is missing"))
    path = _base_path(tree)
    endpoints = tuple(_endpoints(tree))
    if not endpoints:
        wrong("paths", Text("không có phương thức nào", "it has no operation"))
    hidden = _addresses_hide(tree)
    return OpenApi(
        title=str(title).strip()[:TITLE_MAX],
        path=path,
        endpoints=endpoints,
        content=_written(tree, as_json=is_json(content)) if hidden else content,
    )


def _tree(content: bytes) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong(f"byte {error.start}", Text("không phải UTF-8", "it is not UTF-8"))
    try:
        tree = _json(text) if is_json(content) else _yaml(text)
    except RecursionError:
        _too_deep()
    if not isinstance(tree, dict):
        wrong("1:1", Text("không phải một đối tượng OpenAPI", "it is no OpenAPI object"))
    return cast("dict[str, Any]", tree)


def _json(text: str) -> object:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            _twice(twice, "JSON")
        return made

    try:
        tree = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        wrong(f"{error.lineno}:{error.colno}", Text("không phải JSON", f"it is no JSON ({error.msg})"))
    except ValueError:
        wrong("JSON", Text("một số quá dài", "a number is too long"))
    _depth_check(tree)
    return tree


def _depth_check(tree: object) -> None:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > DEPTH_MAX + 1:
            _too_deep()
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                inner += cast("dict[str, object]", one).values()
            elif isinstance(one, list):
                inner += cast("list[object]", one)
        level = inner


def _yaml(text: str) -> object:
    try:
        _events_check(text)
        loader = _LOADER(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _nodes_check(node)
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{mark.line + 1}:{mark.column + 1}" if mark else "YAML"
        wrong(where, Text("không phải YAML", f"it is no YAML ({error.problem})"))
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        wrong("YAML", Text("không phải YAML", f"it is no YAML ({str(error)[:80]})"))


def _events_check(text: str) -> None:
    """Depth and number, before anything is built: libyaml's builder descends by recursion, and would fall."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX or number > NODES_MAX:
            _too_deep()


def _nodes_check(root: yaml.Node) -> None:
    """No names given twice, and no merges; each node once, however many aliases lead to it."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            names: set[str] = set()
            for name, value in node.value:
                _name_check(name, names)
                waiting.append(value)


def _name_check(name: yaml.Node, names: set[str]) -> None:
    where = f"{name.start_mark.line + 1}:{name.start_mark.column + 1}"
    if not isinstance(name, yaml.ScalarNode):
        wrong(where, Text("tên trường phải là chữ", "a name must be text"))
    if name.tag == "tag:yaml.org,2002:merge":
        wrong(where, Text("không nhận phép gộp «<<» của YAML", "YAML's merge «<<» is not taken; use $ref"))
    if name.value in names:
        _twice(name.value, where)
    names.add(name.value)


def _twice(name: str, where: str) -> NoReturn:
    wrong(where, Text(f"«{name[:80]}» có hai lần", f"«{name[:80]}» stands there twice"))


def _too_deep() -> NoReturn:
    refuse(
        Text("Mô tả dịch vụ quá phức tạp.", "The description is too intricate."),
        Text(
            f"Tệp lồng quá {DEPTH_MAX} tầng hoặc có quá {NODES_MAX} phần tử.",
            f"It nests more than {DEPTH_MAX} levels or has more than {NODES_MAX} parts.",
        ),
        Text("Hãy chia thành nhiều mô tả.", "Describe the services in several files."),
    )


def _version_check(tree: dict[str, Any]) -> None:
    if "openapi" not in tree:
        old = Text("đây là Swagger 2.0", "this is Swagger 2.0")
        none = Text("thiếu trường openapi", "the field openapi is missing")
        wrong("openapi", old if "swagger" in tree else none)
    version = str(tree["openapi"])
    if not _VERSION.fullmatch(version):
        shown = version[:20]
        wrong(
            "openapi",
            Text(f"phiên bản «{shown}»; cần 3.0 hoặc 3.1", f"version «{shown}»; 3.0 or 3.1 is needed"),
        )


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        wrong(where, Text("thiếu hoặc không phải một đối tượng", "it is missing or no object"))
    return cast("dict[str, Any]", value)


def _base_path(tree: dict[str, Any]) -> str:
    """Of the first server; variables by their default."""
    servers = tree.get("servers") or []
    if not isinstance(servers, list):
        wrong("servers", Text("không phải một danh sách", "it is no list"))
    if not servers:
        return ""
    server = _mapping(cast("list[object]", servers)[0], "servers[0]")
    address, variables = server.get("url"), server.get("variables") or {}
    if not isinstance(address, str):
        wrong("servers[0].url", Text("thiếu địa chỉ", "the address is missing"))

    def default(found: re.Match[str]) -> str:
        where = f"servers[0].variables.{found[1][:80]}"
        declared = _mapping(_mapping(variables, "servers[0].variables").get(found[1]), where)
        if "default" not in declared:
            wrong(where, Text("thiếu giá trị mặc định", "the default is missing"))
        return str(declared["default"])

    return address_path(_VARIABLE.sub(default, address), "servers[0].url")


def _endpoints(tree: dict[str, Any]) -> Iterator[tuple[str, str]]:
    seen: dict[tuple[str, str], str] = {}
    for name, given in _mapping(tree.get("paths"), "paths").items():
        path = str(name)
        if path.startswith("x-"):
            continue
        where = f"paths.{path[:80]}"
        item = _mapping(given, where)
        if "$ref" in item:
            item = _followed(tree, item["$ref"], where)
        pattern = _pattern(path, where)
        for method in METHODS:
            if method.lower() not in item:
                continue
            _mapping(item[method.lower()], f"{where}.{method.lower()}")
            if (method, pattern) in seen:
                other = seen[method, pattern][:80]
                wrong(where, Text(f"trùng với {other}", f"it is the same as {other}"))
            seen[method, pattern] = path
            if len(seen) > ENDPOINTS_MAX:
                many = ENDPOINTS_MAX
                wrong("paths", Text(f"có quá {many} phương thức", f"there are more than {many} operations"))
            yield method, pattern


def _pattern(path: str, where: str) -> str:
    """`/persons/{id}` as the glob `/persons/*`; neighbouring parameters are one star, never `**`."""
    if not path.startswith("/") or NO_PATH.search(path) or "?" in path or "#" in path:
        wrong(where, Text("đường dẫn phải bắt đầu bằng /", "a path begins with / and has no space, ? or #"))
    literals = [unquote(part) for part in _PARAMETERS.split(path)]
    if any("{" in part or "}" in part for part in literals):
        wrong(where, Text("ngoặc nhọn không cân", "its braces do not match"))
    pattern = "*".join(part.replace("\\", "\\\\").replace("*", "\\*") for part in literals)
    if len(pattern) > PATH_MAX:
        wrong(where, Text(f"dài quá {PATH_MAX} ký tự", f"it is longer than {PATH_MAX} signs"))
    return pattern


def _followed(tree: dict[str, Any], reference: object, where: str) -> dict[str, Any]:
    """A path item that stands elsewhere in the same file."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        wrong(where, Text("$ref trỏ ra ngoài tệp", "its $ref leads out of the file"))
    found: Any = tree
    for part in reference[2:].split("/"):
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        found = _mapping(found, reference[:80]).get(name)
    return _mapping(found, reference[:80])


def _addresses_hide(tree: dict[str, Any]) -> bool:
    """Cut every server's address to its path, as X-Road does: agencies' hosts are nobody's business.

    True where one was cut. An address with variables stays, as in X-Road.
    """
    paths = cast("dict[str, Any]", tree["paths"])
    items = [item for item in paths.values() if isinstance(item, dict)]
    operations = [
        item[method.lower()]
        for item in cast("list[dict[str, Any]]", items)
        for method in METHODS
        if isinstance(item.get(method.lower()), dict)
    ]
    hidden = False
    for holder in (tree, *items, *operations):
        servers = holder.get("servers")
        for server in servers if isinstance(servers, list) else []:
            hidden |= isinstance(server, dict) and _address_hide(cast("dict[str, Any]", server))
    return hidden


def _address_hide(server: dict[str, Any]) -> bool:
    address = server.get("url")
    if not isinstance(address, str) or _VARIABLE.search(address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        wrong("servers", Text(f"địa chỉ «{address[:80]}» không đúng", f"«{address[:80]}» is no address"))
    if not parts.scheme and not parts.netloc:
        return False
    server["url"] = urlunsplit(("", "", parts.path or "/", "", ""))
    return True


def _written(tree: dict[str, Any], *, as_json: bool) -> bytes:
    if as_json:
        return json.dumps(tree, ensure_ascii=False, indent=1).encode()
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode()
