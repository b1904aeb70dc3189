"""A foreign mother in birth registration: which agency, which nationality, what is written; each with its article."""

from datetime import datetime
from pathlib import Path

import pytest

from lienthong.blocks.registry.base import Provenance
from lienthong.nation.examples import Played, example_play, examples_of
from lienthong.nation.families import Stage
from lienthong.systems.civilstatus import services as civilstatus
from lienthong.systems.civilstatus.models import Birth
from lienthong.systems.fees.models import Bill
from lienthong.systems.procedures.services import packages_publish
from tests.systems.country import BA_DINH, HOAN_KIEM

BIRTH = Path(__file__).resolve().parents[3] / "content" / "procedures" / "1.001193"
EXAMPLES = {example.name: example for example in examples_of(BIRTH)}
pytestmark = pytest.mark.django_db


def played(name: str) -> Played:
    packages_publish()
    return example_play(EXAMPLES[name], Stage(HOAN_KIEM, BA_DINH))


def test_the_commune_registers_the_child_of_a_foreign_mother(country: datetime) -> None:
    """Law on Civil Status 60/2014/QH13, art. 35-36; the commune's since 1 July 2025 (Decree 120/2025/NĐ-CP).

    Her child is Vietnamese as the parents agreed (Law on Nationality 24/2008/QH12, art. 16(2)); she stands in the
    register by her passport, without a number, and the fee of a foreign element is due.
    """
    ended = played("foreign-mother")
    [dossier] = ended.children
    assert dossier.outcome == "granted"
    assert dossier.agency.startswith("H26.")  # a commune's committee, no district's
    assert [result.code for result in dossier.results] == ["KQ.G15.000001"]
    birth = Birth.objects.get()
    assert (birth.mother_number, birth.mother_name) == ("", "Emma Louise Schmidt")
    assert (birth.mother_nationality, birth.mother_document[:11]) == ("Đức", "Hộ chiếu số")
    assert birth.nationality == "Việt Nam"
    assert birth.hash == birth.computed_hash()
    assert Bill.objects.get(reference=dossier.number).total == 75000


def test_the_parents_may_agree_on_the_mothers_nationality(country: datetime) -> None:
    """Law on Nationality, art. 16(2): as agreed in writing when the birth is registered."""
    played("foreign-nationality")
    assert Birth.objects.get().nationality == "Đức"


def test_without_the_written_agreement_the_application_is_not_sent(country: datetime) -> None:
    """Law on Civil Status, art. 36(1); what is missing is said in words before anything is sent."""
    assert played("foreign-no-agreement").problem == "document-missing"
    assert not Birth.objects.exists()


def test_what_was_registered_before_keeps_its_hash_and_a_correction_keeps_the_passport(
    country: datetime,
) -> None:
    """The columns came later: a record without them is hashed as before; a new version takes them along."""
    ended = played("foreign-mother")
    birth = Birth.objects.get()
    assert "mother_document" in birth.content()
    birth.mother_document = ""
    assert "mother_document" not in birth.content()
    corrected = civilstatus.birth_correct(
        certificate_number=birth.key,
        changes={"birth_place": "Bệnh viện Bạch Mai, Hà Nội"},
        provenance=Provenance(birth.agency, reason="Ghi sai nơi sinh"),
        sender="VN/GOV/G15/civilstatus",
        at=ended.ended_at,
    )
    assert corrected.mother_document.startswith("Hộ chiếu số")
    assert corrected.hash == corrected.computed_hash()
