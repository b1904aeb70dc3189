"""The console's routes of this room."""

from django.urls import path

from lienthong.systems.procedures import console_pages

urlpatterns = [
    path("procedures/", console_pages.procedure_list, name="procedures"),
    path("procedures/<str:code>/", console_pages.procedure, name="procedure"),
]
