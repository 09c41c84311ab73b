"""The script that landing pages load to tell what their visitors did.

It keeps nothing and sets no cookie, unless its tag has ``data-remember``: then the code stays in
the tab's session storage, so that a later page of the same visit can report too. It loads nothing
and reads nothing of the page but the address.
"""

from functions.domain.utm import CLICK_PARAMETER

SCRIPT = """\
(function () {
  "use strict";
  var tag = document.currentScript, name = "%(parameter)s", code = null;
  var to = tag.src.replace(/conversions\\.js(\\?.*)?$/, "conversions");
  try {
    code = new URL(window.location.href).searchParams.get(name);
    if (tag.hasAttribute("data-remember")) {
      code = code || window.sessionStorage.getItem(name);
      if (code) window.sessionStorage.setItem(name, code);
    }
  } catch (ignored) {}
  window.allim = {
    click: code,
    convert: function (event, options) {
      var given = options || {}, report = {click: code, event: event};
      if (!code) return false;
      if (given.id) report.event_id = String(given.id);
      if (given.minor !== undefined) {
        report.value = {minor: given.minor, currency: given.currency || "%(currency)s"};
      }
      return navigator.sendBeacon(to, JSON.stringify(report));
    }
  };
})();
"""


def script(currency: str) -> str:
    """Write the script."""
    return SCRIPT % {"parameter": CLICK_PARAMETER, "currency": currency}
