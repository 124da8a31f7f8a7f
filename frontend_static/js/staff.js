// Behaviour of the staff's screens. Everything works without it, except the keyboard and the neighbours.
// What the queue alone needs is in queue.js, which takes `sawt` from here.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const typing = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const config = JSON.parse($("#wagtail-config")?.textContent || "{}");
  const shortcuts = config.KEYBOARD_SHORTCUTS_ENABLED !== false;
  const kept = "sawt-queue";

  // Keys by physical position (event.code), so that J is J under the Arabic layout; `/` and `?` by their sign too,
  // which other layouts have elsewhere. [ and ] stay Wagtail's. A dialog has its own keys.
  const signs = { "/": "Slash", "?": "Help", "\u061f": "Help" };
  const named = (event) => {
    if (signs[event.key]) return [signs[event.key], false];
    return event.code === "Slash" && event.shiftKey ? ["Help", false] : [event.code, event.shiftKey];
  };
  // `actions(code, shift, event)` gives what a key would do now, or nothing; `offers(row)` whether a row of the dialog
  // of keys names something that would: what would not is not listed.
  let listed = () => true;
  const keys = (actions, offers = (row) => row.dataset.acts.split(" ").some((code) => actions(code, false))) => {
    if (!shortcuts) return;
    listed = (row) => Boolean(offers(row));
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || $("dialog[open]")) return;
      const field = typing(event.target);
      // Escape closes the field's list, or leaves it; the keys work again from the heading of its form.
      if (field && event.code === "Escape" && field.getAttribute("aria-expanded") !== "true") { leave(field); event.preventDefault(); }
      if (field) return;
      const [code, shift] = named(event);
      const act = code === "Help" ? help && tell : actions(code, shift, event);
      // Wagtail listens for `?` and `/` too, later than this.
      if (act) { event.preventDefault(); event.stopImmediatePropagation(); act(); }
    }, true);
  };

  const leave = (field) => {
    field.blur();
    $("summary", field.closest("details") || field.closest("form"))?.focus({ preventScroll: true });
  };

  // The one dialog of keys of a page; `?` by its sign or by its place, which is ؟ under the Arabic layout.
  const help = $("[data-help]");
  const tell = () => {
    $$("[data-acts]", help).forEach((row) => { row.hidden = !listed(row); });
    help.showModal();
  };
  if (help) $$("[data-help-open]").forEach((button) => { button.hidden = !shortcuts; button.addEventListener("click", tell); });

  window.sawt = { $, $$, typing, keys, shortcuts, kept };

  // One popover of filters at a time; it closes on Escape and on a click elsewhere.
  document.addEventListener("click", (event) => $$(".sawt .pick[open]").forEach((pick) => { if (!pick.contains(event.target)) pick.open = false; }));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") $$(".sawt .pick[open]").forEach((pick) => { pick.open = false; $("summary", pick).focus(); });
  });

  // A form that came back is gone on with at what it says above its fields, or else where it is wrong.
  // The centre has its own way through its one form, and an alert that stands there for an emergency.
  const failed = $$(".sawt form:not([data-centre]) [role=alert], [data-report] [role=alert]").find((said) => said.textContent.trim()), wrong = $(".sawt .field [aria-invalid=true]");
  if (failed) {
    failed.tabIndex = -1;
    failed.focus({ preventScroll: true });
    failed.scrollIntoView({ block: "center" });
  } else if (wrong) (wrong.matches("fieldset") ? $("input:not([data-find])", wrong) : wrong)?.focus();

  // A long list of choices is narrowed by what is typed above it; what is ticked stays in sight.
  const fold = (text) => text.normalize("NFKD").replace(/[\p{Mn}\p{Cf}ـ]/gu, "").toLowerCase().replace(/[أإآٱ]/g, "ا").replace(/ى/g, "ي").replace(/ة/g, "ه");
  const fits = (label, words) => { const said = fold(label.textContent); return words.every((word) => said.includes(word)); };
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-find]")) return;
    const words = fold(event.target.value).split(/\s+/).filter(Boolean), labels = $$("label.check", event.target.closest("fieldset"));
    labels.forEach((label) => { label.hidden = !$("input", label).checked && !fits(label, words); });
    $("[data-found]", event.target.closest("fieldset")).textContent = `${event.target.dataset.find} ${labels.filter((label) => fits(label, words)).length}`;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-find]")) return;
    event.preventDefault();
    const words = fold(event.target.value).split(/\s+/).filter(Boolean), first = words.length && $$("label.check", event.target.closest("fieldset")).find((label) => fits(label, words));
    if (first) { $("input", first).click(); $("input", first).focus(); }
  });

  const report = $("[data-report]");
  if (report) {
    // A template replaces a text that nobody edited; otherwise it is added to it.
    $$("[data-templates]", report).forEach((box) => {
      const form = box.closest("form"), text = $("textarea", form), choice = $("select", box);
      let clean = text.value;
      $("[data-insert]", box).addEventListener("click", (event) => {
        event.preventDefault();
        const given = choice.selectedOptions[0]?.dataset.text;
        if (!given) { choice.focus(); return; }
        text.value = text.value.trim() === "" || text.value === clean ? given : `${text.value}\n\n${given}`;
        clean = text.value;
        text.focus();
      });
    });
    // A second click on the same button must not send twice.
    report.addEventListener("submit", (event) => {
      if (event.target.dataset.sent) event.preventDefault();
      event.target.dataset.sent = "1";
    });
    addEventListener("pageshow", () => $$("form", report).forEach((form) => { delete form.dataset.sent; }));

    const said = $("[data-said]", report);
    let quiet = 0;
    const say = (text) => {
      clearTimeout(quiet);
      // Emptied first, so that the same sentence is read out again.
      said.textContent = "";
      requestAnimationFrame(() => { said.textContent = text; });
      quiet = setTimeout(() => { said.textContent = ""; }, 6000);
    };
    const refuse = () => say(said.dataset.refusal);
    const panel = (id) => $(`#${CSS.escape(id)}`, report);
    const open = (target) => {
      if (!target) { refuse(); return; }
      if (target.matches("details")) target.open = true;
      target.scrollIntoView({ block: "nearest" });
      ($(".field:not([data-templates]) :is(textarea, select, input)", target) || $("form .primary", target))?.focus();
    };
    // `#key-KeyR` is whatever answers to that key here: the reply, its draft, or the word of thanks.
    const follow = () => {
      const [, kind, name] = location.hash.match(/^#(act|key)-(.+)$/) || [];
      if (kind) open(kind === "act" ? panel(`act-${name}`) : $(`details[data-key="${CSS.escape(name)}"]`, report));
    };
    addEventListener("hashchange", follow);
    // After the browser's own jump to the fragment, which would take the focus away again.
    addEventListener("load", () => setTimeout(follow));

    let list = null;
    try { list = JSON.parse(sessionStorage.getItem(kept) || "null"); } catch { list = null; }
    const here = list ? list.rows.findIndex((path) => location.pathname.startsWith(path)) : -1;
    const step = (by) => { const path = here >= 0 && list.rows[here + by]; return path && (() => { location.href = path; }); };
    const nav = $("[data-neighbours]", report);
    if (nav && here >= 0) {
      nav.hidden = false;
      const position = $("[data-position]", nav);
      position.textContent = `${here + 1} ${position.dataset.of} ${list.rows.length}`;
      for (const [name, by] of [["[data-previous]", -1], ["[data-next]", 1]]) {
        const link = $(name, nav), path = list.rows[here + by];
        if (path) link.href = path; else link.hidden = true;
      }
    }
    keys((code, shift) => {
      if (shift) return null;
      const target = $(`details[data-key="${code}"]`, report);
      if (target) return () => open(target);
      return {
        KeyJ: step(1), KeyK: step(-1),
        KeyN: panel("act-note") && (() => open(panel("act-note"))),
        KeyG: () => { location.href = list?.back || $("[data-next]", report).href; },
      }[code];
    });
    if (!shortcuts) $$("kbd", report).forEach((key) => { key.hidden = true; });
  }
})();
