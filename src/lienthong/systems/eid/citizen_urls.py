"""The portal's routes of this room."""

from django.urls import path

from lienthong.blocks.access.principals import Kind
from lienthong.systems.eid import pages

urlpatterns = [
    path("sign-in/", pages.sign_in, {"kind": Kind.PERSON}, name="sign-in"),
    path("sign-in/code/", pages.sign_in_code, {"kind": Kind.PERSON}, name="sign-in-code"),
    path("sign-out/", pages.sign_out, name="sign-out"),
    path("notices/report/", pages.delivery_report, name="notices-report"),
]
