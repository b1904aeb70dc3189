"""The desk's routes of this room."""

from django.urls import path

from lienthong.systems.lifeevents import intake_pages, parcel_pages, scan_pages

urlpatterns = [
    path("intake/", intake_pages.home, name="intake"),
    path("intake/<uuid:draft>/", intake_pages.applicant, name="intake-person"),
    path("intake/<uuid:draft>/drop/", intake_pages.drop, name="intake-drop"),
    path("intake/<uuid:draft>/check/", intake_pages.check, name="intake-check"),
    path("intake/<uuid:draft>/receipt/", intake_pages.receipt, name="intake-receipt"),
    path("intake/<uuid:draft>/post/", parcel_pages.intake_post, name="intake-post"),
    path("intake/<uuid:draft>/scan/", scan_pages.stack, name="intake-scan"),
    path("intake/<uuid:draft>/scan/drop/", scan_pages.drop, name="intake-scan-drop"),
    path("intake/<uuid:draft>/scan/file/", scan_pages.stack_file, name="intake-scan-file"),
    path("intake/<str:code>/sheets/", scan_pages.sheets, name="intake-sheets"),
    path("intake/<uuid:draft>/<slug:page>/", intake_pages.page, name="intake-page"),
    path("intake/<str:code>/", intake_pages.start, name="intake-start"),
]
