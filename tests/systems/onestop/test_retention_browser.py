"""The pages of retention and of life events in a real Chromium, by phone and at a desk.

With LIENTHONG_PICTURES naming a folder, each page's picture is put there.
"""

from datetime import datetime
from pathlib import Path

import pytest

from lienthong.blocks.casework.retention_models import Hold
from lienthong.ground import clock
from tests.pages import officer, person
from tests.systems.country import COMMITTEE, Family
from tests.systems.lifeevents.test_follow_pages import child
from tests.systems.onestop.test_desk_browser import looked
from tests.systems.onestop.test_retention_pages import LATER, decisions, five_years, number

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.needs("chromium"),
    pytest.mark.needs("node_modules"),
]
__all__ = ["five_years", "number"]


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_and_is_accessible(
    number: str, family: Family, at: datetime, tmp_path: Path, width: int
) -> None:
    desk, mother = officer("H26.12-C01", COMMITTEE, at=at), person(family.mother)
    pages = {"/events/moving-house/": mother.get("/events/moving-house/"), "/": mother.get("/")}
    with clock.fixed(LATER):
        held = {"act": "hold", "dossier": child("1.001193"), "reason": "complaint", "note": "Đơn 17/KN-2031"}
        assert desk.post("/desk/retention/", held).status_code == 302
        pages["/desk/retention/?due"] = desk.get("/desk/retention/")
        pages["/desk/retention/?wrong"] = desk.post("/desk/retention/", {"act": "decide", "number": "12"})
        lifted = desk.post("/desk/retention/", {"act": "lift", "hold": str(Hold.objects.get().pk)})
        assert lifted.status_code == 302
        decisions()
        pages["/desk/retention/?done"] = desk.get("/desk/retention/")
        gone = f"/desk/dossiers/{child('1.001193')}/"
        pages[gone] = desk.get(gone)
        pages[f"/dossiers/{number}/"] = person(family.mother).get(f"/dossiers/{number}/")
    assert {page.status_code for page in pages.values()} <= {200, 422}
    assert looked({name: page.content for name, page in pages.items()}, width, tmp_path) == []
