# SPDX-License-Identifier: Apache-2.0
"""Certificates for TLS, which protect nothing."""
import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def name_of(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def key_usage(is_authority):
    return x509.KeyUsage(digital_signature=True, content_commitment=False, key_encipherment=False,
                         data_encipherment=False, key_agreement=False, key_cert_sign=is_authority,
                         crl_sign=is_authority, encipher_only=False, decipher_only=False)


class Authority:
    """Signs certificates for a name, on 127.0.0.1."""

    def __init__(self, name):
        self.name, self.key = name, ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign(name, self.key, is_authority=True)

    def sign(self, name, key, is_authority=False, begins=None, ends=None, alternative=True):
        """A certificate; its times are from now on."""
        now = datetime.datetime.utcnow()
        here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        begins = -datetime.timedelta(hours=1) if begins is None else begins
        ends = datetime.timedelta(days=30) if ends is None else ends
        builder = (x509.CertificateBuilder().subject_name(name_of(name)).issuer_name(name_of(self.name))
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now + begins).not_valid_after(now + ends)
                   .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
                   # Python 3.13 wants all that RFC 5280 does.
                   .add_extension(key_usage(is_authority), critical=True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                                  critical=False))
        if alternative:
            names = x509.SubjectAlternativeName([x509.DNSName(name), here])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def issue(self, name, **options):
        """Key and certificate, PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                 serialization.NoEncryption())
        return text, self.sign(name, key, **options)

    def revoke(self, *certificates, der=False, ends=None):
        """A list with the certificates, PEM or DER."""
        now = datetime.datetime.utcnow()
        ends = datetime.timedelta(days=1) if ends is None else ends
        builder = (x509.CertificateRevocationListBuilder().issuer_name(name_of(self.name))
                   .last_update(now - datetime.timedelta(hours=1)).next_update(now + ends))
        for one in certificates:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(x509.load_pem_x509_certificate(one).serial_number)
                .revocation_date(now).build())
        encoding = serialization.Encoding.DER if der else serialization.Encoding.PEM
        return builder.sign(self.key, hashes.SHA256()).public_bytes(encoding)
