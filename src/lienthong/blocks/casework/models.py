"""Procedures compiled to step rows; cases, their steps, signals, deadlines, results and journal."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from lienthong.blocks.casework import retention_models  # noqa: F401 - Django looks for tables in this module
from lienthong.blocks.casework.parcel_models import Parcel, PostList  # noqa: F401 - Django looks for tables in this module


class Procedure(models.Model):
    """One published version of a procedure package; a case keeps the version that it began under."""

    code = models.CharField("mã thủ tục", max_length=40)
    version = models.PositiveIntegerField()
    valid = DateRangeField("hiệu lực")
    name_vi = models.CharField(max_length=300)
    name_en = models.CharField(max_length=300)
    agency_kind = models.CharField(max_length=40)
    level = models.CharField("mức độ", max_length=8)  # full (toàn trình) | partial (một phần) | none
    essential = models.BooleanField("thiết yếu", default=False)
    package = models.JSONField()
    package_hash = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="procedure_version")]


class StepDefinition(models.Model):
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="steps")
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField()
    config = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["procedure", "key"], name="step_definition_key")]


class Transition(models.Model):
    """target: a step's key, or `end:<outcome>`."""

    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="transitions")
    source = models.CharField(max_length=40)
    outcome = models.CharField(max_length=40)
    target = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "source", "outcome", "target"], name="transition_once"
            )
        ]


class NumberCounter(models.Model):
    """The last dossier number of an agency's day; locked by the transaction that creates the dossier."""

    agency = models.CharField(max_length=32)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "day"], name="number_counter_day")]


class NumberReservation(models.Model):
    """A number given to another system; unused at the end of its day, it is listed as void."""

    number = models.CharField(max_length=60, primary_key=True)
    agency = models.CharField(max_length=32)
    reserved_for = models.CharField(max_length=120)
    reserved_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)


class Case(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("mã hồ sơ", max_length=60)
    system = models.CharField(max_length=40)  # the room that keeps the case: onestop, lifeevents
    agency = models.CharField("cơ quan giải quyết", max_length=32)
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT)
    applicant = models.CharField("người nộp", max_length=32)
    applicant_name = models.CharField(max_length=120)
    acting = models.JSONField(
        "người nộp thay", default=dict
    )  # number, name, basis, role, source, until, kind
    channel = models.CharField(
        "kênh tiếp nhận", max_length=8
    )  # online | counter | post; agency: asked by one
    language = models.CharField(max_length=2, default="vi")
    data = models.JSONField("tờ khai")
    title = models.CharField(max_length=200, blank=True)
    status = models.PositiveSmallIntegerField("trạng thái")
    outcome = models.CharField("kết quả", max_length=16, blank=True)
    revision = models.PositiveIntegerField(default=0)
    reply_to = models.CharField(max_length=240, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    told = models.CharField(max_length=64, blank=True)  # hash of what `reply_to` was told last
    by_post = models.BooleanField(
        "nhận kết quả qua bưu chính", default=False, db_default=False
    )  # so: it has a Parcel
    opened_at = models.DateTimeField()
    received_on = models.DateField("ngày tiếp nhận")
    due_at = models.DateTimeField("hạn trả", null=True)
    paused_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        # Not `unique` of the field, which would bring a second index, for beginnings of numbers that nobody looks for.
        constraints = [models.UniqueConstraint(fields=["number"], name="case_number")]
        indexes = [
            models.Index(fields=["applicant", "-opened_at"], name="case_applicant"),
            models.Index(fields=["agency", "due_at"], condition=Q(closed_at=None), name="case_open_due"),
            models.Index(fields=["agency", "-opened_at"], name="case_agency"),
            models.Index(fields=["agency", "closed_at"], condition=~Q(closed_at=None), name="case_closed"),
        ]


class Step(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Without an index of its own: step_round begins with the case.
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps", db_index=False)
    agency = models.CharField(max_length=32)  # the case's, here too for the queue's index
    key = models.CharField(max_length=40)
    round = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=8)
    state = models.CharField(max_length=10)
    outcome = models.CharField(max_length=40, blank=True)
    role = models.CharField(max_length=32, blank=True)
    assignee = models.CharField(max_length=32, blank=True)
    officer = models.JSONField(default=dict)  # who completed a task: code, name, title
    request = models.JSONField(null=True)
    message_id = models.UUIDField(null=True)
    answer = models.JSONField(null=True)
    problem = models.JSONField(null=True)
    signal = models.CharField(max_length=60, blank=True)
    tries = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "key", "round"], name="step_round")]
        indexes = [
            models.Index(fields=["agency", "due_at", "id"], condition=Q(state="open"), name="step_queue"),
            models.Index(
                fields=["retry_at"], condition=Q(state__in=["ready", "calling"]), name="step_to_run"
            ),
            models.Index(fields=["state"], condition=Q(state="stuck"), name="step_stuck"),
            models.Index(
                fields=["agency", "assignee"],
                condition=Q(state__in=["open", "suspended"]) & ~Q(assignee=""),
                name="step_in_hand",
            ),
        ]


