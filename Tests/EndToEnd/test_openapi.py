"""`/openapi.json`: valid, and true of the running server."""

import pathlib
import subprocess
import sys

import pytest
from openapi_spec_validator import validate

from support.clients import client as client_of, refused, succeeded
from support.processes import SERVICE_KEY, clean_environment

EXAMPLES = 12
CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance"]


@pytest.fixture(scope="module")
def document(broker):
    with client_of(broker) as client:
        return succeeded(client.get("/openapi.json"))


def test_the_document_is_valid_openapi(document):
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_path_of_the_document_is_served(document, client):
    assert len(document["paths"]) >= 15
    for path, operations in document["paths"].items():
        allowed = client.options(path.replace("{id}", "x")).headers["allow"]
        methods = {m.upper() for m in operations if m in ("get", "post", "patch", "delete")}
        served = set(allowed.split(", ")) - {"OPTIONS", "HEAD"}
        assert methods == served, path


def test_what_is_not_in_the_document_is_not_served(client):
    refused(client.post("/api/not-in-the-document"), 404, "route_not_found")


def test_no_request_gets_an_answer_that_the_document_does_not_know(broker, tmp_path):
    """Bounded and deterministic: the same requests each time, valid and invalid, over every route."""
    result = subprocess.run(
        [pathlib.Path(sys.executable).with_name("schemathesis"), "run",
         f"{broker.url}/openapi.json", "--checks", ",".join(CHECKS),
         # Its answer goes on for as long as the broadcast does.
         "--exclude-path", "/api/broadcasts/{id}/events",
         "--generation-deterministic", "--max-examples", str(EXAMPLES), "--no-shrink", "--no-color",
         "--continue-on-failure", "--phases", "examples,coverage,fuzzing",
         "--header", f"Authorization: Bearer {SERVICE_KEY}",
         "--header", "X-Broker-User: schemathesis"],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=110,
        check=False)
    assert result.returncode == 0, result.stdout + result.stderr
