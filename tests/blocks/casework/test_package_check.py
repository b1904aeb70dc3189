"""The check of a package names each mistake with its line; the skeleton of a new one has none."""

import json
from datetime import date
from pathlib import Path

import pytest

from lienthong.blocks.casework.package_check import package_mistakes, register_mistakes
from lienthong.blocks.casework.package_known import Known, known_of
from lienthong.blocks.casework.package_source import Source
from lienthong.ground.text import Text
from lienthong.systems.procedures.skeleton import Wanted, files_write, skeleton_files

ROOT = Path(__file__).resolve().parents[3]
CODE = "1.009999"
WANTED = Wanted(
    CODE,
    Text("Cấp giấy phép thả diều", "Kite licence"),
    "commune-committee",
    "fishing-licence",
    "kite-licence",
    "G06",
    "Luật Thủy sản 18/2017/QH14, Điều 50",
    40_000,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files_write(skeleton_files(WANTED, today=date(2026, 11, 23)), tmp_path)
    return tmp_path / "procedures" / CODE


def known(folder: Path) -> Known:
    offered = [json.loads(path.read_text())["services"] for path in (ROOT / "contracts").glob("*.json")]
    services = frozenset(name for published in offered for name in published)
    found = known_of(ROOT / "content", services=services, folder=folder)
    return Known(
        **{name: getattr(found, name) for name in found.__slots__ if name != "registers"},
        registers=frozenset({*(found.registers or ()), "kite-licence"}),
    )


def told(folder: Path) -> list[str]:
    """`file:line: what; what to do`, without the folder."""
    return [str(mistake).removeprefix(f"{folder}/") for mistake in package_mistakes(folder, known(folder))]


def line_of(path: Path, text: str) -> int:
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_skeleton_of_a_new_procedure_has_no_mistake(folder: Path) -> None:
    assert told(folder) == []
    assert register_mistakes(folder.parents[1] / "registers" / "kite-licence.yaml", known(folder)) == []


@pytest.mark.parametrize(
    "procedure", sorted((ROOT / "content" / "procedures").iterdir()), ids=lambda p: p.name
)
def test_the_published_packages_have_no_mistake(procedure: Path) -> None:
    assert [str(each) for each in package_mistakes(procedure, known(procedure)) if not each.warning] == []


@pytest.mark.parametrize(
    "register", sorted((ROOT / "content" / "registers").glob("*.yaml")), ids=lambda p: p.stem
)
def test_the_declared_registers_have_no_mistake(register: Path) -> None:
    assert [str(each) for each in register_mistakes(register, known(register))] == []


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("essential: false", "esential: false", "the package has no key «esential»"),
        ("version: 1", "version: nought", "the version is no whole number from 1 on"),
        (f'code: "{CODE}"', 'code: "1.000001"', "is not the folder's name"),
        ("level: full", "level: most", "the level «most» is unknown"),
        ("agency_kind: commune-committee", "agency_kind: harbour", "the kind of agency «harbour» is unknown"),
        ("agency_kind: commune-committee", "agency_kind: asked", "«asked» is of what agencies ask each other"),
        ("purpose: fishing-licence", "purpose: sign-in", "the purpose «sign-in» is unknown"),
        ("service: registers/records-check/v1", "service: registers/ask/v1", "the service «registers/ask/v1»"),
        ("    register: kite-licence", "    register: kites", "the register «kites» is unknown"),
        ("template: record.typ", "template: kite.typ", "the template «kite.typ» is unknown"),
        ("fee_items: [{code: kite", "fee_items: [{code: kites", "the fee item «kites-licence» is unknown"),
        ("start: fee", "start: pay", "«start» is «pay», which is no step"),
        ('place: "=applicant.unit"', 'place: "=applicant.["', "'applicant.[' is not a JMESPath expression"),
        ("fields: [term]", "fields: [terms]", "page «term» asks for «terms», which the schema has not"),
        ("document: proof", "document: prof", "question «proof» asks for document «prof», which is not declared"),
        ('=answers.subject"', '=answers.subjct"', "an expression reads answers.subjct"),
        (', en: "One year"}', "}", "an option of question «term»: «en» is missing"),
        ('label: {vi: "Từ chối", en: "Refuse"}', "", "the label of outcome «refuse» of step «review» is not said"),
        ("to: register,", "to: regster,", "step «review» leads by «approve» to «regster», which is no step"),
        ("    role: sign", "    role: chair", "the role «chair» is unknown"),
        ("    role: sign", "    role: sign\n    escalate: {role: sign}", "«escalate» of step «review»: «work"),
        ("    role: sign", "    role: sign\n    escalate: {working_days: 2, role: no}", "the role «no» is unknown"),
        ("    role: sign", "    role: sign\n    escalate: {working_days: -1, role: sign}", "says not after how"),
        ("    role: sign", "    role: sign\n    promises: {days: 3}", "has no key «days»"),
        ("    role: sign", "    role: sign\n    promises: {calendar_days: soon}", "says not for when"),
        ("level: full", "level: full\nappeal: protest", "the appeal «protest» is unknown"),
        ("{code: proof,", "{code: proof, accepts: [G15.1],", "accepts «G15.1», which is no result code"),
        ("    template: record.typ", "    tmplate: record.typ", "step «paper» (issue): «template» is missing"),
        ("kind: issue", "kind: print", "step «paper» has no kind «print»"),
        ("next: paper", "next: register", "step «paper» is never reached"),
        ('next: "end:granted"', "next: deposit", "from step «paper» no way comes to an end"),
        ("deposit, result: KQ.G06.009999", "deposit, result: KQ.G06.1", "has the result «KQ.G06.1»"),
        ("    result: KQ.G06.009999", "    result: KQ.G06.2", "the result «KQ.G06.009999» is never issued"),
        ("required: [subject, term", "required: [subjects, term", "«subjects» is required and no question"),
        ("version: 1", "version: 1\nvalid_to: 2020-01-01", "valid_to lies before valid_from"),
        ("level: full", "level: full\nlevel: none", "«level» stands twice"),
        ("start: fee", "start: [fee", "this is not YAML"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line(folder: Path, before: str, after: str, what: str) -> None:
    path = folder / "package.yaml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    found = [each for each in told(folder) if what in each]
    assert found, told(folder)
    where, number = found[0].split(":")[:2]
    assert where == "package.yaml"
    assert 1 <= int(number) <= len(path.read_text().splitlines())
    assert "; " in found[0]


def test_the_line_is_the_one_where_the_mistake_stands(folder: Path) -> None:
    path = folder / "package.yaml"
    path.write_text(path.read_text().replace("to: register,", "to: regster,"))
    line = line_of(path, "regster")
    assert told(folder)[0].startswith(f"package.yaml:{line}: step «review» leads by «approve»")


def test_a_missing_package_and_an_empty_one_are_said(tmp_path: Path) -> None:
    assert "the file is missing" in told(tmp_path)[0]
    (tmp_path / "package.yaml").write_text("")
    assert "the file holds no package" in told(tmp_path)[0]


def test_a_document_that_is_never_asked_for_is_a_mistake_where_it_is_required(folder: Path) -> None:
    path = folder / "package.yaml"
    text = path.read_text()
    more = '  - {code: photo, title: {vi: "Ảnh", en: "Photo"}, required: true}\nfees:'
    path.write_text(text.replace("fees:", more, 1))
    assert (
        f"package.yaml:{line_of(path, 'code: photo')}: document «photo» is never asked for" in told(folder)[0]
    )
    path.write_text(path.read_text().replace("required: true}\nfees", "required: false}\nfees"))
    assert "warning: document «photo»" in told(folder)[0]


def test_missing_examples_are_a_warning(folder: Path) -> None:
    (folder / "examples" / "refused.yaml").unlink()
    (folder / "examples" / "supplemented.yaml").unlink()
    (warning,) = package_mistakes(folder, known(folder))
    assert warning.warning
    assert warning.what == "no example is refused, supplemented"


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("amount: 40000", "amount: forty", "«forty» is no amount"),
        ("amount: 40000", "amount: 40000, valid_to: 2020-01-01", "valid_to lies before valid_from"),
        ("article:", "artikel:", "a rate of fee item «kite-licence» has no key «artikel»"),
    ],
)
def test_a_fee_table_is_checked_too(folder: Path, before: str, after: str, what: str) -> None:
    path = folder / "fees.yaml"
    path.write_text(path.read_text().replace(before, after))
    assert any(each.startswith("fees.yaml:") and what in each for each in told(folder))


