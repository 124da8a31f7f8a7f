/* The citizen's forms. Everything works without this file; it keeps a draft while it is typed. */
(function () {
  "use strict";
  var each = function (selector, f) { Array.prototype.forEach.call(document.querySelectorAll(selector), f); };
  var dirty = null, timer = 0, pending = null;

  /* Drafts: kept on the server a moment after the last key, and before a link is followed. */
  function say(offline) {
    each("[data-save-status]", function (p) { p.textContent = offline ? p.dataset.offline : ""; });
  }
  function save() {
    var form = dirty;
    clearTimeout(timer);
    if (!form) return Promise.resolve();
    dirty = null;
    pending = fetch(form.dataset.draft, { method: "POST", body: new FormData(form), keepalive: true, credentials: "same-origin" })
      .then(function () { say(false); }, function () { dirty = dirty || form; say(true); })
      .then(function () { pending = null; });
    return pending;
  }
  /* Who comes to what they wrote at the start goes on at its end. */
  each("[data-carried]", function (field) {
    field.addEventListener("focus", function () { field.setSelectionRange(field.value.length, field.value.length); }, { once: true });
  });
  document.addEventListener("input", function (e) {
    var form = e.target.form;
    if (!form || !form.dataset.draft) return;
    dirty = form;
    clearTimeout(timer);
    timer = setTimeout(save, 800);
  });
  document.addEventListener("click", function (e) {
    var link = e.target.closest("a[href]");
    if (!link || !dirty || link.target || e.ctrlKey || e.metaKey || e.shiftKey || link.origin !== location.origin || link.getAttribute("href")[0] === "#") return;
    e.preventDefault();
    var leave = function () { location.href = link.href; };
    Promise.race([save(), new Promise(function (done) { setTimeout(done, 1500); })]).then(leave);
  });
  /* What is saved while the page goes may be asked for again before it has arrived: who reloads at once would read,
     and write on in, what was there before. Only how it looked is kept for that moment, not the words. */
  function look(form) {
    var sum = 5381;
    Array.prototype.forEach.call(form.elements, function (field) {
      if (!field.name || /hidden|file|submit/.test(field.type)) return;
      var said = field.name + (/radio|checkbox/.test(field.type) ? field.checked : field.value);
      for (var i = 0; i < said.length; i++) sum = (sum * 33 + said.charCodeAt(i)) | 0;
    });
    return sum;
  }
  var LEFT = "sawt-left";
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState !== "hidden" || !dirty) return;
    try { sessionStorage.setItem(LEFT, JSON.stringify({ at: Date.now(), where: location.pathname + location.search, look: look(dirty) })); } catch (e) { /* none kept */ }
    save();
  });
  (function () {
    var left = null, form = document.querySelector("form[data-draft]");
    try { left = JSON.parse(sessionStorage.getItem(LEFT)); sessionStorage.removeItem(LEFT); } catch (e) { /* none kept */ }
    if (!left || !form || left.where !== location.pathname + location.search || Date.now() - left.at > 8000) return;
    if (look(form) !== left.look) setTimeout(function () { if (!dirty) location.reload(); }, 600);
  })();
  document.addEventListener("submit", function (e) {
    var stays = e.target.dataset.draft || e.target.hasAttribute("data-online");
    if (stays && !navigator.onLine) { e.preventDefault(); e.stopPropagation(); say(true); return; }
    if (!e.target.dataset.draft) return;
    clearTimeout(timer);
    dirty = null;                                      // the form itself carries it
    if (pending) {                                     // two writers of one draft: the later one must come later
      var form = e.target, button = e.submitter;
      e.preventDefault();
      e.stopImmediatePropagation();
      pending.then(function () { form.requestSubmit(button); });
    }
  }, true);
  window.addEventListener("online", function () { if (dirty) save(); else say(false); });

  /* Questions that depend on another's answer. Hidden ones are disabled, so they are not sent. */
  function ask(name) {
    each("[data-when]", function (box) {
      if (box.dataset.when !== name) return;
      var chosen = document.querySelector('[name="' + name + '"]:checked, select[name="' + name + '"], input[name="' + name + '"]:not([type="radio"])');
      var parent = chosen && chosen.closest(".question");
      var shown = !!chosen && chosen.value === box.dataset.equals && !(parent && parent.disabled);
      if (box.hidden === !shown) return;
      box.hidden = box.disabled = !shown;
      Array.prototype.forEach.call(box.querySelectorAll("[name]"), function (field) { if (field.name !== "seen") ask(field.name); });
    });
  }
  document.addEventListener("input", function (e) { if (e.target.name) ask(e.target.name); });

  /* From the search down into what it found, as in any list of suggestions; the arrows then go on by themselves. */
  document.addEventListener("keydown", function (e) {
    var first = e.target.id === "q" && e.key === "ArrowDown" && document.querySelector('#services input[name="service"]');
    if (!first) return;
    e.preventDefault();
    first.focus();
    first.click();
  });
  /* A status that arrives together with its element is not read out; this one stands there before. */
  document.addEventListener("htmx:after:swap", function () {
    var said = document.querySelector("[data-found]"), found = document.querySelector("#services [data-count]");
    if (said && found) said.textContent = found.textContent;
  });

  /* Similar reports: sought once the page is there, which waits for no search; without an answer nothing is shown. */
  each("[data-similar]", function (at) {
    fetch(at.dataset.similar + (at.dataset.similar.indexOf("?") < 0 ? "?" : "&") + "fragment=1", { credentials: "same-origin" })
      .then(function (answer) { return answer.status === 200 && !answer.redirected ? answer.text() : ""; })
      .then(function (found) { at.innerHTML = found; }, function () { /* nothing is shown */ });
  });

  /* Dialogs: 'cancel' is a link, which without script leaves the :target. */
  document.addEventListener("click", function (e) {
    var at = e.target.closest("[data-close]");
    if (!at) return;
    var dialog = document.getElementById(at.dataset.close);
    if (!dialog || !dialog.open) return;
    e.preventDefault();
    dialog.close();
    dialog.classList.remove("is-inline");
  });

  /* The browser's own words about chosen files are in its language, and hidden: the names stand below. */
  document.addEventListener("change", function (e) {
    var said = e.target.dataset.chosen && document.getElementById(e.target.dataset.chosen);
    if (!said) return;
    said.replaceChildren.apply(said, Array.prototype.map.call(e.target.files, function (file) {
      var line = document.createElement("span"), name = document.createElement("bdi");
      line.className = "chosen";
      name.textContent = file.name;
      line.append(name);
      return line;
    }));
  });

  /* The receipt's QR carries the secret behind '#', which no server ever sees. */
  function fill() {
    var secret = document.getElementById("secret"), typed = location.hash.slice(1);
    if (!secret || secret.value || !/^[0-9A-Z-]{12,20}$/.test(typed)) return;
    secret.value = typed;
    history.replaceState(null, "", location.pathname + location.search);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", fill); else fill();
})();
