"""Makes the working tree importable in its environment, with the `lienthong` command."""

import stat
import sys
import sysconfig
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
Path(sysconfig.get_path("purelib"), "lienthong.pth").write_text(f"{SOURCE}\n")
command = Path(sys.executable).with_name("lienthong")
command.write_text(
    f'#!{sys.executable}\nfrom lienthong.config.cli import main\n\nif __name__ == "__main__":\n    main()\n'
)
command.chmod(command.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
