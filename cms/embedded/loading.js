/* Asks every two seconds whether the product is there, and goes to it. Without script the link does the same. */
(function () {
  "use strict";
  function each(name, change) { Array.prototype.forEach.call(document.querySelectorAll(name), change); }
  function show(now) {
    each("[data-number]", function (one) { one.textContent = now.number; });
    each("[data-step]", function (one) { if (one.textContent !== now[one.dataset.step]) one.textContent = now[one.dataset.step]; });
    each("progress", function (one) { one.value = now.number; });
  }
  function ask() {
    fetch("/readyz", { cache: "no-store", headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.json(); })
      .then(function (now) {
        if (now.status === "loading") { show(now); return; }
        clearInterval(asking);
        /* Not reload(): what came here by a form is not sent a second time. */
        location.assign(location.pathname + location.search);
      })
      .catch(function () { /* it is being started anew: ask again */ });
  }
  each("[data-by-itself]", function (one) { one.hidden = false; });
  var asking = setInterval(ask, 2000);
})();
