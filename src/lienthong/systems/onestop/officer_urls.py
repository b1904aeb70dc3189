"""The desk's routes of this room."""

from django.urls import path

from lienthong.systems.onestop import pages

urlpatterns = [
    path("", pages.queue, name="queue"),
    path("search/", pages.search, name="search"),
    path("dossiers/<str:number>/", pages.dossier, name="dossier"),
    path("dossiers/<str:number>/<uuid:step>/claim/", pages.claim, name="claim"),
    path("dossiers/<str:number>/<uuid:step>/decide/", pages.decide, name="decide"),
    path("dossiers/<str:number>/files/<str:sha256>/", pages.file, name="file"),
    path("staff/", pages.staff, name="staff"),
]
