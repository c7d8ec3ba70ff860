"""Sites with TLS, as an operator's proxy and others serve them: the collector under its own name, a
publisher's page with an ad, a shop's page."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.beacon.address import PATH

LANDING = "<!DOCTYPE html><title>the shop</title><p>boots"


def certificate(folder: Path, *names: str) -> ssl.SSLContext:
    """Of nobody that anyone trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "site.pem"
    pem.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@asynccontextmanager
async def listening(app: web.Application, folder: Path, *names: str) -> AsyncIterator[int]:
    """Serves it with TLS under these names until the block ends; gives the port."""
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=certificate(folder, *names)).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def answering(
    folder: Path, name: str, answers: Mapping[str, Callable[[web.Request], Awaitable[web.Response]]]
) -> AsyncIterator[int]:
    """The same of what answers GET, by path."""
    app = web.Application()
    for path, answer in answers.items():
        app.router.add_get(path, answer)
    async with listening(app, folder, name) as port:
        yield port


class Site:
    """Passes trackers on to the collector at `collector_port`, set once it is known; /ad answers `ad`."""

    collector_port = 0
    ad = ""
    port = 0
    session: ClientSession

    async def tracker(self, request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        headers["X-Forwarded-For"] = request.remote or ""
        address = f"http://127.0.0.1:{self.collector_port}{request.raw_path}"
        async with self.session.request(
            request.method, address, headers=headers, allow_redirects=False
        ) as answer:
            passed = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
            return web.Response(status=answer.status, headers=passed, body=await answer.read())


@asynccontextmanager
async def site(folder: Path, *names: str) -> AsyncIterator[Site]:
    """It answers until the block ends."""
    made, app = Site(), web.Application()

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=LANDING, content_type="text/html")

    async def ad(_request: web.Request) -> web.Response:
        return web.Response(text=made.ad, content_type="text/html")

    app.router.add_route("*", PATH + "{rest:.*}", made.tracker)
    app.router.add_get("/p/{rest:.*}", page)
    app.router.add_get("/ad", ad)
    async with listening(app, folder, *names) as made.port, ClientSession() as made.session:
        yield made
