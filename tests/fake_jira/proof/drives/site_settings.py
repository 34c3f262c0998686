"""The site's settings."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives

BOTH = ("cloud", "data-center")


@drives(*BOTH, "getConfiguration")
def the_configuration_says_what_is_enabled(jira: Jira) -> None:
    told = jira.get("configuration").json()
    assert (told["votingEnabled"], told["timeTrackingConfiguration"]["workingHoursPerDay"]) == (True, 8.0)


@drives(
    "cloud",
    "getSelectedTimeTrackingImplementation",
    "getAvailableTimeTrackingImplementations",
    "getSharedTimeTrackingConfiguration",
)
def jira_tracks_time_by_itself(jira: Jira) -> None:
    assert jira.get("configuration/timetracking").json() == jira.get("configuration/timetracking/list").json()[0]
    assert jira.get("configuration/timetracking/options").json()["defaultUnit"] == "day"


@drives(*BOTH, "getApplicationProperty", "getAdvancedSettings")
def application_properties_are_listed_and_found(jira: Jira) -> None:
    asked = {"permissionLevel": "SYSADMIN", "keyFilter": "jira[.]lf[.].*"}
    assert len(jira.get("application-properties/advanced-settings").json()) > 5
    if jira.flavour == "cloud":
        assert len(jira.get("application-properties", params=asked).json()) == 5
    else:
        told = jira.get("application-properties", params={**asked, "key": "jira.clone.prefix"}).json()
        assert told["value"] == "CLONE -"


@drives(*BOTH, "getIssueNavigatorDefaultColumns")
def the_columns_of_the_issue_navigator_are_listed(jira: Jira) -> None:
    assert {"value": "summary", "label": "Summary"} in jira.get("settings/columns").json()


@drives("cloud", "getLicense", "getApproximateLicenseCount", "getApproximateApplicationLicenseCount")
def the_licences_are_counted(jira: Jira) -> None:
    assert {"id": "jira-software", "plan": "PAID"} in jira.get("instance/license").json()["applications"]
    whole = jira.get("license/approximateLicenseCount").json()["value"]
    assert jira.get("license/approximateLicenseCount/product/jira-software").json()["value"] == whole
