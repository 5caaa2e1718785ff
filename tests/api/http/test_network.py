"""Two hosts on a real network between them and the database, whose cable is pulled."""

import time
from pathlib import Path

import pytest

from tests.support.cli import ProcessCli
from tests.support.hosts import GATEWAY, NETWORK, Host, can_make_hosts, serving, two_hosts
from tests.support.postgres import Server, create_server, remove

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.skipif(not can_make_hosts(), reason="network namespaces need root, ip and curl"),
]

NOTICED_WITHIN = 60  # seconds; see the defaults in `qa.archive.postgres.connection`
QUESTION = {"question": "How high did the gauge stand?", "k": 3}


def article(number: int) -> dict[str, str]:
    return {"id": f"a{number}", "text": f"Gauge number{number} stood at {number} metres."}


def listening_server() -> Server:
    """A PostgreSQL that takes connections of the hosts' network."""
    server = create_server(f"listen_addresses={GATEWAY}")
    access = server.folder / "data" / "pg_hba.conf"
    access.write_text(f"host all all {NETWORK}.0/24 trust\n" + access.read_text("utf-8"), "utf-8")
    server.execute("SELECT pg_reload_conf()")
    return server


def wait_for(host: Host, status: int) -> dict[str, str]:
    """The headers of the first reply with this status that the host gives about itself."""
    deadline = time.monotonic() + NOTICED_WITHIN
    while True:
        found, headers, _ = host.ask("POST", host.address, "/v1/retrieve", QUESTION)
        if found == status:
            return headers
        assert found in (200, 503)
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_a_host_that_is_cut_off_says_so_and_comes_back(
    process_cli: ProcessCli, tmp_path: Path
) -> None:
    url = f"postgresql://postgres@{GATEWAY}/postgres"
    environment = {**process_cli.environment, "DATELINE_STORE": url}
    with two_hosts() as (one, two):
        server = listening_server()
        try:
            with serving(one, tmp_path, environment), serving(two, tmp_path, environment):
                for number in range(10):
                    writer, reader = (one, two) if number % 2 else (two, one)
                    stored, _, _ = writer.ask(
                        "PUT", reader.address, f"/v1/articles/a{number}", article(number)
                    )
                    assert stored == 200
                    asked = {"question": f"gauge number{number}", "k": 1}
                    _, _, found = reader.ask("POST", writer.address, "/v1/retrieve", asked)
                    assert found["hits"][0]["article"]["id"] == f"a{number}"

                one.plug(into_network=False)
                headers = wait_for(one, 503)
                assert int(headers["retry-after"]) > 0
                assert one.ask("GET", one.address, "/health/live")[0] == 200
                assert two.ask("DELETE", two.address, "/v1/articles/a3")[0] == 204

                one.plug(into_network=True)
                wait_for(one, 200)
                assert two.ask("GET", one.address, "/v1/articles/a3")[0] == 404
        finally:
            remove(server)
