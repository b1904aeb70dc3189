"""What the desk's navigation offers."""

from typing import Final

from lienthong.ground.text import Text
from lienthong.kit.navigation import Item

ITEMS: Final = (
    Item(Text("Hàng đợi", "Queue"), "officer:queue"),
    Item(Text("Tiếp nhận", "Intake"), "officer:intake", roles=frozenset({"intake"})),
    Item(Text("Tra cứu", "Search"), "officer:search"),
    Item(Text("Bưu chính", "Post"), "officer:post", roles=frozenset({"intake", "case", "sign"})),
    Item(Text("Phân công", "Assignment"), "officer:work", roles=frozenset({"sign", "administrator"})),
    Item(Text("Lưu trữ", "Retention"), "officer:retention", roles=frozenset({"sign", "administrator"})),
    Item(Text("Nhân sự", "Staff"), "officer:staff"),
    Item(Text("Đăng nhập", "Sign in"), "officer:sign-in", shown="signed_out"),
    Item(Text("Đăng xuất", "Sign out"), "officer:sign-out", shown="signed_in"),
)
