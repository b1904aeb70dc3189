"""What a gateway says when it refuses: what happened, why, and what to do next, in both languages."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from lienthong.gateway.xroad.errors import Kind, XRoadError, bad_request
from lienthong.ground.text import Text

_BY_TYPE: Final = {kind.type("modern"): kind for kind in Kind}
_RETRY: Final = Text("Hãy gửi lại với cùng mã thông điệp.", "Send it again with the same message id.")


def busy(server: str, kind: Kind) -> XRoadError:
    return XRoadError(
        kind,
        Text(f"{server} đang bận.", f"{server} is busy."),
        why=Text("Số yêu cầu đang xử lý đã đến giới hạn.", "As many exchanges as it takes are under way."),
        next_step=Text("Hãy gửi lại sau ít giây.", "Send it again in a few seconds."),
    )


def no_configuration(server: str) -> XRoadError:
    return XRoadError(
        Kind.GLOBAL_CONF_OUTDATED,
        Text(f"{server} chưa có cấu hình.", f"{server} has no configuration yet."),
        why=Text("Chưa liên lạc được với nơi quản lý kết nối.", "The control plane was not reached."),
        next_step=Text("Kiểm tra thiết lập control.", "Check the setting control."),
    )


def no_key(member: str) -> XRoadError:
    return XRoadError(
        Kind.CONSUMER_INTERNAL_ERROR,
        Text(f"Không ký được thay cho {member}.", f"Nothing can be signed for {member}."),
        why=Text(
            "Không có khóa kèm chứng thư còn hiệu lực.", "There is no key here with a valid certificate."
        ),
        next_step=Text("Cấp chứng thư cho thành viên này.", "Issue a certificate for this member."),
    )


def not_logged() -> XRoadError:
    return XRoadError(
        Kind.CONSUMER_LOGGING_FAILED,
        Text("Chưa ghi được nhật ký thông điệp.", "The message log did not take the exchange."),
        why=Text(
            "Câu trả lời chỉ được giao sau khi đã ghi.", "An answer is handed over only once it is logged."
        ),
        next_step=_RETRY,
    )


def too_large(mib: int) -> XRoadError:
    return bad_request(
        Text(f"Nội dung lớn hơn {mib} MiB.", f"The body is larger than {mib} MiB."),
        next_step=Text("Hãy chia nhỏ nội dung.", "Send it in parts."),
    )


def too_slow(idle_s: float) -> XRoadError:
    return bad_request(
        Text("Nội dung gửi đến quá chậm.", "The body came too slowly."),
        why=Text(f"Không có thêm dữ liệu trong {idle_s:g} giây.", f"Hardly anything came for {idle_s:g} s."),
        next_step=Text("Kiểm tra đường truyền rồi gửi lại.", "Check the network, and send it again."),
    )


def head_too_slow(head_s: float) -> XRoadError:
    return bad_request(
        Text("Đầu yêu cầu HTTP gửi đến quá chậm.", "The head of the HTTP request came too slowly."),
        why=Text(f"Chưa nhận đủ sau {head_s:g} giây.", f"It was not whole after {head_s:g} s."),
        next_step=Text("Mở kết nối mới rồi gửi lại.", "Open a new connection, and send it again."),
    )


def head_too_large(kib: int) -> XRoadError:
    return bad_request(
        Text(
            f"Đầu yêu cầu HTTP lớn hơn {kib} KiB.", f"The head of the HTTP request is larger than {kib} KiB."
        ),
        next_step=Text("Bỏ bớt đầu mục HTTP.", "Send fewer or shorter headers."),
    )


def no_http(why: str) -> XRoadError:
    return bad_request(
        Text("Dữ liệu nhận được không phải yêu cầu HTTP/1.1.", "What came is no HTTP/1.1 request."),
        why=Text(f"Lý do: {why}", f"Because: {why}"),
        next_step=Text("Kiểm tra phần mềm gửi yêu cầu.", "Check the program that sends it."),
    )


def memory_full(server: str, kind: Kind) -> XRoadError:
    return XRoadError(
        kind,
        Text(f"{server} đang bận.", f"{server} is busy."),
        why=Text("Bộ nhớ dành cho nội dung thông điệp đã dùng hết.", "All its memory for bodies is in use."),
        next_step=Text(
            "Hãy gửi lại sau ít giây với cùng mã thông điệp.",
            "Send it again in a few seconds, with the same message id.",
        ),
    )


def streams_full(server: str, most: int, kind: Kind) -> XRoadError:
    """most: how many large bodies it takes at once on that side."""
    return XRoadError(
        kind,
        Text(f"{server} đang bận.", f"{server} is busy."),
        why=Text(
            f"Đang truyền {most} nội dung lớn cùng lúc, là giới hạn (streams).",
            f"It is passing {most} large bodies on at once, which is its limit (streams).",
        ),
        next_step=Text(
            "Hãy gửi lại sau ít phút với cùng mã thông điệp.",
            "Send it again in a few minutes, with the same message id.",
        ),
    )


def not_stamped(server: str, since: datetime, grace_s: int, kind: Kind) -> XRoadError:
    """since: when the oldest message was written that has no time stamp."""
    hours = f"{grace_s / 3600:g}"
    moment = since.isoformat(timespec="seconds")
    return XRoadError(
        kind,
        Text(f"{server} tạm dừng trao đổi.", f"{server} has stopped exchanging."),
        why=Text(
            f"Thông điệp từ {moment} chưa có dấu thời gian; giới hạn là {hours} giờ.",
            f"Messages since {moment} have no time stamp; {hours} h are the limit.",
        ),
        next_step=Text(
            "Quản trị viên: khôi phục kết nối tới dịch vụ dấu thời gian (tsa), hoặc tăng stamp_grace_s; sau đó"
            " trao đổi tự tiếp tục.",
            "Administrator: bring the time-stamp authority (tsa) back, or raise stamp_grace_s; exchange then"
            " goes on by itself.",
        ),
    )


def peer_busy(server: str, told: str) -> XRoadError:
    return XRoadError(
        Kind.BUSY,
        Text(f"{server} đang bận.", f"{server} is busy."),
        why=Text(f"Cổng đó báo: {told}", f"It said: {told}"),
        next_step=_RETRY,
    )


def not_our_client(client: str, server: str) -> XRoadError:
    return XRoadError(
        Kind.UNKNOWN_MEMBER,
        Text(f"{client} không phải hệ thống sau {server}.", f"{client} is not a system behind {server}."),
        next_step=Text(
            "Ghi đủ bốn phần của hệ thống đã đăng ký vào X-Road-Client (SOAP: client).",
            "Name a registered system with its four parts in X-Road-Client (SOAP: client).",
        ),
    )


def client_not_proven(client: str, why: Text, next_step: Text | None = None) -> XRoadError:
    """The connection does not show that it is this client's. next_step: if not to register a certificate."""
    owner = client.rsplit("/", 1)[0]
    return XRoadError(
        Kind.SSL_AUTHENTICATION_FAILED,
        Text(f"Chưa chứng minh được bên gọi là {client}.", f"Nothing proves that {client} is calling."),
        why=why,
        next_step=next_step
        or Text(
            f"Kỹ sư kết nối của {owner} đăng ký chứng thư của hệ thống tại /console/connections/.",
            f"An engineer of {owner} registers the system's certificate at /console/connections/.",
        ),
    )


