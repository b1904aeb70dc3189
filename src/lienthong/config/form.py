"""The form of the code in numbers, computed from the tree: what docs show of it is printed by this."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE_MAX = 400
FUNCTION_MAX = 70


@dataclass(frozen=True, slots=True)
class Form:
    """typed: share of functions with every argument and the return annotated."""

    files: int
    lines: int
    median: float
    p90: int
    longest: int
    long_files: tuple[str, ...]
    long_functions: tuple[str, ...]
    typed: float
    test_ratio: float

    def table(self) -> str:
        rows = [
            ("files / lines", f"{self.files} / {self.lines:,}"),
            ("median / p90 / max lines", f"{self.median:.0f} / {self.p90} / {self.longest}"),
            (f"functions over {FUNCTION_MAX} lines", str(len(self.long_functions))),
            ("typed functions", f"{self.typed:.1%}"),
            ("test : code", f"{self.test_ratio:.2f}"),
        ]
        return "\n".join(f"{name:<28}{value}" for name, value in rows)


def python_files(root: Path) -> list[Path]:
    """Without migrations, which are generated, and empty files."""
    found = sorted(root.rglob("*.py"))
    return [path for path in found if "migrations" not in path.parts and path.stat().st_size > 0]


def _length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _is_typed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    named = [argument for argument in arguments if argument.arg not in {"self", "cls"}]
    return node.returns is not None and all(argument.annotation is not None for argument in named)


def form_of(root: Path) -> Form:
    """The form of `root`/src, and of `root`/tests beside it."""
    code = python_files(root / "src")
    lengths = {path: _length(path) for path in code}
    nodes = [(path, node) for path in code for node in functions(path)]
    long_functions = tuple(
        f"{path.relative_to(root)}:{node.lineno} {node.name}"
        for path, node in nodes
        if (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_MAX
    )
    tests = sum(_length(path) for path in python_files(root / "tests"))
    ordered = sorted(lengths.values())
    return Form(
        files=len(code),
        lines=sum(ordered),
        median=statistics.median(ordered),
        p90=ordered[int(len(ordered) * 0.9)],
        longest=ordered[-1],
        long_files=tuple(str(path.relative_to(root)) for path in code if lengths[path] > FILE_MAX),
        long_functions=long_functions,
        typed=sum(_is_typed(node) for _, node in nodes) / len(nodes),
        test_ratio=tests / sum(ordered),
    )
