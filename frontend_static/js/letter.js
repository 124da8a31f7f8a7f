// A letter to another entity: questions that depend on an answer, and one press sends once. It works without this.
(() => {
  const form = document.querySelector("[data-letter]");
  if (!form) return;
  const $$ = (selector, root = form) => [...root.querySelectorAll(selector)];
  // The questions come as soon as a service is chosen.
  $$("[data-plain]").forEach((button) => { button.hidden = true; });

  const ask = (name) => $$("[data-when]").forEach((box) => {
    if (box.dataset.when !== name) return;
    const given = $$(`[name="${CSS.escape(name)}"]`).find((field) => field.type !== "radio" || field.checked);
    const shown = !!given && given.value === box.dataset.equals && !given.closest(".question").disabled;
    if (box.hidden === !shown) return;
    box.hidden = box.disabled = !shown;
    $$("[name]", box).forEach((field) => ask(field.name));
  });
  form.addEventListener("input", (event) => { if (event.target.name) ask(event.target.name); });

  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  addEventListener("pageshow", () => { delete form.dataset.sent; });

  // What is wrong is where one goes on; the list of places stands for its select.
  form.addEventListener("click", (event) => {
    const link = event.target.closest(".note a[href^='#']");
    if (!link) return;
    event.preventDefault();
    const id = link.hash.slice(1);
    const at = id === "place" ? document.getElementById("place-find") || document.getElementById("place") : document.getElementById(id);
    (at?.matches("fieldset") ? at.querySelector("input") : at)?.focus();
  });
  form.querySelector("[data-problems]")?.focus();
})();
