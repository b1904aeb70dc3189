"""What descriptions of services have in common: OpenAPI files (`openapi`) and WSDL files (`wsdl`), as uploaded.

Pure. Nothing outside a file is fetched, no entity or merge is expanded, and a file has limits of size, depth and
number, for it is a stranger's. Every mistake is told with its place and what would mend it.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn
from urllib.parse import urlsplit

from lienthong.blocks.exchange.globs import ANY
from lienthong.blocks.exchange.wire import RESERVED_CODES
from lienthong.ground.errors import Invalid
from lienthong.ground.text import Text

SIZE_MAX: Final = 4 * 1024 * 1024
PATH_MAX: Final = 200
CODE_MAX: Final = 120
TITLE_MAX: Final = 200

METHODS: Final = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
_CODE: Final = re.compile(r"[A-Za-z0-9'()+,\-.=?_]+")
NO_PATH: Final = re.compile(r"[\x00-\x20\x7f]")
"""Signs that no path holds."""


def is_xml(content: bytes) -> bool:
    """A WSDL rather than an OpenAPI."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def is_json(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def size_check(content: bytes) -> None:
    """Invalid where the file is empty or too large."""
    if not content.strip():
        refuse(
            Text("Tệp mô tả trống.", "The description is empty."),
            Text("Tệp không có nội dung.", "The file holds nothing."),
            Text("Hãy chọn tệp OpenAPI hoặc WSDL.", "Choose an OpenAPI or WSDL file."),
        )
    if len(content) > SIZE_MAX:
        mib = SIZE_MAX >> 20
        refuse(
            Text(f"Tệp mô tả lớn hơn {mib} MiB.", f"The description is larger than {mib} MiB."),
            Text(f"Tệp có {len(content)} byte.", f"The file has {len(content)} bytes."),
            Text("Hãy chia dịch vụ thành nhiều mô tả.", "Describe the services in several files."),
        )


def code_check(code: str) -> str:
    """A service code that X-Road can carry, or Invalid."""
    if code in RESERVED_CODES:
        refuse(
            Text(f"Không dùng được mã dịch vụ «{code}».", f"The service code «{code}» cannot be used."),
            Text("Mã này dành cho dịch vụ mô tả của X-Road.", "It is reserved for X-Road's metaservices."),
            Text("Hãy đặt mã khác.", "Choose another code."),
            field="code",
        )
    if len(code) > CODE_MAX or not _CODE.fullmatch(code):
        refuse(
            Text(
                f"Không dùng được mã dịch vụ «{code[:80]}».",
                f"The service code «{code[:80]}» cannot be used.",
            ),
            Text(
                f"Mã gồm 1 đến {CODE_MAX} ký tự trong A-Z a-z 0-9 '()+,-.=?_.",
                f"A code has 1 to {CODE_MAX} of A-Z a-z 0-9 '()+,-.=?_.",
            ),
            Text("Hãy đổi mã dịch vụ (thao tác).", "Rename the service (the operation)."),
            field="code",
        )
    return code


def endpoint_check(method: str, path: str) -> tuple[str, str]:
    """A pair as rights and services hold it: a method or `*`, and a path glob behind the service. Invalid otherwise."""
    method = method.upper()
    if method not in {ANY, *METHODS}:
        refuse(
            Text(f"Không có phương thức «{method[:20]}».", f"There is no method «{method[:20]}»."),
            Text("Phương thức là của HTTP, hoặc * cho tất cả.", "A method is one of HTTP's, or * for all."),
            Text(f"Chọn một trong: *, {', '.join(METHODS)}.", f"Choose one of *, {', '.join(METHODS)}."),
            field="endpoints",
        )
    if not path.startswith(("/", "**")) or len(path) > PATH_MAX or NO_PATH.search(path) or "?" in path:
        refuse(
            Text(f"Mẫu đường dẫn «{path[:80]}» không đúng.", f"The path pattern «{path[:80]}» is wrong."),
            Text(
                f"Mẫu bắt đầu bằng / và dài tối đa {PATH_MAX} ký tự, không có khoảng trắng hay ?.",
                f"It begins with / and has {PATH_MAX} signs at most, no space and no ?.",
            ),
            Text(
                "Viết như /persons/*; * là một đoạn, ** là mọi đường dẫn.",
                "Write it like /persons/*; * is one segment, ** any path.",
            ),
            field="endpoints",
        )
    return method, path


def address_path(address: str, where: str) -> str:
    """The path of a service's address, without a slash at its end. Invalid where the address is none."""
    try:
        path = urlsplit(address.strip()).path.rstrip("/")
    except ValueError:
        wrong(where, Text(f"địa chỉ «{address[:80]}» không đúng", f"«{address[:80]}» is no address"))
    path = path.removeprefix(".")
    if path and not path.startswith("/"):
        path = f"/{path}"
    if len(path) > PATH_MAX or NO_PATH.search(path) or ".." in path.split("/"):
        wrong(where, Text(f"đường dẫn «{path[:80]}» không đúng", f"«{path[:80]}» is no path"))
    return path


def refuse(what: Text, why: Text, next_step: Text, *, field: str = "description") -> NoReturn:
    raise Invalid("description-invalid", what, why, next_step, field=field)


def wrong(where: str, why: Text) -> NoReturn:
    """A mistake inside the document, at a place that its author can find."""
    refuse(
        Text("Mô tả dịch vụ không dùng được.", "The description cannot be used."),
        Text(f"Tại {where}: {why.vi}.", f"At {where}: {why.en}."),
        Text("Sửa chỗ này trong tệp rồi tải lên lại.", "Mend this place in the file and upload it again."),
    )
