"""The services of `contract.py`."""

from __future__ import annotations

import base64

from lienthong.blocks.casework import files
from lienthong.blocks.exchange.contract import Done
from lienthong.blocks.exchange.provide import CallContext
from lienthong.ground.text import Text
from lienthong.systems.lifeevents import contract, services
from lienthong.systems.lifeevents.models import Draft


def dossier_events(request: contract.DossierChange, context: CallContext) -> Done:
    services.dossier_changed(
        sender=str(context.client), change=request.model_dump(mode="json"), message_id=context.message_id
    )
    return Done()


def files_get(request: contract.FileAsk, context: CallContext) -> contract.FileGiven:
    owner = (
        Draft.objects.filter(files__contains=[{"sha256": request.sha256}])
        .values_list("owner", flat=True)
        .first()
    )
    if owner is not None:
        context.note_read(owner, Text("giấy tờ đính kèm hồ sơ", "papers attached to a dossier"))
    return contract.FileGiven(content_base64=base64.b64encode(files.file_read(request.sha256)).decode())
