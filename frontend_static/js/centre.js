// The contact centre's screen by keyboard: Enter goes on, Ctrl and Enter sends. It all works without this too.
(() => {
  const form = document.querySelector("[data-centre]");
  if (!form) return;
  const $ = (selector, root = form) => root.querySelector(selector);
  const $$ = (selector, root = form) => [...root.querySelectorAll(selector)];
  const q = $("#q"), said = $("[data-said]");
  const say = (text) => { said.textContent = ""; requestAnimationFrame(() => { said.textContent = text; }); };
  $$("[data-key]").forEach((hint) => { hint.hidden = false; });

  // --- which field comes next: in the order of the page, one stop for each group of choices ---
  const stops = () => $$("input:not([type=hidden]), select, textarea, [data-submit]").filter((field) => {
    if (field.disabled || field.closest("[hidden], :disabled") || !field.getClientRects().length) return false;
    if (field.type !== "radio") return true;
    const group = $$(`input[name="${CSS.escape(field.name)}"]`);
    return field === (group.find((one) => one.checked) || group[0]);
  });
  const next = (field) => {
    const all = stops();
    const at = field.type === "radio" ? all.findIndex((one) => one.name === field.name) : all.indexOf(field);
    all[at + 1]?.focus();
  };

  // --- the service: Enter takes the first that fits what stands in the field now ---
  let wanted = false, takenFor = null;
  const typed = () => q.value.trim().slice(0, 200);
  const list = () => $("#services");
  const take = () => {
    const first = $("input[name=service]", list());
    wanted = false;
    if (!first) { q.focus(); return; }
    // One that was chosen for other words gives way; one that was chosen among these stays.
    if (!$("input[name=service]:checked", list()) || takenFor !== typed()) {
      first.checked = true;
      first.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (document.activeElement === q) ($("#place-find") || $("#place")).focus();
  };
  const isThere = () => (list().dataset.for || "") === typed();
  // Also for who was quicker than the page's scripts: what stood in the field by then is no change to htmx.
  const fetchNow = () => q.dispatchEvent(new Event("wanted"));
  addEventListener("load", () => { if (!isThere()) fetchNow(); });

  form.addEventListener("change", (event) => { if (event.target.name === "service") takenFor = typed(); });
  if ($("input[name=service]:checked")) takenFor = typed();

  // --- questions that depend on an answer; hidden ones are disabled, so that they are not sent ---
  const ask = (name) => $$("[data-when]").forEach((box) => {
    if (box.dataset.when !== name) return;
    const given = $$(`[name="${CSS.escape(name)}"]`).find((field) => field.type !== "radio" || field.checked);
    const shown = !!given && given.value === box.dataset.equals && !given.closest(".question").disabled;
    if (box.hidden === !shown) return;
    box.hidden = box.disabled = !shown;
    $$("[name]", box).forEach((field) => { if (field.name !== "seen") ask(field.name); });
  });
  form.addEventListener("input", (event) => { if (event.target.name) ask(event.target.name); });

  // --- keys ---
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit($("[data-submit]")); return; }
    if (field === q && event.key === "ArrowDown") {
      const first = $("input[name=service]", list());
      if (first) { event.preventDefault(); first.focus(); first.click(); }
      return;
    }
    if (event.key !== "Enter" || !field.matches("input, select")) return;
    if (field.id === "place-find") {
      // The list of places has taken it, or one of its rows is to be taken: the first.
      const rows = $("#place-list");
      if (!event.defaultPrevented && !rows.hidden) {
        for (const key of ["ArrowDown", "Enter"]) field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: false, cancelable: true }));
      }
      event.preventDefault();
      if ($("#place").value) next(field);
      return;
    }
    event.preventDefault();
    if (field === q) { if (isThere()) take(); else { wanted = true; fetchNow(); } }
    else if (field.id === "code") $("[data-check]").click();
    else next(field);
  });

  // --- what the server brought ---
  document.addEventListener("htmx:before:swap", (event) => {
    // The sign-in page is no part of this one.
    if (event.detail?.ctx?.response?.raw?.redirected) { event.preventDefault(); say(form.dataset.ended); }
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.sourceElement;
    const found = $("[data-count], [data-none]", list());
    if (found) $("[data-found]").textContent = found.textContent;
    if (wanted && isThere()) take();
    if (target?.closest?.("#caller")) (($("#caller [aria-invalid=true]") || $("#caller [data-lands]") || $("#phone"))).focus();
  });

  // --- one press sends once ---
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "submit") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  addEventListener("pageshow", () => { delete form.dataset.sent; });

  // --- what is wrong is where one goes on; the list of places stands for its select ---
  const go = (id) => {
    const at = id === "place" ? $("#place-find") || $("#place") : document.getElementById(id);
    (at?.matches("fieldset") ? $("input", at) : at)?.focus();
  };
  form.addEventListener("click", (event) => {
    const link = event.target.closest(".note a[href^='#']");
    if (link) { event.preventDefault(); go(link.hash.slice(1)); }
  });
  // After the list of places has been made of its select.
  addEventListener("load", () => { if (form.dataset.focus) go(form.dataset.focus); });
})();
