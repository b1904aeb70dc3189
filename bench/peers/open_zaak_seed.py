"""What Open Zaak needs before it takes a case, made through its own API; and a case with many documents."""

import base64
import json
from typing import Any

from bench.load import Talk, send
from bench.peers.open_zaak import ORGANISATION, OpenZaak, zaak_body
from lienthong.ground import clock


def post(peer: OpenZaak, path: str, body: Any) -> dict[str, Any]:
    import httpx

    answer = httpx.post(peer.url(path), headers=peer.headers(), json=body, timeout=60)
    if not answer.is_success:
        raise RuntimeError(f"Open Zaak {path}: {answer.status_code} {answer.text[:2000]}")
    return answer.json() if answer.content else {}


def types_make(peer: OpenZaak) -> dict[str, str]:
    """A published case type with two status types, a role type, and a document type: their addresses."""
    base = "/catalogi/api/v1"
    catalogue = post(
        peer,
        f"{base}/catalogussen",
        {
            "domein": "BENCH",
            "rsin": ORGANISATION,
            "contactpersoonBeheerNaam": "bench",
            "naam": "bench",
        },
    )["url"]
    zaaktype = post(peer, f"{base}/zaaktypen", _zaaktype(catalogue))["url"]
    first, _last = (
        post(
            peer,
            f"{base}/statustypen",
            {"zaaktype": zaaktype, "omschrijving": name, "volgnummer": place},
        )["url"]
        for place, name in enumerate(("received", "done"), start=1)
    )
    roltype = post(
        peer,
        f"{base}/roltypen",
        {"zaaktype": zaaktype, "omschrijving": "applicant", "omschrijvingGeneriek": "initiator"},
    )["url"]
    document = post(
        peer,
        f"{base}/informatieobjecttypen",
        {
            "catalogus": catalogue,
            "omschrijving": "paper",
            "vertrouwelijkheidaanduiding": "zaakvertrouwelijk",
            "beginGeldigheid": "2024-01-01",
            "informatieobjectcategorie": "paper",
        },
    )["url"]
    post(
        peer,
        f"{base}/zaaktype-informatieobjecttypen",
        {"zaaktype": zaaktype, "informatieobjecttype": document, "volgnummer": 1, "richting": "inkomend"},
    )
    post(peer, document.removeprefix(peer.url("")) + "/publish", {})
    _publish(peer, zaaktype)
    return {"zaaktype": zaaktype, "statustype": first, "roltype": roltype, "informatieobjecttype": document}


def _publish(peer: OpenZaak, zaaktype: str) -> None:
    """By its row: through the API it would need a result type, whose class is fetched from a internet service."""
    import psycopg

    with psycopg.connect(peer.database) as connection:
        statement = "update catalogi_zaaktype set concept = false where uuid = %s"
        connection.execute(statement, [zaaktype.rsplit("/", 1)[-1]])


def _zaaktype(catalogue: str) -> dict[str, Any]:
    return {
        "catalogus": catalogue,
        "identificatie": "BENCH",
        "omschrijving": "bench",
        "vertrouwelijkheidaanduiding": "zaakvertrouwelijk",
        "doel": "bench",
        "aanleiding": "bench",
        "indicatieInternOfExtern": "extern",
        "handelingInitiator": "apply",
        "onderwerp": "bench",
        "handelingBehandelaar": "settle",
        "doorlooptijd": "P30D",
        "opschortingEnAanhoudingMogelijk": False,
        "verlengingMogelijk": False,
        "publicatieIndicatie": False,
        "productenOfDiensten": [],
        "referentieproces": {"naam": "bench"},
        "verantwoordelijke": ORGANISATION,
        "gerelateerdeZaaktypen": [],
        "besluittypen": [],
        "beginGeldigheid": "2024-01-01",
        "versiedatum": "2024-01-01",
    }


def documents_bring(peer: OpenZaak, *, count: int) -> str:
    """A case with so many documents: its address."""
    today = str(clock.today())
    zaak = post(peer, "/zaken/api/v1/zaken", zaak_body(peer.types["zaaktype"], today))["url"]
    talks = [_document(peer, zaak, place, today) for place in range(count)]
    outcome = send("127.0.0.1", peer.port, talks, clients=4)
    if outcome.statuses != {201: 2 * count}:
        raise RuntimeError(f"{count} documents, statuses {outcome.statuses}")
    return zaak


def _document(peer: OpenZaak, zaak: str, place: int, today: str) -> Talk:
    body = {
        "bronorganisatie": ORGANISATION,
        "creatiedatum": today,
        "titel": f"paper {place}",
        "auteur": "bench",
        "taal": "vie",
        "formaat": "text/plain",
        "bestandsnaam": f"paper-{place}.txt",
        "bestandsomvang": 1000,
        "inhoud": base64.b64encode(b"x" * 1000).decode(),
        "informatieobjecttype": peer.types["informatieobjecttype"],
    }
    made = yield peer.request("POST", "/documenten/api/v1/enkelvoudiginformatieobjecten", body)
    link = {"zaak": zaak, "informatieobject": json.loads(made)["url"]}
    yield peer.request("POST", "/zaken/api/v1/zaakinformatieobjecten", link)
