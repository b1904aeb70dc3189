from django.db import models


class Certificate(models.Model):
    """A signer's certificate; its private key is a file of the authority, never a row."""

    KINDS = [("member", "Cơ quan, tổ chức"), ("officer", "Cán bộ"), ("authority", "Hệ thống")]

    subject_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=KINDS)
    serial = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64, unique=True)
    pem = models.TextField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "trust_certificate"
        verbose_name = "chứng thư chữ ký số"
        indexes = [models.Index(fields=["subject_id", "-not_before"], name="trust_certificate_subject")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(not_before__lt=models.F("not_after")), name="trust_certificate_validity"
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True) | ~models.Q(revocation_reason=""),
                name="trust_certificate_revocation_reason",
            ),
        ]
