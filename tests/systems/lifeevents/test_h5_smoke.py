import pytest
from django.test import Client
from lienthong.systems.procedures.services import packages_publish
from tests.jobs import run_jobs
pytestmark=pytest.mark.django_db
def person(number,name):
    c=Client(); s=c.session; s.update({"kind":"person","subject":number,"name":name}); s.save()
    from django.conf import settings
    c.cookies[settings.SESSION_COOKIE_NAME]=s.session_key
    return c
def test_it(family):
    import os; os.makedirs("/tmp/lt/h5",exist_ok=True)
    packages_publish()
    c=person(family.mother,"Nguyễn Thị Ánh")
    def keep(name,r):
        print(name,r.status_code,getattr(r,"url","")); open(f"/tmp/lt/h5/{name}.html","wb").write(r.content); return r
    keep("home",c.get("/")); keep("search",c.get("/?q=sinh con")); keep("none",c.get("/?q=zzzz")); keep("service",c.get("/services/9.000001/")); keep("service2",c.get("/services/1.001193/"))
    keep("start",c.get("/apply/9.000001/"))
    r=keep("startp",c.post("/apply/9.000001/")); url=r.url
    ans=[{"child_name":"Trần Minh An"},{"sex":"female"},{"birth_date-day":"20","birth_date-month":"11","birth_date-year":"2026"},{"birth_place":"Bệnh viện Phụ sản Hà Nội"},{"other_parent":family.father},{"ethnicity_of":family.mother},{"home_town_of":family.mother},{"residence_with":family.mother},{"hospital":"01-001"},{"extracts":"2"},{}]
    for i,a in enumerate(ans):
        keep(f"q{i}",c.get(url)); keep(f"q{i}e",c.post(url,{})) if a else None
        r=keep(f"q{i}p",c.post(url,a)); url=r.url
    r=keep("check",c.get(url))
    keep("dossiers",c.get("/dossiers/"))
    r=keep("checkp",c.post(url)); keep("sent",c.get(r.url)); url=r.url.split("?")[0]
    run_jobs()
    keep("track",c.get(url)); keep("dossiers2",c.get("/dossiers/"))
