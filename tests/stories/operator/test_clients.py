"""The clients that users copy ask the look-up as it is."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from agents.serving.server import lookup_application
from streams.http_server import serve_in_thread
from tests.agents.creatives.generation_fixtures import NOW_MS
from tests.agents.serving.test_server import serving

CLIENTS = Path(__file__).resolve().parents[3] / "deploy" / "clients"
PATIENCE_S = 30
EXPIRES_MS = NOW_MS + 60_000


@pytest.fixture(scope="module")
def address() -> str:
    port = serve_in_thread(lambda: lookup_application(serving(silent_s=60)), "127.0.0.1", 0)
    return f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def client() -> ModuleType:
    spec = importlib.util.spec_from_file_location("shiftcast_client", CLIENTS / "shiftcast_client.py")
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def test_python(address: str, client: ModuleType) -> None:
    creatives = client.Creatives(address, "one", PATIENCE_S)
    for _ in range(2):  # the server here closes each connection
        shown = creatives.best("c1", "native", user="u1")
        assert (shown.creative_id, shown.audience, shown.expires_ms) == ("cr_u:u1", "user", EXPIRES_MS)
        assert shown.stale_s == 60 and shown.json()["creative_id"] == "cr_u:u1"
    assert creatives.best("c1", "native", user="u1", accept=client.HTML).body.startswith(b"<!DOCTYPE")
    assert creatives.best("c1", "native", user="u1", capped=["c1"]) is None
    assert creatives.best("c1", "native", segment="k07").audience == "segment"
    with pytest.raises(client.LookUpError, match="401"):
        client.Creatives(address, "two", PATIENCE_S).best("c1", "native")


def test_node(address: str) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    program = f"""
import {{Creatives, HTML, LookUpError}} from {json.dumps((CLIENTS / "shiftcast-client.mjs").as_uri())};
const creatives = new Creatives({json.dumps(address)}, "one", {PATIENCE_S * 1000});
const shown = await creatives.best("c1", "native", {{user: "u1"}});
const html = await creatives.best("c1", "native", {{user: "u1", accept: HTML}});
const capped = await creatives.best("c1", "native", {{user: "u1", capped: ["c1"]}});
const refused = await new Creatives({json.dumps(address)}, "two", {PATIENCE_S * 1000}).best("c1", "native")
  .catch((error) => error instanceof LookUpError && error.message.slice(0, 3));
console.log(JSON.stringify({{...shown, body: JSON.parse(shown.body).creative_id, html: html.body.slice(0, 9),
  capped, refused}}));
"""
    done = subprocess.run(
        [node, "--input-type=module", "-e", program], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "body": "cr_u:u1",
        "creativeId": "cr_u:u1",
        "audience": "user",
        "expiresMs": EXPIRES_MS,
        "staleS": 60,
        "html": "<!DOCTYPE",
        "capped": None,
        "refused": "401",
    }
