"""The pages of complaints and feedback, of both sides, in Chromium at both widths."""

from pathlib import Path

import pytest
from django.test import Client

from lienthong.blocks.casework.models import Case
from tests.jobs import run_jobs
from tests.systems.country import COMMITTEE
from tests.systems.lifeevents.applying import decide
from tests.systems.lifeevents.test_appeal_pages import (
    child,
    complain,
    decided,
    decider,
    first,
    number,
    other,
    parent,
    residence,
)
from tests.systems.onestop.test_desk_browser import looked

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.needs("chromium"),
    pytest.mark.needs("node_modules"),
]
__all__ = ["child", "decider", "first", "number", "other", "parent", "residence"]


@pytest.fixture
def pages(parent: Client, decider: Client, other: Client, residence: str, first: str) -> dict[str, bytes]:
    """By address, with a number so that none hides another: forms, their mistakes, what is followed, the desk."""
    number = str(Case.objects.get(procedure__code="9.000001").number)
    answer = parent.post(
        f"/dossiers/{number}/feedback/{residence}/", {"text": "Cán bộ nhiệt tình, nhưng chờ lâu."}
    )
    run_jobs()
    assert answer.status_code == 302
    got = {
        "/dossiers/?1": parent.get(f"/dossiers/{number}/"),
        "/dossiers/?2": parent.get(f"/dossiers/{first}/"),
        "/dossiers/?3": parent.get(f"/dossiers/{first}/complain-again/"),
        "/dossiers/?4": parent.get(f"/dossiers/{number}/feedback/{residence}/"),
        "/dossiers/?5": parent.get("/dossiers/"),
    }
    birth = str(Case.objects.get(system="onestop", procedure__code="1.001193").number)
    got["/dossiers/?6"] = parent.post(
        f"/dossiers/{number}/complain/{birth}/", {"ground": "result", "text": ""}
    )
    assert got["/dossiers/?6"].status_code == 422
    filed = complain(parent, number, birth, ground="result")
    complaint = str(Case.objects.get(procedure__code="9.000020", agency=COMMITTEE).number)
    got["/dossiers/?7"] = parent.get(f"/dossiers/{filed}/?sent=1")
    got["/desk/?8"] = other.get(f"/desk/dossiers/{complaint}/")
    got["/desk/?9"] = decider.get(f"/desk/dossiers/{complaint}/")
    got["/desk/?10"] = decide(other, complaint, "decline", reason="Không liên quan.")
    decided(other, complaint, "accept")
    got["/desk/?11"] = other.get(f"/desk/dossiers/{complaint}/")
    return {path: response.content for path, response in got.items()}


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_and_is_accessible(pages: dict[str, bytes], tmp_path: Path, width: int) -> None:
    assert looked(pages, width, tmp_path) == []
