"""`make conform [NAME=govstack_mediator]`: others' suites, from the folder that LIENTHONG_PEERS names."""

import sys
from importlib import import_module

NAMES = ("govstack_mediator",)


def main() -> int:
    wanted = [name for name in sys.argv[1:] if name] or list(NAMES)
    for name in wanted:
        if name not in NAMES:
            print(f"no suite {name!r}: {', '.join(NAMES)}", file=sys.stderr)
            return 2
        if code := import_module(f"bench.peers.{name}").run():
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
