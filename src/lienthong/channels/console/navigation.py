"""What the console's navigation offers."""

from typing import Final

from lienthong.ground.text import Text
from lienthong.kit.navigation import Item

ITEMS: Final = (
    Item(Text("Báo cáo", "Report"), "console:report"),
    Item(Text("Chỉ số", "Indicators"), "console:indicators"),
    Item(Text("Việc kẹt", "Stuck work"), "console:stuck"),
    Item(Text("Trao đổi", "Exchange"), "console:exchange"),
    Item(Text("Đăng nhập", "Sign in"), "officer:sign-in", shown="signed_out"),
    Item(Text("Đăng xuất", "Sign out"), "officer:sign-out", shown="signed_in"),
)
