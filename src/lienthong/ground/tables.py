"""The small tables that lie beside the code: CSV whose head, in `#` lines, names source and licence."""

import csv
from importlib.resources import files


def rows(package: str, path: str) -> list[dict[str, str]]:
    """Every row of `path` inside `package`, by column name."""
    text = files(package).joinpath(path).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if line and not line.startswith("#")))
