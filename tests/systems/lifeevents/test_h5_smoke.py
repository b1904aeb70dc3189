import pytest
from django.test import Client

from lienthong.systems.procedures.services import packages_publish
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
from tests.pages import person


def _old(number, name):
    c = Client()
    s = c.session
    s.update({"kind": "person", "subject": number, "name": name})
    s.save()
    from django.conf import settings

    c.cookies[settings.SESSION_COOKIE_NAME] = s.session_key
    return c


def test_it(family):
    import os

    os.makedirs("/tmp/lt/h5", exist_ok=True)
    packages_publish()
    c = person(family.mother, "Nguyễn Thị Ánh")

    def keep(name, r):
        print(name, r.status_code, getattr(r, "url", ""))
        __import__("pathlib").Path(f"/tmp/lt/h5/{name}.html").write_bytes(r.content)
        return r

    keep("home", c.get("/"))
    keep("search", c.get("/?q=sinh con"))
    keep("none", c.get("/?q=zzzz"))
    keep("service", c.get("/services/9.000001/"))
    keep("service2", c.get("/services/1.001193/"))
    keep("start", c.get("/apply/9.000001/"))
    r = keep("startp", c.post("/apply/9.000001/"))
    url = r.url
    ans = [
        {"child_name": "Trần Minh An"},
        {"sex": "female"},
        {"birth_date-day": "20", "birth_date-month": "11", "birth_date-year": "2026"},
        {"birth_place": "Bệnh viện Phụ sản Hà Nội"},
        {"other_parent": family.father},
        {"ethnicity_of": family.mother},
        {"home_town_of": family.mother},
        {"residence_with": family.mother},
        {"hospital": "01-001"},
        {"extracts": "2"},
        {},
    ]
    for i, a in enumerate(ans):
        keep(f"q{i}", c.get(url))
        keep(f"q{i}e", c.post(url, {})) if a else None
        r = keep(f"q{i}p", c.post(url, a))
        url = r.url
    r = keep("check", c.get(url))
    keep("dossiers", c.get("/dossiers/"))
    r = keep("checkp", c.post(url))
    keep("sent", c.get(r.url))
    url = r.url.split("?")[0]
    run_jobs()
    keep("track", c.get(url))
    keep("dossiers2", c.get("/dossiers/"))

    from lienthong.blocks.access.principals import Role
    from lienthong.blocks.casework.models import Case
    from tests.pages import officer
    from tests.systems.country import COMMITTEE, POLICE

    o = officer("H26.12-C01", COMMITTEE, Role.SIGN, Role.ADMINISTRATOR, at=family_at())
    from lienthong.blocks.trust import services as trust

    for code in ("H26.12-C01", "P1", "S1"):
        trust.signer_ensure(
            subject_id=code, kind="officer", name="Lê Văn Cường", organisation="x", at=family_at()
        )
    print([(x.number, x.status) for x in Case.objects.all()])
    r = keep("queue", o.get("/desk/"))
    n = Case.objects.get(procedure__code="1.001193").number
    keep("dossierd", o.get(f"/desk/dossiers/{n}/"))
    import re

    def act(cl, num, **d):
        page = cl.get(f"/desk/dossiers/{num}/").content.decode()
        m = re.search(r'action="(/desk/[^"]+decide/)"', page)
        rev = re.search(r'name="revision" value="(\d+)"', page)
        return cl.post(m[1], {"revision": rev[1], "reason": "", **d})

    keep("refuse-no-reason", act(o, n, outcome="refuse"))
    keep("stale", act(o, n, outcome="approve", revision="0", reason="Đã xem kỹ"))
    keep("supp", act(o, n, outcome="supplement", reason="Ảnh giấy chứng sinh bị mờ"))
    keep("dossierd2", o.get(f"/desk/dossiers/{n}/"))
    run_jobs()
    keep("track2", c.get(url))
    keep("supplement", c.get(f"{url}supplement/{n}/"))
    from django.core.files.uploadedfile import SimpleUploadedFile as F

    keep(
        "supplementbad",
        c.post(f"{url}supplement/{n}/", {"text": "Ảnh mới đây", "files": [F("a.pdf", b"MZ\x90\x00 exe")]}),
    )
    keep(
        "supplementok",
        c.post(
            f"{url}supplement/{n}/",
            {
                "text": "Ảnh mới đây",
                "files": [F("a.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40)],
            },
        ),
    )
    run_jobs()
    keep("dossierd3", o.get(f"/desk/dossiers/{n}/"))
    keep("approve", act(o, n, outcome="approve"))
    run_jobs()
    keep("dossierd4", o.get(f"/desk/dossiers/{n}/"))
    keep("track3", c.get(url))
    keep("withdraw", c.get(url + "withdraw/"))
    print([(x.number, x.status) for x in Case.objects.all()])
    keep("deskstaff", o.get("/desk/staff/"))
    keep("desksearch", o.get("/desk/search/?q=Minh"))
    op = officer("OP1", "G22", Role.OPERATOR, Role.COMMITTEE, at=family_at())
    keep("console-stuck", op.get("/console/stuck/"))
    keep("console-exchange", op.get("/console/exchange/"))
    keep("console", op.get("/console/"))
    keep("wrongofficer", officer("P1", POLICE, Role.SIGN, at=family_at()).get(f"/desk/dossiers/{n}/"))


def family_at():
    from lienthong.ground import clock

    return clock.now()
