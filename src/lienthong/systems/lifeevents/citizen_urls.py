"""The portal's routes of this room."""

from django.urls import path

from lienthong.systems.lifeevents import follow, pages

urlpatterns = [
    path("apply/<uuid:draft>/check/", pages.apply_check, name="apply-check"),
    path("apply/<uuid:draft>/<slug:page>/", pages.apply_page, name="apply-page"),
    path("apply/<str:code>/", pages.apply_start, name="apply-start"),
    path("dossiers/", follow.dossiers, name="dossiers"),
    path("dossiers/<str:number>/", follow.dossier, name="dossier"),
    path("dossiers/<str:number>/withdraw/", follow.withdraw, name="dossier-withdraw"),
    path("dossiers/<str:number>/rate/", follow.rate, name="dossier-rate"),
    path("dossiers/<str:number>/supplement/<str:child>/", follow.supplement, name="dossier-supplement"),
]
