"""What an agency's one-stop desk offers: open a dossier, follow it, answer it, fetch its result."""

from __future__ import annotations

from lienthong.blocks.exchange.contract import Action, Done, Event, Service
from lienthong.ground.text import Text
from lienthong.systems.onestop.bodies import (
    ApplicantAct,
    ComplaintFile,
    DossierAsk,
    DossierChanged,
    DossierOpen,
    DossierOpened,
    DossierRenew,
    DossierState,
    NumbersReserve,
    NumbersReserved,
    NumberUse,
    OpinionAsk,
    OpinionAsked,
    OpinionEnd,
    OpinionGive,
    ParcelAsk,
    RatingRecord,
    RenewalOrder,
    ResultAsk,
    ResultFile,
    Settlement,
    Signal,
    SupplementAnswer,
    VoidNumbers,
    VoidNumbersAsk,
)

BASIS = "Nghị định 118/2025/NĐ-CP"
NUMBERING = "Thông tư 03/2025/TT-VPCP"
COMPLAINTS = "Luật Khiếu nại 02/2011/QH13, Điều 31-32"


DOSSIERS_OPEN = Service(
    "onestop",
    "dossiers-open",
    Text("Mở hồ sơ", "Open a dossier"),
    Action.WRITE,
    DossierOpen,
    DossierOpened,
    BASIS,
)
DOSSIERS_GET = Service(
    "onestop",
    "dossiers-get",
    Text("Tình trạng hồ sơ", "State of a dossier"),
    Action.READ,
    DossierAsk,
    DossierState,
    BASIS,
    personal=True,
)
DOSSIERS_WITHDRAW = Service(
    "onestop", "dossiers-withdraw", Text("Rút hồ sơ", "Withdraw"), Action.WRITE, ApplicantAct, Done, BASIS
)
SUPPLEMENTS_ANSWER = Service(
    "onestop",
    "supplements-answer",
    Text("Bổ sung hồ sơ", "Answer a supplement request"),
    Action.WRITE,
    SupplementAnswer,
    Done,
    BASIS,
)
RATINGS_RECORD = Service(
    "onestop", "ratings-record", Text("Đánh giá", "Rate"), Action.WRITE, RatingRecord, Done, BASIS
)
PARCELS_ASK = Service(
    "onestop",
    "parcels-ask",
    Text("Nhận bản giấy qua bưu chính", "Have the paper by post"),
    Action.WRITE,
    ParcelAsk,
    Done,
    "Quyết định 45/2016/QĐ-TTg, Điều 5",
)
SETTLEMENTS_GET = Service(
    "onestop",
    "settlements-get",
    Text("Kết quả giải quyết khiếu nại, phản ánh", "How a complaint or feedback was settled"),
    Action.READ,
    DossierAsk,
    Settlement,
    COMPLAINTS,
    personal=True,
)
DOSSIERS_RENEW = Service(
    "onestop",
    "dossiers-renew",
    Text("Giải quyết lại hồ sơ sau khiếu nại", "Settle a dossier anew after a complaint"),
    Action.WRITE,
    DossierRenew,
    DossierOpened,
    COMPLAINTS,
)
COMPLAINTS_DISCLOSE = Service(
    "onestop",
    "complaints-disclose",
    Text("Hồ sơ khiếu nại lần đầu", "The file of a first complaint"),
    Action.READ,
    DossierAsk,
    ComplaintFile,
    "Luật Khiếu nại 02/2011/QH13, Điều 14, 15, 38",
    personal=True,
)
RENEWALS_ORDER = Service(
    "onestop",
    "renewals-order",
    Text("Yêu cầu giải quyết lại hồ sơ", "Order that a dossier be settled anew"),
    Action.WRITE,
    RenewalOrder,
    Done,
    "Luật Khiếu nại 02/2011/QH13, Điều 40",
)
RESULTS_FILE = Service(
    "onestop",
    "results-file",
    Text("Tệp kết quả", "A result's file"),
    Action.READ,
    ResultAsk,
    ResultFile,
    "Nghị định 45/2020/NĐ-CP, Điều 16",
    personal=True,
)
NUMBERS_RESERVE = Service(
    "onestop",
    "numbers-reserve",
    Text("Xin mã số hồ sơ", "Reserve dossier numbers"),
    Action.WRITE,
    NumbersReserve,
    NumbersReserved,
    NUMBERING,
)
NUMBERS_USE = Service(
    "onestop",
    "numbers-use",
    Text("Báo mã số hồ sơ đã dùng", "Tell that a reserved number is used"),
    Action.WRITE,
    NumberUse,
    Done,
    NUMBERING,
)
NUMBERS_VOID_LIST = Service(
    "onestop",
    "numbers-void-list",
    Text("Danh sách mã số hồ sơ bỏ trống", "Numbers that were reserved and not used"),
    Action.READ,
    VoidNumbersAsk,
    VoidNumbers,
    NUMBERING,
)
EVENTS_RECEIVE = Service(
    "onestop", "events-receive", Text("Nhận sự kiện", "Receive an event"), Action.WRITE, Signal, Done, BASIS
)
OPINIONS_ASK = Service(
    "onestop",
    "opinions-ask",
    Text("Hỏi ý kiến phối hợp giải quyết", "Ask for an opinion"),
    Action.WRITE,
    OpinionAsk,
    OpinionAsked,
    BASIS,
)
OPINIONS_GIVE = Service(
    "onestop",
    "opinions-give",
    Text("Trả lời ý kiến phối hợp", "Give an opinion that was asked for"),
    Action.WRITE,
    OpinionGive,
    Done,
    BASIS,
)
OPINIONS_END = Service(
    "onestop",
    "opinions-end",
    Text("Thôi hỏi ý kiến", "Ask for an opinion no more"),
    Action.WRITE,
    OpinionEnd,
    Done,
    BASIS,
)
SERVICES = (
    DOSSIERS_OPEN,
    DOSSIERS_GET,
    DOSSIERS_WITHDRAW,
    SUPPLEMENTS_ANSWER,
    RATINGS_RECORD,
    PARCELS_ASK,
    SETTLEMENTS_GET,
    DOSSIERS_RENEW,
    COMPLAINTS_DISCLOSE,
    RENEWALS_ORDER,
    RESULTS_FILE,
    NUMBERS_RESERVE,
    NUMBERS_USE,
    NUMBERS_VOID_LIST,
    EVENTS_RECEIVE,
    OPINIONS_ASK,
    OPINIONS_GIVE,
    OPINIONS_END,
)
EVENTS = (Event("onestop", "dossier-changed", Text("Hồ sơ thay đổi", "A dossier changed"), DossierChanged),)
GRANTS = (
    ("lifeevents", DOSSIERS_OPEN.name, "linked-procedure"),
    ("lifeevents", DOSSIERS_GET.name, "linked-procedure"),
    ("lifeevents", DOSSIERS_WITHDRAW.name, "linked-procedure"),
    ("lifeevents", SUPPLEMENTS_ANSWER.name, "linked-procedure"),
    ("lifeevents", RATINGS_RECORD.name, "linked-procedure"),
    ("lifeevents", PARCELS_ASK.name, "linked-procedure"),
    ("lifeevents", SETTLEMENTS_GET.name, "complaint"),
    ("lifeevents", DOSSIERS_RENEW.name, "complaint"),
    ("onestop", COMPLAINTS_DISCLOSE.name, "complaint"),
    ("onestop", RENEWALS_ORDER.name, "complaint"),
    ("warehouse", RESULTS_FILE.name, "result-delivery"),
    ("warehouse", RESULTS_FILE.name, "own-data"),
    ("lifeevents", RESULTS_FILE.name, "linked-procedure"),
    ("fees", EVENTS_RECEIVE.name, "fee-collection"),
    *(("onestop", service.name, "coordination") for service in (OPINIONS_ASK, OPINIONS_GIVE, OPINIONS_END)),
)