def test_an_example_that_answers_what_is_not_asked_is_said(folder: Path) -> None:
    path = folder / "examples" / "granted.yaml"
    path.write_text(path.read_text().replace("{subject:", "{object:"))
    (mistake,) = told(folder)
    assert mistake.startswith("examples/granted.yaml:3: the form does not ask for «object»")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ('"on": [enter]', "true: [enter]", "YAML reads the key «true» as yes or no"),
        (
            "subjects: [person_number]",
            "subjects: [person]",
            "«subjects» names «person», which the schema has not",
        ),
        ("purposes: [fishing-licence]", "purposes: [fishing]", "the purpose «fishing» is unknown"),
        ('expires: "add_days(', 'expires: "add_days((', "is not a JMESPath expression"),
        ("    field: person_number", "    feld: person_number", "has no key «feld»"),
    ],
)
def test_a_declared_register_is_checked(folder: Path, before: str, after: str, what: str) -> None:
    path = folder.parents[1] / "registers" / "kite-licence.yaml"
    path.write_text(path.read_text().replace(before, after))
    assert any(what in mistake.what for mistake in register_mistakes(path, known(folder)))


def test_what_is_read_is_what_yaml_says(folder: Path) -> None:
    value = Source.read(folder / "package.yaml").value
    assert value["valid_from"] == "2026-11-23"
    assert value["steps"]["review"]["limit_working_days"] == 5


