"""A list has one address: the first one that it was begun under, also where the list is older than the record of it."""

import json

import pytest
import sqlalchemy as sa
from acredita.anchoring.types import IssuerId
from acredita.node.issuance.context import InstitutionRefused
from acredita.node.issuance.status_positions import StatusPositions, begin_lists
from acredita.node.storage.database import Database
from acredita.node.storage.list_addresses import addresses, fill, settle
from acredita.registry.codes import Code

ISSUER = IssuerId(b"\x11" * 32)
FIRST, SECOND = "https://viejo.example", "https://nuevo.example"


def test_the_first_address_of_a_list_stays(database_url: str) -> None:
    database = Database.create(database_url)
    with database.write() as connection:
        assert settle(connection, ISSUER, 0, FIRST) == FIRST
        assert settle(connection, ISSUER, 0, SECOND) == FIRST
        assert settle(connection, ISSUER, 1, SECOND) == SECOND
        assert addresses(connection, ISSUER) == {0: FIRST, 1: SECOND}
        assert addresses(connection, IssuerId(b"\x12" * 32)) == {}
    database.close()


def test_positions_are_of_a_list_under_the_own_address(database_url: str) -> None:
    database = Database.create(database_url)
    with database.write() as connection:
        begin_lists(connection, ISSUER, FIRST, [3, 5])
        assert StatusPositions.read(connection, ISSUER, FIRST, lambda below: 0).list_number == 0
        assert StatusPositions.read(connection, ISSUER, SECOND, lambda below: 0).list_number == 1
        with pytest.raises(InstitutionRefused) as caught:
            begin_lists(connection, ISSUER, SECOND, [7])
        assert caught.value.code is Code.BASE_CHANGED
    database.close()


def test_an_older_list_has_the_address_of_its_document(database_url: str) -> None:
    database = Database.create(database_url)
    with database.write() as connection:
        url = f"{FIRST}/registro/status/{ISSUER.hex()}/0"
        row = {"issuer": ISSUER, "number": 0, "document": json.dumps({"id": url}).encode(), "version": 1}
        listed = "INSERT INTO status_lists (issuer, list_number, document, published_at) VALUES "
        connection.execute(sa.text(f"{listed}(:issuer, :number, :document, :version)"), row)
        connection.execute(sa.text("DROP TABLE list_addresses"))
        connection.execute(sa.text("DROP TABLE withheld_lists"))  # of a later version
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0008'"))
    database.close()
    again = Database.create(database_url)
    with again.write() as connection:
        assert addresses(connection, ISSUER) == {0: f"{FIRST}/registro"}
        connection.execute(sa.text("DELETE FROM list_addresses"))
        fill(connection)
        assert addresses(connection, ISSUER) == {0: f"{FIRST}/registro"}
    again.close()
