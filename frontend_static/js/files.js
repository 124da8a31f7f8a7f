/* Files are sent as soon as they are chosen, one after another, with their progress. Without this file the
   form brings them along. */
(function () {
  "use strict";
  var busy = 0, waiting = null, last = Promise.resolve();

  /* One thing at a time: the answer to an upload that began before a file was taken away would show it again. */
  function inTurn(work) { last = last.then(work, work); return last; }

  /* What a form of this page says of itself: its token, and which draft it belongs to. */
  function named(box) {
    var form = box.closest("form") || box, data = new FormData();
    ["csrfmiddlewaretoken", "key"].forEach(function (name) {
      var one = form.querySelector("[name=" + name + "]");
      if (one) data.append(name, one.value);
    });
    return data;
  }
  /* What was wrong with an earlier file of the same choice stays beside the new list. */
  function show(box, html, kept) {
    var list = box.querySelector("[data-files-list]"), made = document.createElement("div");
    made.innerHTML = html;
    var fresh = made.querySelector("[data-files-list]");
    if (!list || !fresh) return;
    list.replaceWith(fresh);
    var said = fresh.querySelector(".error");
    (kept || []).forEach(function (one) { fresh.appendChild(one); });
    if (kept && said) kept.push(said);
  }
  function row(box, file) {
    var list = box.querySelector("[data-files-list]"), ul = list.querySelector(".files");
    if (!ul) { ul = document.createElement("ul"); ul.className = "files gap-t"; list.appendChild(ul); }
    var li = document.createElement("li"), doc = document.createElement("span"), words = document.createElement("div");
    var name = document.createElement("b"), bdi = document.createElement("bdi"), said = document.createElement("span");
    doc.className = "files__doc";
    bdi.textContent = file.name;
    said.className = "muted";
    said.setAttribute("role", "status");
    name.appendChild(bdi);
    words.append(name, said);
    li.append(doc, words);
    ul.appendChild(li);
    return { li: li, said: said, words: words, name: file.name };
  }
  function bad(shown, words, kept) {
    shown.li.className = "is-bad";
    shown.said.className = "error";
    shown.said.textContent = words;
    var line = document.createElement("p"), name = document.createElement("bdi");
    line.className = "error";
    name.textContent = shown.name;
    line.append(name, ": " + words);
    kept.push(line);
  }
  function done() {
    busy -= 1;
    if (busy || !waiting) return;
    var form = waiting.form, button = waiting.button;
    waiting = null;
    form.requestSubmit(button);
  }
  function send(box, file, kept) {
    var shown = row(box, file);
    if (file.size > +box.dataset.most) { bad(shown, box.dataset.large, kept); return Promise.resolve(); }
    busy += 1;
    return new Promise(function (end) {
      var request = new XMLHttpRequest(), data = named(box), bar = document.createElement("progress");
      bar.className = "bar";
      bar.max = 100;
      bar.setAttribute("aria-label", box.dataset.sending + " " + file.name);
      shown.said.textContent = box.dataset.sending;
      shown.words.appendChild(bar);
      data.append("files", file, file.name);
      request.open("POST", box.dataset.files);
      request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      request.upload.addEventListener("progress", function (e) { if (e.lengthComputable) bar.value = 100 * e.loaded / e.total; });
      request.addEventListener("loadend", function () {
        if (request.status === 200 || request.status === 422) show(box, request.responseText, kept);
        else { bar.remove(); bad(shown, box.dataset.failed, kept); }
        done();
        end();
      });
      request.send(data);
    });
  }
  document.addEventListener("change", function (e) {
    var box = e.target.type === "file" && e.target.closest("[data-files]");
    if (!box) return;
    var chosen = Array.prototype.slice.call(e.target.files);
    e.target.value = "";                               // what is sent already is not sent again with the form
    var kept = [];
    chosen.forEach(function (file) { inTurn(function () { return send(box, file, kept); }); });
  });
  document.addEventListener("click", function (e) {
    var button = e.target.closest("[data-remove]"), box = button && button.closest("[data-files]");
    if (!box) return;
    e.preventDefault();
    var data = named(box);
    inTurn(function () { return fetch(button.formAction, { method: "POST", body: data, credentials: "same-origin", headers: { "X-Requested-With": "XMLHttpRequest" } })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer); })
      .then(function (html) { show(box, html); box.querySelector("input[type=file]").focus(); })
      .catch(function () { button.form.requestSubmit(button); }); });
  });
  /* Nobody goes on while a file is still on its way. */
  document.addEventListener("submit", function (e) {
    if (!busy) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    waiting = { form: e.target, button: e.submitter };
  }, true);
  function ready() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-files-send]"), function (one) { one.hidden = true; });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();
})();
