#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes certificate chains of made-up platforms to chains.json, with python3-cryptography: an
implementation that shares nothing with the one under test. Layouts: AMD's sevapi.h, sev_cert and amd_cert.

The keys are new on every run and thrown away, so the file differs each time; the tests verify it only.
"""

import base64
import json
import os
import pathlib
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

ARK, ASK, NONE, OCA, PEK, PDH, CEK = 0x0, 0x13, 0x1000, 0x1001, 0x1002, 0x1003, 0x1004
RSA_SHA256, ECDSA_SHA256, ECDH_SHA256, RSA_SHA384, ECDSA_SHA384 = 0x1, 0x2, 0x3, 0x101, 0x102


def hash_of(algorithm):
    return hashes.SHA384() if algorithm & 0x100 else hashes.SHA256()


def little(number, size):
    return number.to_bytes(size, "little")


def sign(key, algorithm, data):
    """Returns the signature as certificates hold it, without the zeros behind."""
    digest = hash_of(algorithm)
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=digest.digest_size)
        return key.sign(data, pss, digest)[::-1]
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
    return little(r, 72) + little(s, 72)


def public_half(key):
    public = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        return struct.pack("<I", key.key_size) + little(public.e, 512) + little(public.n, 512)
    return struct.pack("<I", 2) + little(public.x, 72) + little(public.y, 72)


def sev_certificate(usage, algorithm, key, *signers):
    head = struct.pack("<IBBHII", 1, 1, 55, 0, usage, algorithm)
    body = head + public_half(key).ljust(1028, b"\0")
    places = [struct.pack("<II", u, a) + sign(k, a, body).ljust(512, b"\0") for u, a, k in signers]
    while len(places) < 2:
        places.append(struct.pack("<II", NONE, 0).ljust(520, b"\0"))
    return body + b"".join(places)


def amd_certificate(usage, key, key_id, signer, signer_id):
    bits = key.key_size
    algorithm = RSA_SHA256 if signer.key_size == 2048 else RSA_SHA384
    public = key.public_key().public_numbers()
    body = struct.pack("<I16s16sI16xII", 1, key_id, signer_id, usage, bits, bits)
    body += little(public.e, bits // 8) + little(public.n, bits // 8)
    return body + sign(signer, algorithm, body)


def new_ec():
    return ec.generate_private_key(ec.SECP384R1())


def chain(bits, ecdsa, rsa_oca=False):
    """`bits` of AMD's keys; `ecdsa` is the algorithm of the platform's signatures."""
    cek_algorithm = RSA_SHA256 if bits == 2048 else RSA_SHA384
    ark, ask = (rsa.generate_private_key(65537, bits) for _ in range(2))
    ark_id, ask_id = os.urandom(16), os.urandom(16)
    oca = rsa.generate_private_key(65537, 2048) if rsa_oca else new_ec()
    oca_algorithm = RSA_SHA256 if rsa_oca else ecdsa
    pek, pdh, cek = new_ec(), new_ec(), new_ec()
    certificates = {
        "pdh": sev_certificate(PDH, ECDH_SHA256, pdh, (PEK, ecdsa, pek)),
        "pek": sev_certificate(PEK, ecdsa, pek, (OCA, oca_algorithm, oca), (CEK, ecdsa, cek)),
        "oca": sev_certificate(OCA, oca_algorithm, oca, (OCA, oca_algorithm, oca)),
        "cek_exported": sev_certificate(CEK, ecdsa, cek),
        "cek": sev_certificate(CEK, ecdsa, cek, (ASK, cek_algorithm, ask)),
        "ask": amd_certificate(ASK, ask, ask_id, ark, ark_id),
        "ark": amd_certificate(ARK, ark, ark_id, ark, ark_id),
    }
    return {name: base64.b64encode(data).decode() for name, data in certificates.items()}


def main():
    chains = {
        "rsa_2048": chain(2048, ECDSA_SHA256),
        "rsa_4096": chain(4096, ECDSA_SHA256),
        "ecdsa_sha384_and_rsa_oca": chain(2048, ECDSA_SHA384, rsa_oca=True),
    }
    path = pathlib.Path(__file__).with_name("chains.json")
    path.write_text(json.dumps(chains, indent=1) + "\n")


if __name__ == "__main__":
    main()
