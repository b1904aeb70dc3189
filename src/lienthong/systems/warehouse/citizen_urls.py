"""The portal's routes of this room."""

from django.urls import path

from lienthong.systems.warehouse import pages

urlpatterns = [
    path("documents/", pages.documents, name="documents"),
    path("documents/<uuid:document>/", pages.document, name="document"),
    path("documents/<uuid:document>/file/", pages.document_file, name="document-file"),
    path("check/", pages.check, name="check"),
    path("check/<str:code>/", pages.check_code, name="check-code"),
]
