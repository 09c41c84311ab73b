"""What the API answers, for its description only: views make plain dictionaries.

The tests hold every answer they get against these models, so that neither can change alone.
Members may be added later; callers ignore those that they do not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from functions.contracts.scope import Scope
from functions.openapi import (
    audience_answers as audiences,
    contact_answers as contacts,
    conversion_answers as conversions,
    coupon_answers as coupons,
    event_answers as events,
    experiment_answers as experiments,
    export_answers as exports,
    held_answers as held,
    insight_answers as insights,
    link_answers as links,
    message_answers as messages,
    notice_answers as notices,
    policy_answers as policy,
    privacy_answers as privacy,
    report_answers as reports,
    safety_answers as safety,
    webhook_answers as webhooks,
    why_answers as why,
)


class Key(BaseModel):
    """An API key without its secret."""

    key_id: str
    name: str
    scopes: list[Scope]
    created: AwareDatetime
    revoked: AwareDatetime | None


class NewKey(Key):
    """A new key. ``token`` is shown this once."""

    token: str


class Keys(BaseModel):
    """All keys."""

    items: list[Key]


class IncomingWebhooks(BaseModel):
    """The secret path for each provider, below the API's address.

    ``signatures`` holds what to enter as signature where a provider sends one with each call.
    """

    paths: dict[str, str]
    signatures: dict[str, str]


class CallbackAccepted(BaseModel):
    """The callback is queued."""

    accepted: Literal[True]


class FieldProblem(BaseModel):
    """One bad field: a JSON pointer (RFC 6901), a stable code, a sentence for people."""

    pointer: str
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details. ``code`` is stable; ``errors`` names every bad field.

    ``merged_into`` is the contact that the one asked for has become (``contact_merged``).
    """

    type: Literal["about:blank"]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    code: str
    detail: str
    request_id: str
    errors: list[FieldProblem] | None = None
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call answers when it succeeds; ``model`` None: no body, or one of another kind.

    ``page``: it is for people, and answers in HTML also when it fails. ``kind`` is the media type
    when it succeeds.
    """

    model: type[BaseModel] | None
    statuses: tuple[int, ...] = (200,)
    page: bool = False
    kind: str = "application/json"


ANSWER_BY_CALL: Mapping[str, Answer] = {
    "delete_audience": Answer(None, (204,)),
    "delete_export": Answer(None, (204,)),
    "get_export": Answer(exports.ExportDefinition),
    "get_export_day": Answer(exports.ExportFiles),
    "get_export_run": Answer(exports.ExportRun),
    "list_export_days": Answer(exports.ExportDays),
    "list_export_runs": Answer(exports.ExportRuns),
    "list_exports": Answer(exports.ExportPage),
    "post_export_run": Answer(exports.ExportRun, (202,)),
    "put_export": Answer(exports.ExportDefinition),
    "explain_audience": Answer(audiences.Explained),
    "get_audience": Answer(audiences.Audience),
    "get_contact_audiences": Answer(audiences.ContactAudiences),
    "get_refresh": Answer(audiences.Refresh),
    "import_audience": Answer(audiences.ImportedAudience, (201,)),
    "list_audience_members": Answer(audiences.MemberPage),
    "list_audiences": Answer(audiences.AudiencePage),
    "post_audience": Answer(audiences.Audience, (201,)),
    "preview_audience": Answer(audiences.AudienceEstimate),
    "put_audience": Answer(audiences.Audience),
    "refresh_audience": Answer(audiences.Refresh, (202,)),
    "add_members": Answer(contacts.GroupJoined),
    "approve_campaign": Answer(messages.Campaign),
    "approve_template": Answer(messages.TemplateVersion),
    "cancel_campaign": Answer(messages.Campaign, (202,)),
    "cancel_held": Answer(held.HeldQueued, (202,)),
    "expire_held": Answer(held.HeldQueued, (202,)),
    "cancel_message": Answer(messages.Message),
    "create_key": Answer(NewKey, (201,)),
    "delete_contact": Answer(privacy.Erasure, (202,)),
    "delete_member": Answer(None, (204,)),
    "delete_suppression": Answer(None, (204,)),
    "export_contact": Answer(privacy.Export),
    "get_campaign": Answer(messages.Campaign),
    "get_consents": Answer(contacts.ConsentHistory),
    "get_contact": Answer(contacts.Contact),
    "get_experiment": Answer(experiments.ExperimentRecord),
    "get_erasure": Answer(privacy.Erasure),
    "get_event_type": Answer(events.DeclaredEvent),
    "get_contact_coupon": Answer(coupons.ContactCoupon),
    "get_channel_report": Answer(insights.ChannelReport),
    "get_coupon_pool": Answer(coupons.CouponPoolRead),
    "get_evidence": Answer(why.Evidence),
    "get_held_summary": Answer(held.HeldSummary),
    "get_import": Answer(contacts.ImportRead),
    "get_message": Answer(messages.Message),
    "get_record_key": Answer(privacy.RecordKey),
    "get_notice_report": Answer(notices.NoticeReport),
    "get_notice_settings": Answer(notices.NoticeSettings),
    "get_openapi": Answer(None),
    "get_policy": Answer(policy.Policy),
    "list_policy_versions": Answer(policy.PolicyVersions),
    "get_preferences": Answer(None, page=True),
    "get_proofs": Answer(messages.ProofFiles),
    "get_report_page": Answer(None, page=True),
    "head_report_page": Answer(None, page=True),
    "post_report_link": Answer(reports.ReportLink, (201,)),
    "get_report": Answer(reports.WholeReport),
    "get_conversion_script": Answer(None, kind="text/javascript; charset=utf-8"),
    "get_conversions": Answer(conversions.Conversions),
    "get_sender": Answer(messages.Sender),
    "get_simulation": Answer(why.Simulation),
    "get_template": Answer(messages.TemplateVersions),
    "get_clicks": Answer(links.Clicks),
    "judge_clicks": Answer(messages.Judging, (202,)),
    "get_why": Answer(why.Why),
    "head_preferences": Answer(None),
    "launch_campaign": Answer(messages.LaunchedCampaign, (202,)),
    "list_accesses": Answer(privacy.AccessPage),
    "list_campaigns": Answer(messages.CampaignPage),
    "list_contacts": Answer(contacts.ContactPage),
    "list_coupon_pools": Answer(coupons.CouponPoolPage),
    "list_erasures": Answer(privacy.ErasurePage),
    "list_event_types": Answer(events.EventTypes),
    "list_held": Answer(held.HeldPage),
    "list_incoming": Answer(IncomingWebhooks),
    "list_keys": Answer(Keys),
    "list_messages": Answer(messages.MessagePage),
    "list_records": Answer(privacy.RecordMonth),
    "list_notices": Answer(notices.NoticePage),
    "list_senders": Answer(messages.SenderPage),
    "list_suppressions": Answer(contacts.SuppressionPage),
    "list_templates": Answer(messages.TemplateVersionPage),
    "merge_contact": Answer(contacts.MergedContact),
    "patch_contact": Answer(contacts.Contact),
    "post_callback": Answer(CallbackAccepted),
    "pause_campaign": Answer(messages.Campaign),
    "post_campaign": Answer(messages.Campaign, (201,)),
    "post_choice": Answer(messages.Campaign, (202,)),
    "post_consent": Answer(contacts.ConsentEvidence, (201,)),
    "post_coupon_codes": Answer(coupons.CouponCodesAdded),
    "post_coupon_pool": Answer(coupons.CouponPool, (201,)),
    "post_redemption": Answer(coupons.CouponRedeemed),
    "post_events": Answer(events.EventsAccepted, (202,)),
    "post_image": Answer(messages.Image, (201,)),
    "post_import": Answer(contacts.ImportMade, (201,)),
    "post_messages": Answer(messages.Accepted, (202,)),
    "post_preference_link": Answer(contacts.PreferenceLink, (201,)),
    "post_preferences": Answer(None, page=True),
    "post_proof": Answer(messages.ProofMade, (201,)),
    "post_sender": Answer(messages.Sender, (201,)),
    "post_suppressions": Answer(contacts.Suppressions, (201,)),
    "post_suppression": Answer(contacts.Suppression, (201,)),
    "post_template": Answer(messages.TemplateVersion, (201,)),
    "post_version": Answer(messages.TemplateVersion, (201,)),
    "preview_template": Answer(messages.Preview),
    "put_contact": Answer(contacts.ContactSaved, (200, 201)),
    "put_contacts": Answer(contacts.BatchSaved),
    "put_experiment": Answer(messages.Campaign),
    "put_event_type": Answer(events.DeclaredEvent),
    "delete_standalone_link": Answer(None, (204,)),
    "get_link_report": Answer(links.LinkReport),
    "get_qr_png": Answer(None, kind="image/png"),
    "get_qr_svg": Answer(None, kind="image/svg+xml"),
    "get_standalone_link": Answer(links.Link),
    "list_link_domains": Answer(links.LinkDomains),
    "list_standalone_links": Answer(links.LinkPage),
    "patch_standalone_link": Answer(links.Link),
    "post_standalone_link": Answer(links.Link, (201,)),
    "put_link": Answer(messages.TemplateVersion),
    "put_member": Answer(None, (204,)),
    "put_notice_settings": Answer(notices.NoticeSettings),
    "put_policy": Answer(policy.Policy),
    "reject_template": Answer(messages.TemplateVersion),
    "release_held": Answer(held.HeldQueued, (202,)),
    "remove_members": Answer(contacts.GroupLeft),
    "review_sender": Answer(messages.Sender),
    "revoke_key": Answer(None, (204,)),
    "resume_campaign": Answer(messages.Campaign, (202,)),
    "put_safety": Answer(messages.Campaign),
    "put_schedule": Answer(messages.Campaign),
    "put_sender_accounts": Answer(messages.Sender),
    "post_conversion": Answer(events.PageEventAccepted, (202,)),
    "put_goal": Answer(messages.Campaign),
    "recompute_conversions": Answer(conversions.Recomputing, (202,)),
    "put_campaign_rate": Answer(messages.Campaign),
    "put_sender_rate": Answer(messages.Sender),
    "simulate_campaign": Answer(why.SimulationStarted, (202,)),
    "dry_run_import": Answer(contacts.Import, (202,)),
    "test_campaign": Answer(safety.Trial, (202,)),
    "undo_import": Answer(contacts.Import, (202,)),
    "start_import": Answer(contacts.Import, (202,)),
    "submit_template": Answer(messages.TemplateVersion),
    "delete_webhook": Answer(None, (204,)),
    "get_replay": Answer(webhooks.Replay),
    "get_webhook": Answer(webhooks.Webhook),
    "list_deliveries": Answer(webhooks.Deliveries),
    "list_webhooks": Answer(webhooks.Webhooks),
    "post_replay": Answer(webhooks.Replay, (202,)),
    "post_webhook": Answer(webhooks.WebhookWithSecret, (201,)),
    "put_webhook": Answer(webhooks.Webhook),
    "rotate_webhook_secret": Answer(webhooks.WebhookWithSecret),
    "stop_replay": Answer(webhooks.Replay),
    "try_webhook": Answer(webhooks.WebhookTest),
}