def unknown_provider(provider: str) -> XRoadError:
    return XRoadError(
        Kind.UNKNOWN_MEMBER,
        Text(f"Không có hệ thống {provider}.", f"There is no system {provider} on the exchange."),
        next_step=Text("Tìm hệ thống bằng /listClients.", "Find the system by /listClients."),
    )


def not_behind(provider: str, server: str) -> XRoadError:
    return XRoadError(
        Kind.INVALID_SECURITY_SERVER,
        Text(f"{provider} không nằm sau {server}.", f"{provider} is not behind {server}."),
        next_step=Text(
            "Bỏ hoặc sửa X-Road-Security-Server (SOAP: securityServer).",
            "Leave out or correct X-Road-Security-Server (SOAP: securityServer).",
        ),
    )


def which_purpose(service: str, purposes: list[str]) -> XRoadError:
    listed = ", ".join(purposes)
    return bad_request(
        Text(f"Cần nêu mục đích gọi {service}.", f"Say for which purpose you call {service}."),
        why=Text(f"Các mục đích đã được phép: {listed}.", f"There are agreements for: {listed}."),
        next_step=Text("Gửi kèm đầu mục Lienthong-Purpose.", "Send the header Lienthong-Purpose."),
    )


def peer_away(server: str, why: str) -> XRoadError:
    return XRoadError(
        Kind.CONSUMER_NETWORK_ERROR,
        Text(f"Không kết nối được tới {server}.", f"{server} was not reached."),
        why=Text(f"Lý do: {why}.", f"Because: {why}."),
        next_step=_RETRY,
    )


