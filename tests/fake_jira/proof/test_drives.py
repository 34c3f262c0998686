"""Every drive does what it says, all that it asks and is answered is as documented, and every route has one."""

import pytest

from fake_jira.documented import TABLES
from fake_jira.model.state import CLOUD
from fake_jira.server import FakeJira
from tests.fake_jira.conftest import in_a_world_of_its_own
from tests.fake_jira.proof.drives import Drive, all_drives
from tests.fake_jira.proof.served import NOT_DRIVEN, OTHER_MANUALS, served


@pytest.mark.parametrize("drive", all_drives(), ids=lambda drive: drive.name)
def test_a_drive_uses_its_operations_as_documented(drive: Drive, request: pytest.FixtureRequest) -> None:
    server: FakeJira = request.getfixturevalue("server" if drive.flavour == CLOUD else "data_center_server")
    with in_a_world_of_its_own(server, strictly=True) as jira:
        drive.run(jira)
        entries = jira.world.journal.entries({})
    served = {each.operation for each in entries if each.status and 200 <= each.status < 400 and not each.fault}
    unanswered = set(drive.operations) - served
    assert not unanswered, f"answered with neither 2xx nor 3xx, or never asked: {', '.join(sorted(unanswered))}"


@pytest.mark.parametrize("flavour", TABLES)
def test_every_documented_operation_that_is_served_is_driven(flavour: str) -> None:
    driven = {operation for each in all_drives() if each.flavour == flavour for operation in each.operations}
    ours = {each.operation for each in served(flavour)}
    known = [each for each in served(flavour) if each.documented]
    missing = [str(each) for each in known if each.operation not in driven | set(NOT_DRIVEN)]
    assert not missing, "no drive for\n" + "\n".join(missing)
    assert not driven - ours, f"driven and not served: {driven - ours}"


@pytest.mark.parametrize("flavour", TABLES)
def test_every_served_route_is_one_that_atlassian_describes(flavour: str) -> None:
    unknown = [
        str(each)
        for each in served(flavour)
        if each.documented is None and not each.path.startswith(tuple(OTHER_MANUALS[flavour]))
    ]
    assert not unknown, "in no document of this flavour:\n" + "\n".join(unknown)


def test_every_route_of_cloud_is_named_after_its_operation() -> None:
    other = [
        str(each) for each in served(CLOUD) if each.documented and each.documented.endpoint != _last(each.endpoint)
    ]
    assert not other, "\n".join(other)


def _last(endpoint: str) -> str:
    return endpoint.rpartition(".")[2]
