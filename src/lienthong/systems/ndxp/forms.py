"""What operators, engineers and newcomers type."""

from __future__ import annotations

from typing import Any

from django import forms

from lienthong.blocks.access.purposes import purposes_all
from lienthong.blocks.exchange.catalogue import KINDS
from lienthong.blocks.exchange.wire import BY_DOOR, HTTP, HTTPS, MUTUAL
from lienthong.ground.text import Text
from lienthong.kit.forms import DateField, Form, RadioField, words

KIND_TEXT = {
    "CONTRACT": Text("Hệ thống Liên thông (JSON)", "System of Lienthong (JSON)"),
    "OPENAPI": Text("REST có mô tả OpenAPI", "REST with OpenAPI"),
    "REST": Text("REST", "REST"),
    "SOAP": Text("SOAP", "SOAP"),
}
CONNECTION_TEXT = {
    BY_DOOR: Text("Theo cổng", "As the gateway's door"),
    MUTUAL: Text("HTTPS với chứng thư của hệ thống", "HTTPS with the system's certificate"),
    HTTPS: Text("HTTPS không cần chứng thư", "HTTPS without a certificate"),
    HTTP: Text("HTTP, chỉ trên máy của cổng", "HTTP, on the gateway's own machine alone"),
}
_CONNECTION_HINTS = {
    BY_DOOR: Text(
        "Cổng dùng TLS thì cần chứng thư; cổng không dùng TLS thì chỉ gọi được từ chính máy đó.",
        "With TLS at the door a certificate is needed; without, only its own machine can call.",
    ),
    MUTUAL: Text(
        "Kết nối phải xuất trình một chứng thư đã đăng ký dưới đây.",
        "A connection has to show one of the certificates below.",
    ),
    HTTPS: Text(
        "Ai tới được cổng cũng gọi được thay hệ thống này; chỉ dùng trong mạng riêng, khi phần mềm không có chứng thư.",
        "Whoever reaches the gateway can call as this system: only for a closed network, where the program has none.",
    ),
    HTTP: Text(
        "Cho phần mềm chạy cùng máy với cổng; từ máy khác sẽ bị từ chối.",
        "For a program beside the gateway; from another machine it is refused.",
    ),
}
Choices = list[tuple[str, Any]]


class MemberForm(Form):
    member_class = forms.ChoiceField(
        label=words("Loại thành viên", "Class of member"),
        choices=[  # type: ignore[arg-type] - the kit's choices speak Text
            ("GOV", Text("Cơ quan nhà nước (GOV)", "Public body (GOV)")),
            ("COM", Text("Doanh nghiệp (COM)", "Enterprise (COM)")),
            ("NGO", Text("Tổ chức khác (NGO)", "Other organisation (NGO)")),
        ],
    )
    code = forms.CharField(
        label=words("Mã định danh của cơ quan", "The agency's identifier"),
        help_text=words(
            "Theo Quyết định 20/2020/QĐ-TTg, ví dụ G22 hoặc H26.12.",
            "As Decision 20/2020/QĐ-TTg has it, for example G22 or H26.12.",
        ),
        max_length=32,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )
    title_vi = forms.CharField(label=words("Tên tiếng Việt", "Name in Vietnamese"), max_length=200)
    title_en = forms.CharField(label=words("Tên tiếng Anh", "Name in English"), max_length=200)


