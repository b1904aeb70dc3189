"""The pages of the paper by post in a real Chromium, by phone and at a desk.

With LIENTHONG_PICTURES naming a folder, each page's picture is put there.
"""

from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client

from tests.jobs import run_jobs
from tests.pages import text_of
from tests.systems.onestop.test_desk_browser import looked
from tests.systems.onestop.test_post_pages import (
    HOME,
    OTHER_SLIP,
    SLIP,
    alike,
    birth,
    clerk,
    number,
    parent,
    posted,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.needs("chromium"),
    pytest.mark.needs("node_modules"),
]
__all__ = ["birth", "clerk", "number", "parent"]


@pytest.fixture
def pages(parent: Client, clerk: Client, number: str, birth: str, at: datetime) -> dict[str, bytes]:
    """By address, as the applicant and the officer see them."""
    there, desk = f"/dossiers/{number}/post/", "/desk/post/"
    second, third = "H26.12-261123-0902", "H26.12-261123-0903"
    pages = {
        f"{there}?asked": parent.get(there),
        f"{there}?wrong": parent.post(there, {**HOME, "phone": "12"}),
    }
    alike(birth, second, at, tracking=OTHER_SLIP)
    pages[f"{desk}?wrong"] = clerk.post(desk, {f"tracking-{birth}": "EB473124828VN", "act": "save"})
    posted(clerk, birth, SLIP)
    alike(birth, third, at)
    clerk.post(desk, {"act": f"returned:{second}", f"why-{second}": "Không có người nhận ở địa chỉ này."})
    pages[desk] = clerk.get(desk)
    pages[f"{desk}?silent"] = clerk.post(desk, {"act": f"returned:{birth}", f"why-{birth}": " "})
    listed = clerk.post(desk, {f"tracking-{third}": "EB000000028VN", "act": "hand-over"}, follow=True)
    pages[f"{desk}?list"] = listed
    run_jobs()
    pages[f"/dossiers/{number}/"] = parent.get(f"/dossiers/{number}/")
    pages[f"/desk/dossiers/{birth}/"] = clerk.get(f"/desk/dossiers/{birth}/")
    assert {page.status_code for page in pages.values()} <= {200, 422}
    assert "Bảng kê bàn giao" in text_of(listed)
    return {name: page.content for name, page in pages.items()}


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_and_is_accessible(pages: dict[str, bytes], tmp_path: Path, width: int) -> None:
    assert looked(pages, width, tmp_path) == []
