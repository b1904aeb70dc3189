"""Call a service over the X-Road Message Protocol for REST (PR-REST 1.0.4) with plain httpx.

python examples/xroad_rest_client.py http://127.0.0.1:8080 VN/GOV/G22/onestop VN/GOV/G01/population/verify /v1
"""

import argparse
import base64
import hashlib
import json
import uuid
from urllib.parse import quote

import httpx

# The gateway takes these out before it hashes; whatever else is sent counts, in this case and order.
STRIPPED = {"host", "content-length", "connection", "user-agent", "transfer-encoding", "expect"}


def encoded(identifier: str, parts: int) -> str:
    """Percent-encode each part by itself; what is left over belongs to the last one."""
    return "/".join(quote(part, safe="") for part in identifier.split("/", parts - 1))


def request_hash(sent: httpx.Request, request_id: str) -> str:
    """base64(SHA512(SHA512(head) + SHA512(body))), or base64(SHA512(head)) without a body."""
    kept = [(name, value) for name, value in sent.headers.raw if name.decode().lower() not in STRIPPED]
    lines = [sent.method.encode(), sent.url.raw_path]
    lines += [name + b":" + value for name, value in kept]
    lines.append(b"x-road-request-id:" + request_id.encode())
    digest = hashlib.sha512(b"\r\n".join(lines) + b"\r\n").digest()
    if sent.content:
        digest = hashlib.sha512(digest + hashlib.sha512(sent.content).digest()).digest()
    return base64.b64encode(digest).decode()


def main() -> None:
    parser = argparse.ArgumentParser(description="Call an X-Road REST service and check its request hash.")
    parser.add_argument("gateway", help="http://127.0.0.1:8080")
    parser.add_argument("client", help="who asks: instance/class/member/subsystem")
    parser.add_argument("service", help="what is asked: instance/class/member/subsystem/code")
    parser.add_argument("path", nargs="?", default="", help="/v1/persons?number=1, appended as it is")
    parser.add_argument("body", nargs="?", help="JSON; makes the request a POST")
    given = parser.parse_args()

    # Lower-case names: HTTP servers may lower them, and the hash covers them as they arrive.
    headers = {
        "accept": "application/json",
        "x-road-client": encoded(given.client, 4),
        "x-road-id": str(uuid.uuid4()),
    }
    content = None
    if given.body is not None:
        content = json.dumps(json.loads(given.body)).encode()
        headers["content-type"] = "application/json"
    url = f"{given.gateway.rstrip('/')}/r1/{encoded(given.service, 5)}{given.path}"
    # Not client.request(): that would add headers of its own.
    sent = httpx.Request("GET" if content is None else "POST", url, headers=headers, content=content)
    with httpx.Client(timeout=60) as http:
        answer = http.send(sent)

    print(answer.status_code, answer.reason_phrase)
    for name, value in answer.headers.items():
        if name.startswith("x-road-"):
            print(f"{name}: {value}")
    print(answer.text)
    request_id, stated = (answer.headers.get(f"x-road-request-{part}") for part in ("id", "hash"))
    if request_id is None or stated is None:
        print("Request hash: none in the answer, as in every error of the exchange itself")
    else:
        print("Request hash:", "right" if stated == request_hash(sent, request_id) else "WRONG")


if __name__ == "__main__":
    main()
