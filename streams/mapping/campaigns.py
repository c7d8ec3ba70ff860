"""Campaigns as they travel -> campaigns as matching and choice see them."""

from __future__ import annotations

from models import campaigns as m
from models.intent.understanding import Understanding, understood
from models.text.normalise import one_line
from streams import records as r


def campaign_of(record: r.Campaign) -> m.Campaign:
    """The plain campaign of one record of ads.campaign.v1. Without a brief the advertiser's name is the
    brand."""
    brief = record.brief or r.Brief(brand=record.advertiser.name)
    return m.Campaign(
        campaign_id=record.campaign_id,
        version=record.version,
        status=record.status,
        brand=brief.brand,
        advertiser=record.advertiser.name,
        adomain=tuple(record.advertiser.adomain),
        goal=goal_of(record).goal,
        start_ms=record.flight.start if record.flight else None,
        end_ms=record.flight.end if record.flight else None,
        slots=tuple(record.slots),
        locales=tuple(record.locales),
        item_ids=tuple(record.items.ids),
        item_categories=tuple(record.items.cat),
        facts=tuple(brief.facts),
        must_use=tuple(brief.must_use),
        avoid=tuple(brief.avoid),
        tone=brief.tone,
        geo=tuple(record.targeting.geo),
        devices=tuple(record.targeting.device),
        segments=tuple(record.targeting.segment),
        templates=tuple(_template(template) for template in record.templates),
        styles=tuple(record.choice.styles),
        drawn_template_ids=tuple(record.choice.templates),
        images=tuple(record.pool.images),
        material=tuple(_supplied(picture) for picture in record.pool.material),
        claims=tuple(record.pool.claims),
        ctas=tuple(record.pool.ctas),
        blocked_categories=tuple(record.blocked.cat),
        caps=tuple(m.Cap(cap.n, cap.per_s, cap.scope) for cap in record.cap),
        attribution_click_s=record.attribution.click_s if record.attribution else None,
        attribution_view_s=record.attribution.view_s if record.attribution else None,
        experiment=experiment_of(record.experiment) if record.experiment else None,
        dsa=m.Dsa(record.dsa.behalf, record.dsa.paid, record.dsa.domain or "") if record.dsa else None,
        budget=record.budget,
        trackers=tuple(m.EventTracker(each.type, each.method, each.url) for each in record.trackers),
        click_macro=record.click.macro,
        click_trackers=tuple(record.click.trackers),
        render=tuple(record.render),
        cpm=record.bid.cpm if record.bid else None,
        cpm_currency=record.bid.cur if record.bid else "",
        people_first=record.people_first,
        colours=tuple(record.colours),
        logo=record.logo,
        legal=tuple((locale, one_line(text)) for locale, text in record.legal.items()),
        layouts=tuple(m.PictureLayout(each.layout_id, each.slot, each.svg) for each in record.layouts),
    )


def goal_of(record: r.Campaign) -> Understanding:
    """What a campaign is for: as stated, or as its brief is understood. Calls to action are no evidence:
    every campaign has them."""
    brief = record.brief
    told = [*brief.facts, *brief.must_use] if brief is not None else []
    return understood(record.goal, [*told, *record.pool.claims])


def _supplied(picture: r.SuppliedPicture) -> m.SuppliedPicture:
    return m.SuppliedPicture(
        url=picture.url,
        caption=picture.caption,
        item_ids=tuple(picture.item_ids),
        categories=tuple(picture.cat),
        colours=tuple(picture.colours),
        sentiment=picture.sentiment,
        near=tuple(picture.near.items()),
    )


def _template(template: r.Template) -> m.Template:
    return m.Template(
        template_id=template.template_id,
        slot=template.slot,
        locale=template.locale,
        headline=template.headline,
        description=template.description,
        cta=template.cta,
        audit=template.audit,
        layout=template.layout,
    )


def experiment_of(experiment: r.Experiment) -> m.Experiment:
    """The plain experiment of one record."""
    arms = tuple(m.ExperimentArm(arm.id, arm.share, _treatment(arm.treatment)) for arm in experiment.arms)
    return m.Experiment(
        experiment.id, experiment.salt, arms, experiment.start, experiment.end, experiment.planned_users
    )


def _treatment(treatment: r.Treatment) -> m.Treatment:
    return m.Treatment(
        treatment.holdout,
        tuple(treatment.styles),
        tuple(treatment.templates),
        treatment.policy,
        treatment.detector_target,
        treatment.threshold,
        treatment.copywriter,
    )