def peer_refused(server: str, told: str) -> XRoadError:
    return XRoadError(
        Kind.CONSUMER_NETWORK_ERROR,
        Text(f"{server} không trả lời được.", f"{server} could not answer."),
        why=Text(f"Cổng đó báo: {told}", f"It said: {told}"),
        next_step=_RETRY,
    )


def silent(provider: str, why: str) -> XRoadError:
    """The provider's own system said nothing, or broke off."""
    return XRoadError(
        Kind.NETWORK_ERROR,
        Text(f"{provider} không trả lời: {why}.", f"{provider} does not answer its gateway: {why}."),
    )


def system_too_large(mib: int) -> XRoadError:
    return XRoadError(
        Kind.SERVICE_FAILED,
        Text(f"Câu trả lời lớn hơn {mib} MiB.", f"The answer is larger than {mib} MiB."),
    )


def broken_off(why: str) -> XRoadError:
    """A large message that did not come to its end; the system never had all of it."""
    return XRoadError(
        Kind.INVALID_MESSAGE,
        Text(
            "Thông điệp lớn bị ngắt giữa chừng; hệ thống nhận chưa nhận đủ.",
            "The large message broke off; the system never had all of it.",
        ),
        why=Text(f"Lý do: {why}.", f"Because: {why}."),
        next_step=_RETRY,
    )


def not_taken(why: str) -> XRoadError:
    """A large answer that nobody took to its end, so that its closing signature was never made."""
    return XRoadError(
        Kind.NETWORK_ERROR,
        Text("Câu trả lời lớn không được nhận hết.", "The large answer was not taken to its end."),
        why=Text(f"Lý do: {why}.", f"Because: {why}."),
        next_step=_RETRY,
    )


def client_left() -> XRoadError:
    """Said to the log: the client is gone."""
    return XRoadError(
        Kind.CONSUMER_NETWORK_ERROR,
        Text("Bên hỏi ngắt kết nối trước khi nhận hết.", "The client left before the answer's end."),
        next_step=_RETRY,
    )


def answer_too_large(mib: int) -> XRoadError:
    return XRoadError(
        Kind.CONSUMER_NETWORK_ERROR,
        Text(f"Câu trả lời lớn hơn {mib} MiB.", f"The answer is larger than {mib} MiB."),
        next_step=Text("Hãy hỏi ít dữ liệu hơn.", "Ask for less."),
    )


def inconsistent(server: str, why: str) -> XRoadError:
    return XRoadError(
        Kind.INCONSISTENT_RESPONSE,
        Text(f"Câu trả lời của {server} không tin được.", f"The answer of {server} cannot be trusted."),
        why=Text(f"Lý do: {why}.", f"Because: {why}."),
        next_step=Text("Báo cho quản trị viên của hai bên.", "Tell the administrators of both sides."),
    )


def service_failed(provider: str, status: int) -> XRoadError:
    return XRoadError(
        Kind.SERVICE_FAILED,
        Text(f"{provider} trả lời không đúng giao thức.", f"{provider} answered outside its protocol."),
        why=Text(f"Hệ thống trả trạng thái {status}.", f"Its status was {status}."),
        next_step=_RETRY,
    )


def no_json(why: str) -> XRoadError:
    return bad_request(
        Text("Nội dung không phải một đối tượng JSON.", "The body is no JSON object."),
        why=Text(f"Lý do: {why}.", f"Because: {why}."),
        next_step=Text("Gửi đối tượng JSON theo hợp đồng.", "Send the object that the contract describes."),
    )


def from_peer(kind: str, body: bytes, server: str) -> XRoadError:
    """The provider's gateway's own refusal, as it told it."""
    try:
        told: dict[str, Any] = json.loads(body)
        sentence, detail = Text(str(told["sentence"]["vi"]), str(told["sentence"]["en"])), str(told["detail"])
        known = _BY_TYPE[kind]
    except (ValueError, KeyError, TypeError) as error:
        raise inconsistent(server, "its refusal is not understood") from error
    return XRoadError(known, sentence, detail=detail)
