"""Members, subsystems, services, agreements; the message log with its seals; the inbox; the outbox."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from lienthong.blocks.exchange.wire import BY_DOOR


class Member(models.Model):
    """code: the agency's identifier; the signing key lies with `trust` under the member's name."""

    name = models.CharField(max_length=80, primary_key=True)  # VN/GOV/G01
    code = models.CharField(max_length=32, db_index=True)
    title_vi = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    joined_at = models.DateTimeField()


class Gateway(models.Model):
    """A gateway of the exchange; address: where the other gateways reach it.

    tls_folder: the folder of its connection's certificate, where the worker reaches it and so renews it.
    """

    server = models.CharField(max_length=120, primary_key=True)  # VN/GOV/G22/gw1
    address = models.CharField(max_length=200)
    tls_folder = models.CharField(max_length=400, blank=True)


class GatewayHealth(models.Model):
    """What a gateway said of itself when it was last asked (`/health`).

    answered_at: when it last answered at all; told: its answer; problem: why there was none, as the network said it;
    tls_until: until when the certificate holds that it showed.
    """

    gateway = models.OneToOneField(Gateway, primary_key=True, on_delete=models.CASCADE)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(default=0)
    told = models.JSONField(default=dict)
    problem = models.CharField(max_length=200, blank=True)
    tls_until = models.DateTimeField(null=True)


class Subsystem(models.Model):
    """hosted: this instance runs it. gateway: the one behind which the others find it.

    framed: it speaks Lienthong's frames, signed end to end; otherwise a plain system behind its gateway.
    described: a plain system that has published services, and so offers those alone.
    connection: how its information systems connect to the gateway, one of `wire.CONNECTIONS`.
    """

    name = models.CharField(max_length=120, primary_key=True)  # VN/GOV/G01/population
    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    system = models.CharField(max_length=40, db_index=True)
    hosted = models.BooleanField(default=True)
    gateway = models.ForeignKey(Gateway, null=True, on_delete=models.PROTECT)
    framed = models.BooleanField(default=True)
    described = models.BooleanField(default=False)
    connection = models.CharField(max_length=6, default=BY_DOOR)
    national = models.BooleanField(default=False)  # the one provider of its system in the country


class ConnectionChange(models.Model):
    """Who changed a subsystem's connection type, to what, and when."""

    subsystem = models.ForeignKey(Subsystem, on_delete=models.CASCADE)
    connection = models.CharField(max_length=6)
    changed_by = models.CharField(max_length=32)
    changed_at = models.DateTimeField()


class ClientCertificate(models.Model):
    """A certificate with which an information system of the subsystem connects to the gateway; kept when withdrawn.

    fingerprint: SHA-256 of the DER form, hex; content: that form.
    """

    subsystem = models.ForeignKey(Subsystem, on_delete=models.CASCADE)
    fingerprint = models.CharField(max_length=64)
    content = models.BinaryField()
    added_by = models.CharField(max_length=32)
    added_at = models.DateTimeField()
    withdrawn_by = models.CharField(max_length=32, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subsystem", "fingerprint"],
                condition=Q(withdrawn_at=None),
                name="client_certificate_once",
            )
        ]


class Document(models.Model):
    """A description of services, an OpenAPI or WSDL file, found by its SHA-256.

    content: as it was uploaded, but that an OpenAPI's servers keep their path alone (`descriptions`).
    """

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    uploaded_at = models.DateTimeField()


class PublishedService(models.Model):
    """A service that stands behind a subsystem's gateway, as its description says.

    path: where it begins on the system's address; endpoints: pairs of method (or `*`) and path pattern, REST only;
    versions: those of a SOAP operation, none where it has none.
    """

    subsystem = models.ForeignKey(Subsystem, on_delete=models.CASCADE)
    code = models.CharField(max_length=120)
    type = models.CharField(max_length=8)  # REST | OPENAPI | SOAP
    title_vi = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    path = models.CharField(max_length=200, blank=True)
    endpoints = models.JSONField(default=list)
    versions = models.JSONField(default=list)
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subsystem", "code"], name="published_service_once")]


class ContractService(models.Model):
    """A service that a system of Lienthong offers wherever it runs: one row for all its subsystems.

    The document is generated from the room's contract (`contract_openapi`).
    """

    system = models.CharField(max_length=40)
    code = models.CharField(max_length=120)
    title_vi = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    endpoints = models.JSONField(default=list)
    document = models.ForeignKey(Document, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="contract_service_once")]


class Group(models.Model):
    """Subsystems that are given rights together; an agreement names it `group:<code>`."""

    code = models.CharField(max_length=60, primary_key=True)
    title_vi = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    members = models.ManyToManyField(Subsystem)


class Agreement(models.Model):
    """Who may call what, for which purpose, until when, how often.

    client: a subsystem, `VN/GOV/*/onestop` for any member's, or `group:<code>`. endpoints: pairs of method (or `*`)
    and path pattern, to which the right is narrowed; none: the whole service.
    """

    client = models.CharField(max_length=120)
    service = models.CharField(max_length=120)
    purpose = models.CharField(max_length=60)
    legal_basis = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    daily_quota = models.PositiveIntegerField(null=True)
    endpoints = models.JSONField(default=list)
    granted_by = models.CharField(max_length=32)
    ended_by = models.CharField(max_length=32, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Two agencies may run systems of one name: each grants rights to its own.
            models.UniqueConstraint(
                fields=["client", "service", "purpose", "granted_by"],
                condition=Q(valid_to=None),
                name="agreement_once",
            )
        ]
        indexes = [models.Index(fields=["service", "granted_by"], name="agreement_service")]


