"use strict";
(function () {
  var data = JSON.parse(document.getElementById("data").textContent);
  var panel = document.getElementById("why");
  var last = null;
  document.documentElement.classList.add("scripted");

  function has(object, key) { return Object.prototype.hasOwnProperty.call(object, key); }

  function node(name, text, parent) {
    var made = document.createElement(name);
    if (text) { made.textContent = text; }
    if (parent) { parent.appendChild(made); }
    return made;
  }

  function fact(list, term, text) {
    if (text === undefined || text === "") { return; }
    var line = node("div", "", list);
    node("dt", term, line);
    node("dd", String(text), line);
  }

  function sentences(id) {
    var best = "";
    Object.keys(data.evidence).forEach(function (prefix) {
      var fits = id === prefix || id.indexOf(prefix + ".") === 0 || id.indexOf(prefix + "[") === 0;
      if (fits && prefix.length > best.length) { best = prefix; }
    });
    return best ? data.evidence[best] : {};
  }

  function patients(id, e) {
    var box = document.getElementById("why-patients");
    box.textContent = "";
    var name = e.members || e.population;
    if (!name || !has(data.populations, name)) { return; }
    var population = data.populations[name];
    var words = population.n + (population.n === 1 ? " patient" : " patients");
    words += e.members ? " counted" : " analysed";
    if (!population.patients) { node("p", words, box); return; }
    var details = node("details", "", box);
    node("summary", words, details);
    if (population.n <= 12) { details.open = true; }
    var list = node("ul", "", details);
    var why = sentences(id);
    population.patients.forEach(function (patient) {
      var item = node("li", "", list);
      node("b", patient, item);
      if (has(why, patient)) { item.appendChild(document.createTextNode(" " + why[patient])); }
    });
  }

  function show(target) {
    var id = target.dataset.n;
    if (!has(data.estimates, id)) { return; }
    var e = data.estimates[id];
    if (last) { last.setAttribute("aria-expanded", "false"); }
    last = target;
    target.setAttribute("aria-expanded", "true");
    document.getElementById("why-label").textContent = e.label;
    var value = document.getElementById("why-value");
    value.textContent = e.value;
    if (e.ci) { node("small", e.ci + (e.how ? ", " + e.how : ""), value); }
    var facts = document.getElementById("why-facts");
    facts.textContent = "";
    fact(facts, "Method", e.method);
    fact(facts, "n", e.n);
    fact(facts, "Events", e.events);
    Object.keys(e.excluded || {}).forEach(function (reason) {
      fact(facts, "Left out", e.excluded[reason] + ": " + reason);
    });
    fact(facts, "Note", e.note);
    fact(facts, "Id", id);
    patients(id, e);
    panel.hidden = false;
    panel.scrollTop = 0;
    document.getElementById("why-close").focus({ preventScroll: true });
  }

  function close() {
    if (panel.hidden) { return; }
    panel.hidden = true;
    if (last) {
      last.setAttribute("aria-expanded", "false");
      last.focus({ preventScroll: true });
    }
  }

  document.querySelectorAll("p, table, figcaption, dl, li, div.notice").forEach(function (group) {
    var first = true;
    group.querySelectorAll(".n").forEach(function (number) {
      if (number.hasAttribute("role")) { return; }
      number.setAttribute("role", "button");
      number.setAttribute("aria-expanded", "false");
      number.setAttribute("aria-controls", "why");
      number.tabIndex = first ? 0 : -1;
      first = false;
    });
  });

  function move(number, step) {
    var group = number.closest("p, table, figcaption, dl, li, div.notice");
    var all = Array.prototype.slice.call(group.querySelectorAll(".n"));
    var next = all[all.indexOf(number) + step];
    if (next) {
      number.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  }

  document.addEventListener("click", function (event) {
    var number = event.target.closest(".n");
    if (number) { show(number); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { close(); return; }
    var number = event.target.closest ? event.target.closest(".n") : null;
    if (!number) { return; }
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(number); }
    if (event.key === "ArrowRight" || event.key === "ArrowDown") { event.preventDefault(); move(number, 1); }
    if (event.key === "ArrowLeft" || event.key === "ArrowUp") { event.preventDefault(); move(number, -1); }
  });
  document.getElementById("why-close").addEventListener("click", close);

  // Rows of the list of all numbers that hold every word that is asked for.
  var filter = document.getElementById("filter");
  filter.addEventListener("input", function () {
    var words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    var rows = document.querySelectorAll("table.all tbody tr");
    var found = 0;
    rows.forEach(function (row) {
      var text = row.textContent.toLowerCase();
      var fits = words.every(function (word) { return text.indexOf(word) >= 0; });
      row.hidden = !fits;
      if (fits) { found += 1; }
    });
    if (words.length) { document.getElementById("allnumbers").open = true; }
    document.getElementById("found").textContent = words.length ? found + " of " + rows.length : "";
    scrollable();
  });

  // What is wider than its column can be scrolled, by keyboard too; what is not is no tab stop.
  function scrollable() {
    document.querySelectorAll(".scroll").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth) {
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", box.dataset.label);
      } else {
        box.removeAttribute("tabindex");
        box.removeAttribute("role");
        box.removeAttribute("aria-label");
      }
    });
  }
  scrollable();
  window.addEventListener("resize", scrollable);
  document.addEventListener("toggle", scrollable, true);
})();