class SubsystemForm(Form):
    system = forms.CharField(
        label=words("Mã hệ thống", "The system's code"),
        help_text=words("Chữ không dấu, ví dụ clinics.", "Plain letters, for example clinics."),
        max_length=32,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    gateway = forms.ChoiceField(
        label=words("Cổng kết nối", "Its gateway"),
        help_text=words(
            "Các cơ quan khác tìm hệ thống ở sau cổng này.", "Other agencies find it behind this one."
        ),
    )

    def __init__(self, *args: Any, gateways: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gateway"].choices = [(name, name) for name in gateways]  # type: ignore[attr-defined]


class PublishForm(Form):
    code = forms.CharField(
        label=words("Mã dịch vụ", "The service's code"),
        help_text=words(
            "Chỉ cần cho OpenAPI; WSDL lấy mã từ tên thao tác.",
            "For OpenAPI only; a WSDL names its services by its operations.",
        ),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    title_vi = forms.CharField(
        label=words("Tên dịch vụ bằng tiếng Việt", "The service's name in Vietnamese"),
        help_text=words("Để trống thì lấy trong mô tả.", "Left empty, the description's is taken."),
        required=False,
        max_length=200,
    )
    title_en = forms.CharField(
        label=words("Tên dịch vụ bằng tiếng Anh", "The service's name in English"),
        required=False,
        max_length=200,
    )
    description = forms.FileField(
        label=words("Tệp OpenAPI hoặc WSDL", "OpenAPI or WSDL file"),
        help_text=words(
            "OpenAPI 3.0 hoặc 3.1 (JSON, YAML), hay WSDL 1.1; tối đa 4 MiB.",
            "OpenAPI 3.0 or 3.1 (JSON, YAML), or WSDL 1.1; 4 MiB at most.",
        ),
        required=False,
    )
    digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class ConnectionForm(Form):
    connection = RadioField(
        label=words("Kiểu kết nối", "Connection type"),
        choices=list(CONNECTION_TEXT.items()),
        hints=_CONNECTION_HINTS,
    )


class CertificateForm(Form):
    certificate = forms.FileField(
        label=words("Tệp chứng thư", "Certificate file"),
        help_text=words(
            "PEM hoặc DER, tự ký hoặc do bất kỳ bên nào cấp; không kèm khóa bí mật.",
            "PEM or DER, self-signed or issued by anybody; without the private key.",
        ),
    )


class TermsForm(Form):
    """Terms of a right: as they are asked for, and as they are granted."""

    legal_basis = forms.CharField(
        label=words("Căn cứ pháp lý", "Legal basis"),
        help_text=words("Văn bản, điều, khoản cho phép.", "The law and the article that allow it."),
        max_length=500,
    )
    valid_from = DateField(label=words("Từ ngày", "From"))
    valid_to = DateField(label=words("Đến hết ngày (không bắt buộc)", "Until (optional)"), required=False)
    daily_quota = forms.IntegerField(
        label=words("Hạn mức mỗi ngày (không bắt buộc)", "Calls a day (optional)"),
        help_text=words("Để trống nếu không giới hạn.", "Left empty: no limit."),
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-10"}),
    )
    endpoints = forms.MultipleChoiceField(
        label=words("Điểm cuối", "Endpoints"),
        help_text=words("Không chọn mục nào là toàn bộ dịch vụ.", "None ticked: the whole service."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, endpoints: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pairs = [f"{method} {path}" for method, path in endpoints]
        self.fields["endpoints"].choices = [(pair, pair) for pair in pairs]  # type: ignore[attr-defined]
        if not pairs:
            del self.fields["endpoints"]

    def endpoint_pairs(self) -> list[tuple[str, str]]:
        chosen = self.cleaned_data.get("endpoints") or []
        return [(method, path) for method, _, path in (pair.partition(" ") for pair in chosen)]


class RequestForm(TermsForm):
    client = forms.ChoiceField(label=words("Hệ thống của bạn sẽ gọi", "Your system that will call"))
    purpose = forms.ChoiceField(label=words("Mục đích", "Purpose"))
    reason = forms.CharField(
        label=words("Cần để làm gì", "What it is needed for"),
        help_text=words(
            "Cơ quan cung cấp đọc nguyên văn. Không viết dữ liệu cá nhân.",
            "The providing agency reads it word for word. No personal data.",
        ),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    field_order = (
        "client",
        "endpoints",
        "purpose",
        "legal_basis",
        "reason",
        "valid_from",
        "valid_to",
        "daily_quota",
    )

    def __init__(self, *args: Any, clients: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client"].choices = [(name, name) for name in clients]  # type: ignore[attr-defined]
        self.fields["purpose"].choices = purpose_choices()  # type: ignore[attr-defined]


def purpose_choices() -> Choices:
    return [
        ("", Text("Chọn mục đích", "Choose a purpose")),
        *((one.code, one.title) for one in purposes_all()),
    ]


class GroupGrantForm(TermsForm):
    """A provider's right for every system in a group, without a request."""

    service = forms.ChoiceField(label=words("Dịch vụ của cơ quan bạn", "Your agency's service"))
    purpose = forms.ChoiceField(label=words("Mục đích", "Purpose"))
    field_order = ("service", "purpose", "legal_basis", "valid_from", "valid_to", "daily_quota")

    def __init__(self, *args: Any, services: list[tuple[str, Text]], **kwargs: Any) -> None:
        super().__init__(*args, endpoints=(), **kwargs)
        named = [(name, Text(f"{title.vi} ({name})", f"{title.en} ({name})")) for name, title in services]
        self.fields["service"].choices = [("", Text("Chọn dịch vụ", "Choose a service")), *named]  # type: ignore[attr-defined]
        self.fields["purpose"].choices = purpose_choices()  # type: ignore[attr-defined]


class GrantForm(TermsForm):
    """narrowed: the request names endpoints, of which some may be left out."""

    answer = forms.CharField(
        label=words("Trả lời cho cơ quan yêu cầu", "Answer to the asking agency"),
        help_text=words(
            "Bắt buộc khi từ chối: vì sao, và điều gì sẽ khiến câu trả lời là đồng ý.",
            "Needed for a refusal: why, and what would make it a yes.",
        ),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, narrowed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if narrowed and "endpoints" in self.fields:
            self.fields["endpoints"].help_text = words(
                "Bỏ dấu ở những mục không cấp.", "Untick what is not granted."
            )


class EndForm(Form):
    on = DateField(
        label=words("Ngày cuối cùng còn hiệu lực", "The last day on which it holds"),
        help_text=words("Từ hôm nay trở đi.", "Today or later."),
    )


class GroupForm(Form):
    code = forms.CharField(
        label=words("Mã nhóm", "The group's code"),
        max_length=60,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    title_vi = forms.CharField(label=words("Tên tiếng Việt", "Name in Vietnamese"), max_length=200)
    title_en = forms.CharField(label=words("Tên tiếng Anh", "Name in English"), max_length=200)


class GroupMembersForm(Form):
    members = forms.CharField(
        label=words("Các hệ thống trong nhóm", "Systems in the group"),
        help_text=words(
            "Mỗi dòng một hệ thống, ví dụ VN/GOV/G22/onestop.",
            "One system a line, for example VN/GOV/G22/onestop.",
        ),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )


class MessageForm(Form):
    id = forms.UUIDField(
        label=words("Mã thông điệp", "Message id"),
        help_text=words(
            "X-Road-Id, ví dụ 4894e35d-bf0f-44a6-867a-8e51f1daa7e0.",
            "The X-Road-Id, for example 4894e35d-bf0f-44a6-867a-8e51f1daa7e0.",
        ),
    )


class SandboxForm(Form):
    agency = forms.CharField(
        label=words("Tên cơ quan hoặc tổ chức của bạn", "Your agency or organisation"),
        help_text=words("Không viết tên người.", "No person's name."),
        max_length=200,
    )
    system = forms.CharField(
        label=words("Mã hệ thống sẽ gọi", "Code of the system that will call"),
        help_text=words("Chữ không dấu, ví dụ clinic-app.", "Plain letters, for example clinic-app."),
        max_length=32,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocapitalize": "none"}),
    )


KIND_CHOICES: Choices = [("", Text("Mọi loại", "Every kind")), *((kind, KIND_TEXT[kind]) for kind in KINDS)]
