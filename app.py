"""Puts the API together: one Chalice app of all blueprints. No logic here."""

from chalice.app import Chalice

from functions.access import routes as access_routes
from functions.access.wiring import ApiGuards
from functions.activity import events as activity_events, page_routes, routes as activity_routes
from functions.audiences import events as audience_events, routes as audience_routes
from functions.campaigns import (
    control_routes,
    conversion_routes,
    events as campaign_events,
    experiment_routes,
    report_routes,
    routes as campaign_routes,
    safety_routes,
)
from functions.compliance import events as compliance_events, routes as compliance_routes
from functions.contacts import consent_routes, routes as contact_routes
from functions.coupons import routes as coupon_routes
from functions.dispatch import events as dispatch_events
from functions.exports import routes as export_routes
from functions.held import routes as held_routes
from functions.imports import events as import_events, routes as import_routes
from functions.insights import routes as insight_routes
from functions.links import (
    events as link_events,
    routes as link_routes,
    standalone_routes,
)
from functions.live import events as live_events, routes as live_routes
from functions.notices import events as notice_events, routes as notice_routes
from functions.openapi import routes as openapi_routes
from functions.optouts import events as opt_out_events
from functions.policy import routes as policy_routes
from functions.preferences import routes as preference_routes
from functions.privacy import events as privacy_events, routes as privacy_routes
from functions.receipts import events as receipt_events, routes as receipt_routes
from functions.redirect import events as redirect_events
from functions.runtime.http import install_guards
from functions.senders import routes as sender_routes
from functions.sending import events as sending_events, routes as sending_routes
from functions.templates import routes as template_routes
from functions.timers import events as timer_events
from functions.webhooks import events as webhook_events, routes as webhook_routes
from functions.workers import events as worker_events

app = Chalice(app_name="allim")
install_guards(ApiGuards())

for blueprint in (
    access_routes.bp,
    audience_events.bp,
    audience_routes.bp,
    activity_events.bp,
    activity_routes.bp,
    campaign_events.bp,
    campaign_routes.bp,
    compliance_events.bp,
    compliance_routes.bp,
    consent_routes.bp,
    contact_routes.bp,
    control_routes.bp,
    conversion_routes.bp,
    coupon_routes.bp,
    dispatch_events.bp,
    experiment_routes.bp,
    export_routes.bp,
    held_routes.bp,
    import_events.bp,
    import_routes.bp,
    insight_routes.bp,
    link_events.bp,
    link_routes.bp,
    live_events.bp,
    live_routes.bp,
    notice_events.bp,
    notice_routes.bp,
    openapi_routes.bp,
    opt_out_events.bp,
    page_routes.bp,
    policy_routes.bp,
    privacy_events.bp,
    privacy_routes.bp,
    preference_routes.bp,
    receipt_events.bp,
    receipt_routes.bp,
    redirect_events.bp,
    report_routes.bp,
    safety_routes.bp,
    sender_routes.bp,
    sending_events.bp,
    sending_routes.bp,
    standalone_routes.bp,
    template_routes.bp,
    timer_events.bp,
    webhook_events.bp,
    webhook_routes.bp,
    worker_events.bp,
):
    app.register_blueprint(blueprint)
