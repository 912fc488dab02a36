# SPDX-License-Identifier: Apache-2.0
"""A guest's fake root with a keyset, a running program over it, and the requests of container clients."""
import base64
import json
import os
import pathlib
import re
import select
import subprocess
import tempfile

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

PARAMS = "offline_sev_kbc::null"
GUID = "e6f5a162-d67f-4750-a67c-5d065f2a9910"
OPTIONS = {"symkey": "a key of thirty two bytes, or so"}
KEK = bytes(range(32))
# How long a test waits for what should come at once: a busy machine is no failure.
SECONDS = 60


def text64(content):
    """Base64, as text."""
    return base64.b64encode(content).decode()


def url64(content):
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def packet(options, kid="key_id1", kek=KEK, **more):
    """An annotation packet."""
    plain = options if isinstance(options, bytes) else json.dumps(options, separators=(",", ":")).encode()
    iv = os.urandom(12)
    return text64(json.dumps({"kid": kid, "wrapped_data": text64(AESGCM(kek).encrypt(iv, plain, None)),
                              "iv": text64(iv), "wrap_type": "A256GCM", **more}).encode())


def request(annotation=None, params=PARAMS, **changes):
    """ocicrypt's request for a packet's options, with the parameters of a client."""
    values = None if params is None else [text64(params.encode())]
    unwrap = {"dc": {"Parameters": {"attestation-agent": values}}, "annotation": annotation or packet(OPTIONS)}
    return json.dumps({"op": "keyunwrap", "keywrapparams": {"ec": None, "optsdata": None},
                       "keyunwrapparams": unwrap, **changes}).encode()


def options_of(answer):
    """The private options in an answer."""
    return json.loads(bytes(json.loads(answer)["keyunwrapresults"]["optsdata"]))


# Requests as ocicrypt-rs writes them, over published packets, and the options that all of them have.
RECORDED = pathlib.Path(__file__).parents[1] / "vectors/ocicrypt-rs"
# "A sample key" of ocicrypt-rs, under the ids that its packets name.
SAMPLE = text64(bytes.fromhex("d99b7705b0ba7a168295b3a3367270b0dd9b371bf514ca8b9ba7f0a33711daea"))
SAMPLE_KEYSET = {"default/key/1": SAMPLE, "null": SAMPLE}


def recorded():
    """The names of the requests, and their texts."""
    found = {file.name: file.read_bytes() for file in sorted(RECORDED.glob("*.json"))}
    assert len(found) >= 4
    return found.items()


def recorded_options():
    """What an answer to each of them has to hold."""
    return json.loads((RECORDED / "options").read_bytes())


class Signer:
    """Seals secrets as a guest owner does."""

    def __init__(self, kid="kbs:///default/signing-key/sealed-secret"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.kid = kid

    def jwk(self, **changes):
        """The public key, an entry of the keyset."""
        numbers = self.key.public_key().public_numbers()
        x, y = (url64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        return json.dumps({"kty": "EC", "crv": "P-256", "alg": "ES256", "x": x, "y": y, **changes}).encode()

    def sign(self, header, payload):
        """A sealed secret of any header and payload."""
        text = f"{url64(header)}.{url64(payload)}"
        r, s = utils.decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"sealed.{text}.{url64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}".encode()

    def seal(self, header=None, **payload):
        """A sealed secret with these members."""
        header = {"alg": "ES256", "kid": self.kid, **(header or {})}
        common = {"version": "0.1.0", "provider": "kbs", "provider_settings": {}, "annotations": {}}
        return self.sign(json.dumps(header).encode(), json.dumps({**common, **payload}).encode())

    def vault(self, name, **changes):
        """One that names its value."""
        return self.seal(**{"type": "vault", "name": name, **changes})

    def envelope(self, plain, kid="kbs:///default/key/kek", kek=KEK, **changes):
        """One that is its value."""
        dek, iv = os.urandom(32), os.urandom(12)
        return self.seal(**{"type": "envelope", "key_id": kid, "encrypted_key": packet(dek, kid, kek),
                            "encrypted_data": text64(AESGCM(dek).encrypt(iv, plain, None)), "iv": text64(iv),
                            "wrap_type": "A256GCM", **changes})


class Guest:
    """A fake root with a keyset."""

    def __init__(self, folder, **keyset):
        self.root = pathlib.Path(folder) / "guest"
        self.secret = self.root / "sys/kernel/security/secrets/coco" / GUID
        self.keyset = keyset or {"key_id1": text64(KEK)}
        self.inject()

    def inject(self):
        """Puts the keyset where the kernel shows it."""
        self.secret.parent.mkdir(parents=True, exist_ok=True)
        self.secret.write_text(json.dumps(self.keyset))

    def configure(self, text):
        """Writes the agent's configuration."""
        (self.root / "etc").mkdir(exist_ok=True)
        (self.root / "etc/agent-config.toml").write_text(text)


class Program:
    """A running agent, either of them. Ends with its `with`."""

    def __init__(self, program, root, *arguments, **environment):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([program, "--root", root, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, bufsize=0, stderr=self.log,
                                        env={"PATH": os.environ["PATH"], **environment})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def line(self):
        """The next line of its standard output."""
        if not select.select([self.process.stdout], [], [], SECONDS)[0]:
            raise AssertionError(f"the agent says nothing for {SECONDS} seconds")
        return self.process.stdout.readline().decode().strip()

    def said(self):
        """What it wrote to standard error until now."""
        self.log.seek(0)
        return self.log.read().decode()

    def stop(self, signal):
        """Sends a signal, and gives the exit status."""
        self.process.send_signal(signal)
        return self.process.wait(SECONDS)

    def count_in_memory(self, needle):
        """How often its memory has the needle."""
        found = 0
        with open(f"/proc/{self.process.pid}/maps", encoding="ascii") as maps, \
                open(f"/proc/{self.process.pid}/mem", "rb", buffering=0) as memory:
            for line in maps:
                start, end, mode = re.match("([0-9a-f]+)-([0-9a-f]+) (....)", line).groups()
                if not mode.startswith("rw"):
                    continue
                memory.seek(int(start, 16))
                try:
                    found += memory.read(int(end, 16) - int(start, 16)).count(needle)
                except OSError:
                    continue
        return found

    def status(self, name):
        """A number of /proc/PID/status, in kilobytes if it is one of memory."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE).group(1))

    def descriptors(self):
        """How many files it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
