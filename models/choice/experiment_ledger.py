"""Every experiment as it began. What a campaign states of a running one is held against it: users must stay
in their arms, and the arms must stay what they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.campaigns import Campaign, Experiment


@dataclass(frozen=True)
class LedgerEntry:
    """`experiment` ends earlier than it was meant to where it was stopped."""

    campaign_id: str
    experiment: Experiment
    finished: bool = False

    def runs(self, at_ms: int) -> bool:
        """Whether nothing may change yet."""
        return not self.finished and at_ms < self.experiment.end_ms


class ExperimentLedger:
    """What ads.experiment.v1 says, by experiment id."""

    def __init__(self) -> None:
        self._entries: dict[str, LedgerEntry] = {}

    def take(self, experiment_id: str, entry: LedgerEntry | None) -> None:
        """A record, or None for the null that takes it back."""
        if entry is None:
            self._entries.pop(experiment_id, None)
        else:
            self._entries[experiment_id] = entry

    def oldest_first(self) -> list[LedgerEntry]:
        """Every experiment."""
        return sorted(self._entries.values(), key=lambda each: (each.experiment.start_ms, each.experiment.id))

    def of_campaign(self, campaign_id: str) -> list[LedgerEntry]:
        """Oldest first."""
        return [each for each in self.oldest_first() if each.campaign_id == campaign_id]

    def in_force(self, campaign: Campaign) -> Campaign:
        """The campaign with the experiment that counts: what it states, unless the ledger has that, or one
        that was not stopped."""
        stated, known = campaign.experiment, self.of_campaign(campaign.campaign_id)
        if not known:
            return campaign
        fresh = stated is not None and stated.id not in self._entries
        if known[-1].finished and fresh:
            return campaign
        newest = known[-1].experiment
        return campaign if newest == stated else replace(campaign, experiment=newest)

    def knows(self, experiment: Experiment) -> bool:
        """Whether an experiment of that id began."""
        return experiment.id in self._entries

    def refusal(self, campaign_id: str, stated: Experiment, at_ms: int) -> str | None:
        """Why an experiment cannot be what a campaign states at that time; None = it can."""
        entry = self._entries.get(stated.id)
        if entry is not None:
            return self._changed(entry, campaign_id, stated)
        for other in self.of_campaign(campaign_id):
            if other.runs(at_ms):
                return (
                    f"experiment {other.experiment.id} runs on the campaign: `shiftcast experiment stop "
                    f"{other.experiment.id}` ends it"
                )
        return None

    def _changed(self, entry: LedgerEntry, campaign_id: str, stated: Experiment) -> str | None:
        began = entry.experiment
        if entry.campaign_id != campaign_id:
            return (
                f"experiment {stated.id} is of campaign {entry.campaign_id}: give this one an id of its own"
            )
        end_ms = stated.end_ms if entry.finished else began.end_ms
        faults = [
            name
            for name, same in (
                ("salt", stated.salt == began.salt),
                ("arms", stated.arms == began.arms),
                ("start", stated.start_ms == began.start_ms),
                ("end", stated.end_ms == end_ms),
                ("planned_users", stated.planned_users == began.planned_users),
            )
            if not same
        ]
        if not faults:
            return None
        what = "ended with" if entry.finished else "runs with"
        return (
            f"experiment {stated.id} {what} another {', '.join(faults)}: an id names one experiment; stop it "
            f"(`shiftcast experiment stop {stated.id}`) and start one with a new id"
        )
