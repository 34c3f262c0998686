"""What differs between Jira Cloud and Data Center: doors, errors, headers, shapes. One module per flavour.

Routes raise errors in our words, render through `Scene` and never ask which flavour they serve.
"""

from fake_jira.flavours.base import JSON, Flavour, Json, Scene, as_json
from fake_jira.flavours.cloud import Cloud
from fake_jira.flavours.data_center import DataCenter
from fake_jira.model.state import CLOUD, DATA_CENTER

__all__ = [
    "CLOUD",
    "DATA_CENTER",
    "FLAVOURS",
    "JSON",
    "Cloud",
    "DataCenter",
    "Flavour",
    "Json",
    "Scene",
    "as_json",
    "flavour_named",
]

FLAVOURS = (CLOUD, DATA_CENTER)


def flavour_named(name: str, server_version: str | None = None) -> Flavour:
    """The flavour; `server_version` is Data Center's ("8.17.1", "9.12", "10.3"). Invalid says what there is."""
    return DataCenter(server_version) if name == DATA_CENTER else Cloud()
