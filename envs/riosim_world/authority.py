"""Our own certificate authority: its key is made at start and never leaves this process."""

import ipaddress
import re
import ssl
import tempfile
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["Authority"]

# Valid at the machine's time and at any time that a world may have.
_FROM = datetime(2015, 1, 1, tzinfo=UTC)
_UNTIL = datetime(2049, 1, 1, tzinfo=UTC)
_MOST_NAMES = 64
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_*]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*")


class Authority:
    """Issues a certificate for whatever name a client asks for."""

    def __init__(self, *, default_name: str, name: str = "Local Network Root") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = self._self_signed()
        self._contexts: OrderedDict[str, ssl.SSLContext] = OrderedDict()
        self._default_name = default_name

    @property
    def pem(self) -> str:
        """The authority's certificate."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server_context(self) -> ssl.SSLContext:
        """Return a context that takes the name a client asks for, and answers with it."""
        context = self._context_for(self._default_name)
        context.sni_callback = self._choose
        return context

    def _choose(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name is not None and _NAME.fullmatch(name.lower()):
            connection.context = self._context_for(name.lower())

    def _context_for(self, name: str) -> ssl.SSLContext:
        if name not in self._contexts:
            self._contexts[name] = self._new_context(name)
            if len(self._contexts) > _MOST_NAMES:
                oldest = next(n for n in self._contexts if n != self._default_name)
                del self._contexts[oldest]
        self._contexts.move_to_end(name)
        return self._contexts[name]

    def _new_context(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        key = self._leaf_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        chain = self._leaf(name).public_bytes(serialization.Encoding.PEM) + self.pem.encode()
        with tempfile.NamedTemporaryFile(prefix="leaf-") as file:  # ssl reads files only
            file.write(key + chain)
            file.flush()
            context.load_cert_chain(file.name)
        return context

    def _leaf(self, name: str) -> x509.Certificate:
        common = name if len(name) <= 64 else name[-64:].lstrip(".-")
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)]))
        key = self._leaf_key.public_key()
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.SubjectAlternativeName([_alternative(name)]), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False),
            (x509.SubjectKeyIdentifier.from_public_key(key), False),
        ]
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.public_key(key).sign(self._key, hashes.SHA256())

    def _self_signed(self) -> x509.Certificate:
        key = self._key.public_key()
        usage: dict[str, Any] = dict.fromkeys(
            (
                "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
                "key_agreement", "encipher_only", "decipher_only",
            ),
            False,
        )  # fmt: skip
        return (
            self._builder(self._name)
            .public_key(key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _builder(self, subject: x509.Name) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .serial_number(x509.random_serial_number())
            .not_valid_before(_FROM)
            .not_valid_after(_UNTIL)
        )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
