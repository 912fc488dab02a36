# SPDX-License-Identifier: Apache-2.0
"""Messages for clients of the services, made by protoc of the files that the services are built from.

Importing this starts the program anew with the system's Python where the one that runs has no gRPC: a machine can
have a Python of its own beside the one whose packages have it.
"""
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile

SYSTEM_PYTHON = "/usr/bin/python3"
PROTOS = pathlib.Path(__file__).resolve().parents[2] / "tools/services/proto"


def skip(reason):
    """Meson's word for a test that could not look."""
    print("SKIP:", reason)
    sys.exit(77)


try:
    import cryptography  # pylint: disable=unused-import
    import google.protobuf  # pylint: disable=unused-import
    import grpc  # pylint: disable=unused-import
except ImportError as error:
    if os.path.realpath(sys.executable) == os.path.realpath(SYSTEM_PYTHON) or not os.path.exists(SYSTEM_PYTHON):
        skip(error)
    os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])


def compile_proto(name):
    """The module with the messages of name.proto."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", f"--proto_path={PROTOS}", f"--python_out={folder}", f"{name}.proto"],
                       check=True)
        sys.path.insert(0, folder)
        try:
            return importlib.import_module(name.replace("-", "_") + "_pb2")
        finally:
            sys.path.remove(folder)