@pytest.mark.parametrize(
    ("added", "what"),
    [
        ("applicants: [firm]", "the kind of applicant «firm» is unknown"),
        ("applicants: person", "«applicants» is not a list"),
        ("applicants: []", "nobody may apply"),
        ("applicants: [organisation]\nrepresentation: [parent]", "nobody may represent one"),
        ("representation: [representative]", "no organisation may apply"),
        ("representation: [uncle]", "the right to act for another «uncle» is unknown"),
        ("signers: [{number: x, name: y, role: {vi: a, en: b}}]", "nothing says how long the signers have"),
        ("signing: {working_days: 5, article: a}", "there is a time to sign, and nobody to sign"),
        (
            "signing: {working_days: 0, article: a}\nsigners: [{number: x, role: {vi: a, en: b}}]",
            "a signer: «name» is missing",
        ),
        (
            "signing: {working_days: 0, article: a}\nsigners: [{number: x, name: y, role: {vi: a, en: b}}]",
            "«0» is no number of days",
        ),
    ],
)
def test_who_applies_and_who_signs_is_checked(folder: Path, added: str, what: str) -> None:
    path = folder / "package.yaml"
    path.write_text(f"{path.read_text()}\n{added}\n")
    assert any(what in line for line in told(folder)), told(folder)


REPEAT = """      others:
        type: array
        label: {vi: "Ai nữa?", en: "Who else?"}
        one: {vi: "Người", en: "Person"}
        items: {type: object, required: [who], properties: {who: {type: string, label: {vi: "Ai?", en: "Who?"}}}}
"""


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("", "", ""),
        ("        one: {vi", "        two: {vi", "has no key «two»"),
        ("        one: {vi", "        two: {vi", "says not what one of its groups is called"),
        ("required: [who]", "required: [whom]", "«whom» is required and no question"),
        ("who: {type: string,", "who: {type: array,", "repeats within «others»"),
        (
            "who: {type: string,",
            "who: {type: string, format: file, document: x,",
            "takes a file within «others»",
        ),
        (
            'properties: {who: {type: string, label: {vi: "Ai?", en: "Who?"}}}',
            "properties: {}",
            "asks nothing",
        ),
    ],
)
def test_a_question_that_repeats_is_checked(folder: Path, before: str, after: str, what: str) -> None:
    path = folder / "package.yaml"
    text = path.read_text().replace(
        "    properties:\n", f"    properties:\n{REPEAT.replace(before, after)}", 1
    )
    text = text.replace("  pages:\n", "  pages:\n    - {key: others, fields: [others]}\n", 1)
    path.write_text(text)
    assert [line for line in told(folder) if what and what in line] or (not what and told(folder) == []), (
        told(folder)
    )
