"""The check of who may apply by a package, and who else must sign."""

from __future__ import annotations

from typing import Any, Final

from lienthong.blocks.access.principals import Basis
from lienthong.blocks.casework.package_source import Source

APPLICANTS: Final = frozenset({"person", "organisation"})
REPRESENTATION: Final = frozenset(basis.value for basis in Basis)


def people_check(source: Source) -> None:
    """Every mistake of `applicants` and `representation`."""
    raw = source.value
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
