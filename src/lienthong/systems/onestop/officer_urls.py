"""The desk's routes of this room."""

from django.urls import path

from lienthong.systems.onestop import pages, post_pages, retention_pages, work_pages

urlpatterns = [
    path("", pages.queue, name="queue"),
    path("search/", pages.search, name="search"),
    path("dossiers/<str:number>/", pages.dossier, name="dossier"),
    path("dossiers/<str:number>/<uuid:step>/claim/", pages.claim, name="claim"),
    path("dossiers/<str:number>/<uuid:step>/decide/", pages.decide, name="decide"),
    path("dossiers/<str:number>/files/<str:sha256>/", pages.file, name="file"),
    path("dossiers/<str:number>/<uuid:step>/assign/", work_pages.assign, name="assign"),
    path("dossiers/<str:number>/redate/", work_pages.redate, name="redate"),
    path("several/", work_pages.several, name="several"),
    path("work/", work_pages.work, name="work"),
    path("post/", post_pages.post, name="post"),
    path("post/<int:handed>/", post_pages.post_list, name="post-list"),
    path("retention/", retention_pages.retention, name="retention"),
    path("retention/<int:decision>/record/", retention_pages.record, name="retention-record"),
    path("staff/", pages.staff, name="staff"),
]
