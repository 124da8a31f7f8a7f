// The words of the search, while they are typed: reports by their number, places, services, saved searches. A place
// or a service becomes a filter beside the words that stay; the others are opened. Without it the button asks.
(() => {
  const { $ } = window.sawt;
  const box = $("[data-suggest]"), form = $("#search-form"), input = $("#s");
  if (!box) return;
  const made = (tag, attributes) => {
    const one = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => one.setAttribute(name, value));
    return one;
  };
  const list = made("div", { class: "combo__list", id: "s-list", role: "listbox", "aria-label": box.dataset.label });
  const status = made("p", { class: "vh", role: "status" });
  box.append(list, status);

  const lead = (row) => {
    const { address, name, value, rest } = row.dataset;
    if (address) { location.assign(address); return; }
    const asked = new URLSearchParams([...new FormData(form)].filter(([field, typed]) => typed && field !== "q"));
    if (rest) asked.set("q", rest);
    if (!asked.getAll(name).includes(value)) asked.append(name, value);
    location.assign(`?${asked}`);
  };

  // Of what was asked only the last answer is shown, and none that comes when the field was left.
  let soon = 0, under_way = null, shown = null;
  const close = () => {
    clearTimeout(soon);
    under_way?.abort();
    combo.show(false);
    status.textContent = "";
  };
  const draw = (html) => {
    list.innerHTML = html;
    const count = list.querySelectorAll("[role=option]").length;
    combo.show(count > 0);
    status.textContent = count ? `${box.dataset.found} ${count}` : "";
  };
  const ask = async () => {
    const typed = input.value.trim();
    under_way?.abort();
    if (typed.length < 2) { close(); return; }
    if (typed === shown) { draw(list.innerHTML); return; }
    under_way = new AbortController();
    let answer, html;
    try {
      answer = await fetch(`${box.dataset.suggest}?${new URLSearchParams({ q: typed })}`, { signal: under_way.signal });
      html = await answer.text();
    } catch { return; }
    // A session that has ended answers with the page to sign in.
    if (!answer.ok || answer.redirected || document.activeElement !== input) return;
    shown = typed;
    draw(html);
  };
  const combo = sawtCombo(input, list, { open: ask, choose: lead });
  input.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(ask, 120); });
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
})();