class AgreementRequest(models.Model):
    """One agency asks another for a right, and is answered: who and when of both is kept.

    asker, grantor: codes of the two agencies. The terms are those that were asked for; what was granted stands in
    the agreement. reason: why the asker needs it, `answer` why it was refused or narrowed.
    """

    STATES = [(state, state) for state in ("waiting", "granted", "refused", "withdrawn")]

    client = models.CharField(max_length=120)
    provider = models.CharField(max_length=120)
    service = models.CharField(max_length=120)  # as an agreement names it: data/persons
    asker = models.CharField(max_length=32)
    grantor = models.CharField(max_length=32)
    endpoints = models.JSONField(default=list)
    purpose = models.CharField(max_length=60)
    legal_basis = models.TextField()
    reason = models.TextField(blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    daily_quota = models.PositiveIntegerField(null=True)
    asked_by = models.CharField(max_length=32)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    decided_by = models.CharField(max_length=32, blank=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    narrowed = models.BooleanField(default=False)
    agreement = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT)

    class Meta:
        indexes = [
            models.Index(fields=["asker", "-id"], name="request_asker"),
            models.Index(fields=["grantor", "-id"], name="request_grantor"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "provider", "service", "purpose"],
                condition=Q(state="waiting"),
                name="request_waits_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(agreement__isnull=False),
                name="request_granted_has_agreement",
            ),
        ]


class SandboxSystem(models.Model):
    """A newcomer's system behind the sandbox's gateway. asked_from: a digest of the address, to limit the rate."""

    subsystem = models.OneToOneField(Subsystem, primary_key=True, on_delete=models.CASCADE)
    asked_from = models.CharField(max_length=64)
    opened_at = models.DateTimeField(db_index=True)
    key_taken_at = models.DateTimeField(null=True)


class AgreementUse(models.Model):
    """Calls under an agreement with a quota, by day."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE)
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "day"], name="agreement_use_day")]


class Configuration(models.Model):
    """What the gateways work by, signed by the instance; the newest row counts."""

    made_at = models.DateTimeField()
    document = models.TextField()
    digest = models.CharField(max_length=64)
    signature = models.TextField()
    certificate = models.TextField()


class Message(models.Model):
    """One side's record of one exchange: heads' hashes and signatures, never the bodies."""

    side = models.CharField(max_length=8)  # client | provider
    message_id = models.UUIDField(db_index=True)
    client = models.CharField(max_length=120)
    provider = models.CharField(max_length=120)
    service = models.CharField(max_length=120)
    purpose = models.CharField(max_length=60)
    case = models.CharField(max_length=60, blank=True)
    officer = models.CharField(max_length=32, blank=True)
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField()
    problem = models.CharField(max_length=60, blank=True)
    repeats = models.BooleanField(default=False)
    request_head = models.TextField()
    request_signature = models.TextField()
    request_certificate = models.CharField(max_length=64)
    answer_head = models.TextField()
    answer_signature = models.TextField()
    answer_certificate = models.CharField(max_length=64)
    seal = models.ForeignKey(
        "Seal", null=True, on_delete=models.PROTECT, db_index=False
    )  # message_sealed has it
    seal_position = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(seal=None), name="message_unsealed"),
            models.Index(fields=["seal", "seal_position"], condition=~Q(seal=None), name="message_sealed"),
            models.Index(fields=["case"], condition=~Q(case=""), name="message_case"),
            models.Index(
                fields=["provider", "recorded_at"], condition=Q(side="provider"), name="message_provider"
            ),
        ]


class Seal(models.Model):
    """A batch of log rows bound into one chain; the head is signed by the instance."""

    sealed_at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    head = models.CharField(max_length=64)
    signature = models.TextField()
    certificate = models.CharField(max_length=64)


class Inbox(models.Model):
    """A write that took effect: the same id gives the same answer, and with another body it is refused."""

    client = models.CharField(max_length=120)
    message_id = models.UUIDField()
    service = models.CharField(max_length=120)
    body_hash = models.CharField(max_length=64)
    answer = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "message_id"], name="inbox_once")]


class Subscription(models.Model):
    """`subscriber` hears `event` through its service `service`."""

    event = models.CharField(max_length=120)
    subscriber = models.CharField(max_length=120)
    service = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber", "service"], name="subscription_once")
        ]


class Delivery(models.Model):
    """The outbox: an event or a read notice on its way, written with what it tells of."""

    id = models.UUIDField(primary_key=True)
    sender = models.CharField(max_length=120)
    receiver = models.CharField(max_length=120)
    service = models.CharField(max_length=120)
    purpose = models.CharField(max_length=60)
    case = models.CharField(max_length=60, blank=True)
    body = models.JSONField()
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    problem = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(delivered_at=None), name="delivery_waiting")
        ]
