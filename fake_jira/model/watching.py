"""Who watches an issue and who votes for it. Neither makes the issue newer, and the changelog is silent on both."""

from dataclasses import replace

from fake_jira.model.records import Issue, User
from fake_jira.model.state import Site


def watch(site: Site, issue: Issue, who: User) -> Issue:
    """Let `who` watch; nothing changes for who does already."""
    if who.account_id in issue.watchers:
        return issue
    return site.put(replace(issue, watchers=(*issue.watchers, who.account_id)))


def unwatch(site: Site, issue: Issue, who: User) -> Issue:
    """Let `who` watch no more."""
    if who.account_id not in issue.watchers:
        return issue
    return site.put(replace(issue, watchers=_without(issue.watchers, who)))


def vote(site: Site, issue: Issue, who: User) -> Issue:
    """Count the vote of `who`, once."""
    if who.account_id in issue.voters:
        return issue
    return site.put(replace(issue, voters=(*issue.voters, who.account_id)))


def take_vote_back(site: Site, issue: Issue, who: User) -> Issue:
    """Without the vote of `who`."""
    return site.put(replace(issue, voters=_without(issue.voters, who)))


def _without(accounts: tuple[str, ...], who: User) -> tuple[str, ...]:
    return tuple(each for each in accounts if each != who.account_id)
