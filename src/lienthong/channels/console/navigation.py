"""What the console's navigation offers."""

from typing import Final

from lienthong.blocks.access.principals import Role
from lienthong.ground.text import Text
from lienthong.kit.navigation import Item

_READS: Final = frozenset({Role.OPERATOR, Role.COMMITTEE})
ITEMS: Final = (
    Item(Text("Báo cáo", "Report"), "console:report", roles=_READS),
    Item(Text("Chỉ số", "Indicators"), "console:indicators", roles=_READS),
    Item(Text("Thủ tục", "Procedures"), "console:procedures", roles=_READS),
    Item(Text("Việc kẹt", "Stuck work"), "console:stuck", roles=frozenset({Role.OPERATOR})),
    Item(Text("Trao đổi", "Exchange"), "console:exchange", roles=_READS),
    Item(Text("Kết nối", "Connections"), "console:connections", roles=_READS | {Role.ENGINEER}),
    Item(Text("Đăng nhập", "Sign in"), "officer:sign-in", shown="signed_out"),
    Item(Text("Đăng xuất", "Sign out"), "officer:sign-out", shown="signed_in"),
)
