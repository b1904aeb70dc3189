"""The console's routes of this room."""

from django.urls import path

from lienthong.systems.ndxp.pages import clients, members, rights, services, watch

urlpatterns = [
    path("connections/", watch.hub, name="connections"),
    path("connections/members/", members.member_list, name="members"),
    path("connections/members/join/", members.member_join, name="member-join"),
    path("connections/members/<path:name>/", members.member, name="member"),
    path("connections/open/<path:name>/", members.subsystem_open, name="subsystem-open"),
    path("connections/systems/<path:name>/", services.subsystem, name="subsystem"),
    path("connections/clients/<path:name>/", clients.clients, name="clients"),
    path("connections/publish/<path:name>/", services.publish, name="publish"),
    path("connections/withdraw/<path:name>/", services.withdraw, name="withdraw"),
    path("connections/requests/", rights.request_list, name="requests"),
    path("connections/requests/new/", rights.request_new, name="request-new"),
    path("connections/requests/<int:row_id>/", rights.request_page, name="request"),
    path("connections/requests/<int:row_id>/withdraw/", rights.request_withdraw, name="request-withdraw"),
    path("connections/agreements/", rights.agreement_list, name="agreements"),
    path("connections/agreements/<int:row_id>/", rights.agreement, name="agreement"),
    path("connections/groups/", members.group_list, name="groups"),
    path("connections/groups/<str:code>/", members.group, name="group"),
    path("connections/groups/<str:code>/grant/", rights.group_grant, name="group-grant"),
    path("connections/quotas/", watch.quotas, name="quotas"),
    path("connections/certificates/", watch.certificates, name="certificates"),
    path("connections/gateways/", watch.gateways, name="gateways"),
    path("connections/messages/", watch.messages, name="messages"),
    path("connections/traffic/", watch.traffic, name="traffic"),
]
