"""Reading XML that came from a stranger: nothing outside it is fetched or expanded. Plain Python, no Django."""

from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - it has no stubs


class EvidenceError(ValueError):
    """A piece of evidence does not hold; the message says which part, in English, for engineers."""


def xml_read(data: bytes, what: str, *, comments: bool = False) -> Any:
    """The root element (lxml): no document type, entities, network or huge trees. EvidenceError if it is no XML."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=not comments,
        remove_pis=not comments,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise EvidenceError(f"malformed XML: {what}") from error
    if root.getroottree().docinfo.doctype:
        raise EvidenceError(f"malformed XML: {what} has a document type")
    return root
