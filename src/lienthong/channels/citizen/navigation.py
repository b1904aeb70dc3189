"""What the portal's navigation offers."""

from typing import Final

from lienthong.ground.text import Text
from lienthong.kit.navigation import Item

ITEMS: Final = (
    Item(Text("Trang chủ", "Home"), "citizen:home"),
    Item(Text("Hồ sơ", "Dossiers"), "citizen:dossiers"),
    Item(Text("Giấy tờ", "Documents"), "citizen:documents"),
    Item(Text("Làm thay", "Acting for"), "citizen:acting", shown="signed_in"),
    Item(Text("Ai đã xem dữ liệu", "Who looked"), "citizen:reads"),
    Item(Text("Nhà phát triển", "Developers"), "citizen:catalogue"),
    Item(Text("Đăng nhập", "Sign in"), "citizen:sign-in", shown="signed_out"),
    Item(Text("Đăng xuất", "Sign out"), "citizen:sign-out", shown="signed_in"),
)
