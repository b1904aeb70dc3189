"""The portal's routes of this room."""

from django.urls import path

from lienthong.systems.lifeevents import (
    acting_pages,
    appeal_pages,
    follow,
    pages,
    parcel_pages,
    signing_pages,
)

urlpatterns = [
    path("apply/<uuid:draft>/check/", pages.apply_check, name="apply-check"),
    path("apply/<uuid:draft>/<slug:page>/", pages.apply_page, name="apply-page"),
    path("apply/<str:code>/", pages.apply_start, name="apply-start"),
    path("acting/", acting_pages.acting_for, name="acting"),
    path("authorisations/", acting_pages.granted, name="authorisations"),
    path("authorisations/grant/", acting_pages.grant, name="authorisation-grant"),
    path("authorisations/<str:key>/withdraw/", acting_pages.withdraw, name="authorisation-withdraw"),
    path("sign/<str:number>/", signing_pages.sign, name="sign"),
    path("sign/<str:number>/<str:sha256>/", signing_pages.sign_file, name="sign-file"),
    path("dossiers/", follow.dossiers, name="dossiers"),
    path("dossiers/<str:number>/", follow.dossier, name="dossier"),
    path("dossiers/<str:number>/withdraw/", follow.withdraw, name="dossier-withdraw"),
    path("dossiers/<str:number>/post/", parcel_pages.post, name="dossier-post"),
    path("dossiers/<str:number>/rate/", follow.rate, name="dossier-rate"),
    path("dossiers/<str:number>/complain/<str:child>/", appeal_pages.complain, name="dossier-complain"),
    path("dossiers/<str:number>/complain-again/", appeal_pages.complain_again, name="dossier-complain-again"),
    path("dossiers/<str:number>/feedback/<str:child>/", appeal_pages.feedback, name="dossier-feedback"),
    path("dossiers/<str:number>/supplement/<str:child>/", follow.supplement, name="dossier-supplement"),
]
