/* Everything works without this file; it only makes some things nicer. No inline handlers, so a strict CSP holds. */
(function () {
  "use strict";
  var root = document.documentElement;
  var each = function (selector, inside, f) {
    Array.prototype.forEach.call((inside || document).querySelectorAll(selector), f);
  };

  /* The server writes data-theme from the cookie; here the same form works without a round trip. */
  document.addEventListener("submit", function (e) {
    if (!e.target.matches("[data-theme-form]") || !e.submitter) return;
    e.preventDefault();
    var theme = e.submitter.value;
    root.dataset.theme = theme;
    document.cookie = "theme=" + theme + ";path=/;max-age=31536000;samesite=lax" + (location.protocol === "https:" ? ";secure" : "");
    each("[data-theme-form] button", null, function (b) { if (b.value !== theme && b.offsetParent) b.focus(); });
  });

  document.addEventListener("click", function (e) {
    var at = e.target.closest("[data-copy],[data-print],[data-dialog]");
    if (!at) return;
    if (at.hasAttribute("data-print")) { window.print(); return; }
    if (at.hasAttribute("data-dialog")) {              // without script the link's :target shows it in the page
      e.preventDefault();
      var dialog = document.getElementById(at.dataset.dialog);
      if (dialog.open) dialog.close();                 // a refused form stands open in the page, further down
      dialog.classList.remove("is-inline");
      dialog.showModal();
      return;
    }
    var said = document.getElementById(at.dataset.copy);
    navigator.clipboard.writeText(said.textContent.trim()).then(function () {
      at.querySelector("span").textContent = at.dataset.done;    // the button sits in an aria-live region
    }, function () { getSelection().selectAllChildren(said); }); // not allowed: ready to be copied by hand
  });

  /* A form that was sent is not sent again by a second press; going back makes it usable again. */
  document.addEventListener("submit", function (e) {
    if (e.defaultPrevented || e.target.method !== "post") return;
    if (e.target.dataset.sent) { e.preventDefault(); return; }
    e.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", function () {
    each("form[data-sent]", null, function (f) { delete f.dataset.sent; });
  });

  document.addEventListener("input", function (e) {
    var a = e.target;
    if (!a.matches("textarea[data-max]")) return;
    document.getElementById(a.dataset.max).textContent = Math.max(0, a.maxLength - a.value.length).toLocaleString("en");
  });

  function enhance(inside) {
    each("[data-copy],[data-print]", inside, function (b) { b.hidden = false; });
    if (matchMedia("(min-width: 900px)").matches) each("details[data-open-wide]", inside, function (d) { d.open = true; });
    each(".table--cards", inside, function (t) {       // display:block must not cost the table its meaning
      t.setAttribute("role", "table");
      each("thead, tbody", t, function (x) { x.setAttribute("role", "rowgroup"); });
      each("tr", t, function (x) { x.setAttribute("role", "row"); });
      each("td", t, function (x) { x.setAttribute("role", "cell"); });
      each("th", t, function (x) { x.setAttribute("role", x.scope === "row" ? "rowheader" : "columnheader"); });
    });
  }

  function start() {
    enhance(document);
    var sum = document.querySelector("[data-errors]"), refused = document.querySelector("dialog[open].is-inline");
    if (refused) {                                     // it comes back as what it was, and at what is wrong in it
      refused.close();
      refused.classList.remove("is-inline");
      refused.showModal();
      var wrong = refused.querySelector("[aria-invalid=true]");
      if (wrong) (wrong.matches("fieldset") ? wrong.querySelector("input") : wrong).focus();
    } else if (sum) sum.focus();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
  /* htmx 4 tells of swapped content by this event; what it brought is enhanced too. */
  document.addEventListener("htmx:after:swap", function (e) {
    each("form[data-sent]", null, function (f) { delete f.dataset.sent; });
    enhance(e.target && e.target.querySelectorAll ? e.target : document);
  });
})();
