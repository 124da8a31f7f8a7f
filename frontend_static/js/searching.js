// The search's page: what is ticked is asked for at once, and a period is drawn over the bars. Without it the
// button asks, each bar is a link, and the days are typed.
(() => {
  const { $, $$, keys } = window.sawt;
  // How far files are, while any is being written.
  const exports = $("[data-exports]");
  if (exports) {
    const timer = setInterval(async () => {
      if (document.hidden) return;
      if (!exports.firstElementChild?.dataset.underWay) { clearInterval(timer); return; }
      let answer;
      try { answer = await fetch(exports.dataset.exports); } catch { return; }
      // A server that is busy is asked again; who is signed out, or may not, is not.
      if (answer.redirected || [401, 403, 404].includes(answer.status)) { clearInterval(timer); return; }
      if (!answer.ok) return;
      exports.innerHTML = await answer.text();
    }, 2000);
  }

  const form = $("#search-form");
  if (!form) return;

  // Where the filters stand above the results, they are folded until somebody wants them.
  const fold = $("[data-fold]");
  if (fold && $(".split") && getComputedStyle($(".split")).gridTemplateColumns.split(" ").length === 1) fold.open = false;

  // `/` goes to the words.
  keys((code) => code === "Slash" && (() => $("#s").select()));

  // Several boxes may be ticked in a row: asked for when the last one is a moment ago.
  let soon = 0;
  $$("input[type=checkbox][form=search-form]:not([data-late])").forEach((box) => box.addEventListener("change", () => {
    clearTimeout(soon);
    soon = setTimeout(() => form.requestSubmit(), 700);
  }));
  // What was not filled in does not stand in the address.
  form.addEventListener("submit", () => {
    [...form.elements].forEach((field) => { if (field.name && !field.value) field.disabled = true; });
  });
  // Who comes back sees ticked what this page was asked for, and not what was ticked before leaving it.
  addEventListener("pageshow", () => [...form.elements].forEach((field) => {
    field.disabled = false;
    if (field.type === "checkbox") field.checked = field.defaultChecked;
  }));

  const chart = $("[data-brush]");
  if (!chart) return;
  const bars = $$("a[data-first]", chart);
  const said = $("[data-brush-said]");
  if (bars.length > 1 && said && matchMedia("(pointer: fine)").matches) said.hidden = false;
  let from = -1, to = -1;
  const show = () => bars.forEach((bar, place) => bar.classList.toggle("brushed", from >= 0 && place >= Math.min(from, to) && place <= Math.max(from, to)));
  // The bar whose middle is nearest.
  const at = (event) => {
    let best = 0, least = Infinity;
    bars.forEach((bar, place) => {
      const box = $(".whole", bar).getBoundingClientRect(), away = Math.abs(box.x + box.width / 2 - event.clientX);
      if (away < least) [best, least] = [place, away];
    });
    return best;
  };
  const ask = () => {
    const [first, last] = [Math.min(from, to), Math.max(from, to)].map((place) => bars[place]);
    const days = [first.dataset.first, last.dataset.first, first.dataset.last, last.dataset.last].sort();
    $("#f-since").value = days[0];
    $("#f-until").value = days[3];
    const kept = $("input[name=bars]", form);
    if (kept) kept.value = "";
    form.requestSubmit();
  };
  chart.addEventListener("dragstart", (event) => event.preventDefault());
  chart.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch") return;
    from = to = at(event);
  });
  addEventListener("pointermove", (event) => { if (from >= 0) { to = at(event); show(); } });
  let drawn = false;
  addEventListener("pointerup", () => {
    if (from < 0) return;
    // A press on one bar is its link's.
    drawn = from !== to;
    if (drawn) ask();
    else { from = -1; show(); }
  });
  chart.addEventListener("click", (event) => { if (drawn) event.preventDefault(); }, true);
  // By keys: Shift and an arrow from a bar on draws over its neighbours, Enter asks, Escape gives up.
  chart.addEventListener("keydown", (event) => {
    const place = bars.indexOf(event.target.closest("a[data-first]"));
    if (place < 0) return;
    const rtl = getComputedStyle(chart).direction === "rtl";
    const step = { ArrowLeft: rtl ? 1 : -1, ArrowRight: rtl ? -1 : 1 }[event.key];
    if (step && bars[place + step]) {
      event.preventDefault();
      if (event.shiftKey) { if (from < 0) from = place; to = place + step; } else from = to = -1;
      bars[place + step].focus();
      show();
    } else if (event.key === "Enter" && from >= 0 && from !== to) {
      event.preventDefault();
      ask();
    } else if (event.key === "Escape") { from = to = -1; show(); }
  });
})();
