"""The check of who may apply by a package, and who else must sign."""

from __future__ import annotations

from typing import Any, Final

from lienthong.blocks.access.principals import Basis
from lienthong.blocks.casework.package_source import Source

APPLICANTS: Final = frozenset({"person", "organisation"})
REPRESENTATION: Final = frozenset(basis.value for basis in Basis)


def people_check(source: Source) -> None:
    """Every mistake of `applicants`, `representation`, `signers` and `signing`."""
    raw = source.value
    signers_check(source)
    _listed(source, "applicants", raw.get("applicants"), APPLICANTS, "kind of applicant")
    _listed(source, "representation", raw.get("representation"), REPRESENTATION, "right to act for another")
    applicants, representation = raw.get("applicants") or ["person"], raw.get("representation")
    if not isinstance(applicants, list) or not isinstance(representation, (list, type(None))):
        return
    if raw.get("linked") and "organisation" in applicants:
        said = "a linked procedure takes no organisation: its parts know of no representative"
        source.add(("applicants",), said, "leave «applicants» out, or take organisations in the parts")
    takes, admits = "organisation" in applicants, "representative" in (representation or REPRESENTATION)
    if takes and not admits:
        said = "organisations may apply, and nobody may represent one"
        source.add(("representation",), said, "add representative, or leave «representation» out")
    if not takes and representation and "representative" in representation:
        said = "representatives are admitted, and no organisation may apply"
        source.add(("representation",), said, "add organisation to «applicants», or drop representative")


def signers_check(source: Source) -> None:
    """Every mistake of `signers` and of how long they have."""
    raw = source.value
    rows = source.rows(("signers",), raw.get("signers"), "signers")
    for at, row in rows:
        source.keys(at, row, "number name role", "when", "a signer")
        source.words((*at, "role"), row.get("role"), "the role of a signer")
        source.template(at, {name: row.get(name) for name in ("number", "name")})
        if "when" in row:
            source.expression((*at, "when"), row["when"])
    if rows and raw.get("linked"):
        source.add(("signers",), "a linked procedure has no further signers", "move them to the parts")
    if rows and raw.get("signing") is None:
        source.add(("signers",), "nothing says how long the signers have", "add «signing» with working_days")
    if raw.get("signing") is not None:
        limit = source.mapping(("signing",), raw["signing"], "signing")
        source.keys(("signing",), limit, "working_days", "article", "signing")
        days = limit.get("working_days", 1)
        if not isinstance(days, int) or days < 1:
            source.add(
                ("signing", "working_days"),
                f"«{days}» is no number of days",
                "write a whole number from 1 on",
            )
        if not rows:
            source.add(
                ("signing",), "there is a time to sign, and nobody to sign", "add «signers», or drop it"
            )


def _listed(source: Source, name: str, given: Any, known: frozenset[str], said: str) -> None:
    if given is None:
        return
    if not isinstance(given, list):
        source.add((name,), f"«{name}» is not a list", f"write [{', '.join(sorted(known))}] or some of them")
        return
    if not given and name == "applicants":
        source.add((name,), "nobody may apply", "name person, organisation or both")
    for index, value in enumerate(given):
        source.one_of((name, index), str(value), known, (said, ", ".join(sorted(known))))
