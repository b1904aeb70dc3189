"""`make bench [NAME=cases]`: each benchmark prints a table and writes var/bench/<name>.json."""

import sys
from importlib import import_module

NAMES = ("cases", "exchange", "servers", "day")


def main() -> int:
    wanted = [name for name in sys.argv[1:] if name] or list(NAMES)
    for name in wanted:
        if name not in NAMES:
            print(f"no benchmark {name!r}: {', '.join(NAMES)}", file=sys.stderr)
            return 2
        import_module(f"bench.{name}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