class Signal(models.Model):
    """Something told to a case; kept until a step takes it, since it may come before the step waits."""

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="signals")
    name = models.CharField(max_length=60)
    payload = models.JSONField()
    received_at = models.DateTimeField()
    taken_by = models.ForeignKey(Step, null=True, on_delete=models.PROTECT, related_name="+")


class Child(models.Model):
    """A dossier of another agency that belongs to a parent case, known by subsystem and number only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="children")
    step_key = models.CharField(max_length=40)
    subsystem = models.CharField(max_length=120)
    agency = models.CharField(max_length=32)
    procedure = models.CharField(max_length=40)
    number = models.CharField(max_length=60)
    status = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=16, blank=True)
    due_at = models.DateTimeField(null=True)
    reason = models.JSONField(null=True)
    bill = models.JSONField(null=True)
    supplement = models.JSONField(null=True)
    results = models.JSONField(default=list)
    apology = models.JSONField(null=True)
    parcel = models.JSONField(null=True)  # papers by post: state, tracking, why, at
    opinions = models.JSONField(default=list)  # agencies whose opinion is waited for: agency, until
    disposal = models.JSONField(null=True)  # the agency disposed of it: at, number, decided_on, signed_by
    changed_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)  # of the dossier, as it told of itself last

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subsystem", "number"], name="child_once")]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(outcome="") & (Q(supplement__isnull=False) | Q(bill__isnull=False)),
                name="child_waiting",
            )
        ]


class Deadline(models.Model):
    """A moment at which the law expects something; swept by a job, never a queue's timer."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    step = models.ForeignKey(Step, null=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=16)  # supplement | wait | escalate
    due_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(handled_at=None), name="deadline_due")]


class StatusChange(models.Model):
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="status_changes")
    before = models.PositiveSmallIntegerField()
    after = models.PositiveSmallIntegerField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()


class Closing(models.Model):
    """How and when a case ended; written once."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True)
    outcome = models.CharField(max_length=16)
    due_at = models.DateTimeField(null=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    on_time = models.BooleanField()


class Supplement(models.Model):
    """A written request for what is missing (Decree 61/2018, art. 17) and its answer."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="supplements")
    step = models.ForeignKey(Step, on_delete=models.PROTECT)
    reason = models.TextField()
    asked_by = models.JSONField()
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    documents = models.JSONField(default=list)
    answered_at = models.DateTimeField(null=True)


class Result(models.Model):
    """A paper that a case issued: the file is content-addressed, its state may change later."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="results")
    step = models.ForeignKey(Step, on_delete=models.PROTECT)
    code = models.CharField("mã kết quả", max_length=40)
    number = models.CharField("số ký hiệu", max_length=60)
    title_vi = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    owners = models.JSONField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    check_code = models.CharField(max_length=20, unique=True)
    signatures = models.PositiveSmallIntegerField()
    issued_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["number", "code"], name="result_number"),
            models.Index(fields=["sha256"], name="result_file"),
        ]


class CaseFile(models.Model):
    """A file that came with a case, kept under its SHA-256."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="files")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    media_type = models.CharField(max_length=80)
    kind = models.CharField(
        max_length=16
    )  # digitised component (Circular 01/2023): earlier | sector | management
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="case_file_file")]


class Entry(models.Model):
    """The journal of a case, one line for each thing done, never changed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    kind = models.CharField(max_length=32)
    vi = models.TextField()
    en = models.TextField()


class Rating(models.Model):
    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True)
    score = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    rated_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(score__range=(1, 5)), name="rating_one_to_five")]


class Absence(models.Model):
    """Days on which an officer is away, and who decides in their place."""

    officer = models.CharField("cán bộ vắng", max_length=32)
    agency = models.CharField(max_length=32)
    substitute = models.CharField("người thay", max_length=32)
    from_day = models.DateField()
    to_day = models.DateField()  # the last day away
    recorded_by = models.CharField(max_length=32)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["agency", "to_day"], name="absence_agency")]
        constraints = [
            models.CheckConstraint(condition=Q(to_day__gte=models.F("from_day")), name="absence_days"),
        ]


class Apology(models.Model):
    """The letter for a dossier that is late (phiếu xin lỗi và hẹn lại), one for each dossier."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True)
    due_before = models.DateTimeField("ngày hẹn trả trước")
    promised_at = models.DateTimeField("ngày hẹn trả mới")
    reason = models.TextField(blank=True)
    changed_by = models.JSONField(default=dict)  # the officer who gave another day: code, name
    written_at = models.DateTimeField()


class MovedIn(models.Model):
    """A dossier that another one-stop system began; agency and former number know it again."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="moved_in")
    agency = models.CharField(max_length=32)
    former_number = models.CharField("mã hồ sơ cũ", max_length=60)
    paid = models.BooleanField("đã nộp phí")  # there: no bill is asked for here
    source = models.CharField(max_length=120)
    taken_in_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "former_number"], name="moved_in_once")]
