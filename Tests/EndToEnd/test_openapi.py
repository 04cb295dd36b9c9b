"""`/openapi.json`: valid, and true of the running server."""

import hypothesis
import pytest
import schemathesis
from openapi_spec_validator import validate
from schemathesis import checks

from support.clients import client as client_of, refused, succeeded
from support.processes import SERVICE_KEY

EXAMPLES = 12
checks.load_all_checks()
CHECKS = checks.CHECKS.get_by_names([
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance"])


@pytest.fixture(scope="module")
def document(broker):
    with client_of(broker) as client:
        return succeeded(client.get("/openapi.json"))


@pytest.fixture(scope="module")
def api(broker):
    return schemathesis.openapi.from_url(f"{broker.url}/openapi.json")


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


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(hypothesis.HealthCheck))
def test_no_request_gets_an_answer_that_the_document_does_not_know(case, broker):
    case.call_and_validate(
        base_url=broker.url,
        headers={"Authorization": f"Bearer {SERVICE_KEY}", "X-Broker-User": "schemathesis"},
        checks=CHECKS)
