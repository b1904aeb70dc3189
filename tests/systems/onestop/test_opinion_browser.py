"""The pages of an opinion in a real Chromium, by phone and at a desk: accessible, and no wider than the screen.

With LIENTHONG_PICTURES naming a folder, each page's picture is put there.
"""

from datetime import datetime
from pathlib import Path

import pytest

from lienthong.blocks.casework.models import Case
from tests.pages import person
from tests.systems.country import OTHER_COMMITTEE
from tests.systems.onestop.test_desk_browser import looked
from tests.systems.onestop.test_opinion_pages import LAND, TAX, answer, desk, dossier, number, request_at

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.needs("chromium"),
    pytest.mark.needs("node_modules"),
]
__all__ = ["dossier", "number"]


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_and_is_accessible(
    country: datetime, number: str, dossier: str, tmp_path: Path, width: int
) -> None:
    land, commune = desk(LAND, country), desk(OTHER_COMMITTEE, country)
    asked, awaited = (f"/desk/dossiers/{request_at(agency).number}/" for agency in (OTHER_COMMITTEE, TAX))
    pages = {"/desk/": commune.get("/desk/").content, asked: commune.get(asked).content}
    assert (
        answer(commune, request_at(OTHER_COMMITTEE), "disagree", "Có đơn tranh chấp, đang hòa giải.") == 302
    )
    pages[awaited] = desk(TAX, country).get(awaited).content
    asking, following = f"/desk/dossiers/{dossier}/", f"/dossiers/{number}/"
    pages[asking] = land.get(asking).content
    pages["/console/procedures/1.013831/"] = land.get("/console/procedures/1.013831/").content
    heir = Case.objects.get(number=number).applicant
    pages[following] = person(heir).get(following).content
    assert looked(pages, width, tmp_path) == []
