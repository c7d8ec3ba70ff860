"""Why no server let this client in, in one line that says what to type."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from aiokafka import errors

from streams.address import Address, join_address
from streams.broker.asking import LoginWantedError
from streams.settings import ADDRESS_FILE, Settings

_ANOTHER: Final = "start one with `shiftcast broker start`, or name yours: KAFKA_BROKER=host:port"
_LOGIN: Final = "SHIFTCAST_SASL_USERNAME and SHIFTCAST_SASL_PASSWORD_FILE"
_ALERTS: Final = ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "UNKNOWN_CA")
"""What a server answers to a client without the certificate that it asks for."""


def entry_refusal(settings: Settings, reasons: Mapping[Address, Exception]) -> str:
    """Where was asked, what each server did, and what to type."""
    told = {address: explain_refusal(error, settings) for address, error in reasons.items()}
    whys = "; ".join(
        why if len(told) == 1 else f"{join_address(*address)}: {why}" for address, (why, _) in told.items()
    )
    repairs = list(dict.fromkeys(repair for _, repair in told.values() if repair))
    where = "" if repairs else _where_looked(settings)
    return (
        f"no Kafka answers at {settings.broker} ({settings.security_protocol}): {whys}{where}: "
        f"{'; '.join(repairs) or _ANOTHER}"
    )


def advertised_refusal(asked: Address, brokers: Sequence[Address]) -> str:
    """A broker answers, and sends its clients to where nothing takes a connection."""
    told = ", ".join(join_address(*address) for address in brokers)
    return (
        f"{join_address(*asked)} answers, but sends its clients to {told}, where nothing can be reached from "
        "this machine: set the broker's advertised.listeners to names that are known here"
    )


def explain_refusal(error: Exception, settings: Settings) -> tuple[str, str]:
    """What one server did, and which setting repairs it; "" where only another server helps."""
    protocol, mechanism = settings.security_protocol, settings.sasl_mechanism
    match error:
        case errors.UnsupportedSaslMechanismError():
            return f"it does not take logins by {mechanism}", "set SHIFTCAST_SASL_MECHANISM to one it takes"
        case errors.IllegalSaslStateError() | errors.UnsupportedVersionError() if "SASL" in protocol:
            return "it takes no login there", f"set SHIFTCAST_SECURITY_PROTOCOL={_without_login(protocol)}"
        case errors.SaslAuthenticationFailed() | errors.AuthenticationFailedError():
            who = f"it refuses the login of {settings.sasl_username} by {mechanism}"
            return who, f"look at {_LOGIN} (and SHIFTCAST_SASL_MECHANISM)"
        case LoginWantedError():
            return "it wants a login", f"set SHIFTCAST_SECURITY_PROTOCOL=SASL_{protocol}, {_LOGIN}"
        case ssl.SSLCertVerificationError():
            why = f"its certificate is not trusted ({error.verify_message})"
            return why, "SHIFTCAST_SSL_CAFILE names the file of who signed it"
    if any(alert in str(each) for each in _causes(error) for alert in _ALERTS):
        return "it wants a certificate", "set SHIFTCAST_SSL_CERTFILE and SHIFTCAST_SSL_KEYFILE"
    return _explain_connection(error, settings)


def _explain_connection(error: Exception, settings: Settings) -> tuple[str, str]:
    protocol = settings.security_protocol
    match error:
        case socket.gaierror():
            return "no host has this name", ""
        case ConnectionRefusedError():
            return "connection refused", ""
        case TimeoutError():
            return "no answer in time", ""
        case OSError() if protocol.endswith("SSL"):
            other = "SASL_PLAINTEXT" if protocol == "SASL_SSL" else "PLAINTEXT"
            return "it does not speak TLS there", f"name its TLS port, or SHIFTCAST_SECURITY_PROTOCOL={other}"
        case OSError():
            return error.strerror or str(error), ""
        case errors.KafkaConnectionError():
            tls = protocol.replace("PLAINTEXT", "SSL")
            why = "it hangs up at the first question, as a TLS port does"
            return why, f"set SHIFTCAST_SECURITY_PROTOCOL={tls}, or name its {protocol} port"
    return f"what it answers is not Kafka ({type(error).__name__}: {error})", ""


def _without_login(protocol: str) -> str:
    return protocol.removeprefix("SASL_")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _where_looked(settings: Settings) -> str:
    """Where the address came from when nobody named one."""
    if ADDRESS_FILE.is_file() and ADDRESS_FILE.read_text().strip() == settings.broker:
        return f" (the address stands in {ADDRESS_FILE.absolute()})"
    if settings.broker == Settings.broker:
        return f" (this is the default; no broker was started here: there is no {ADDRESS_FILE.absolute()})"
    return ""
