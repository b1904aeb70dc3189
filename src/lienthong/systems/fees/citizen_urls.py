"""The portal's routes of this room."""

from django.urls import path

from lienthong.systems.fees import pages

urlpatterns = [
    path("pay/callback/", pages.pay_callback, name="pay-callback"),
    path("pay/<uuid:bill>/", pages.pay, name="pay"),
    path("pay/<uuid:bill>/return/", pages.pay_return, name="pay-return"),
    path("receipt/<uuid:bill>/", pages.receipt, name="receipt"),
    path("receipt/<uuid:bill>/pdf/", pages.receipt_pdf, name="receipt-pdf"),
    path("receipt/check/<str:code>/", pages.receipt_check, name="receipt-check"),
]
