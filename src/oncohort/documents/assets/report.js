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

  // One thing seen, with the cell that it was read from.
  function line(seen, parent) {
    var item = node("li", "", parent);
    item.appendChild(document.createTextNode(seen[0]));
    if (seen[1]) {
      item.appendChild(document.createTextNode(" "));
      node("span", seen[1], item).className = "cell";
    }
  }

  function patient(name, groups, parent) {
    var item = node("li", "", parent);
    var head = node("p", "", item);
    if (has(data.pages, name)) {
      node("a", name, head).href = "#" + data.pages[name];
    } else {
      node("b", name, head);
    }
    groups.forEach(function (group) {
      var seen = data.evidence[group];
      if (!has(seen, name)) { return; }
      if (groups.length > 1 && data.titles[group]) { node("p", data.titles[group], item).className = "of"; }
      var list = node("ul", "", item);
      seen[name].forEach(function (one) { line(one, list); });
    });
  }

  function patients(e) {
    var box = document.getElementById("why-patients");
    box.textContent = "";
    var groups = (e.seen || []).filter(function (group) { return has(data.evidence, group); });
    var name = e.members || e.population;
    if (!name || !has(data.populations, name)) { return; }
    var population = data.populations[name];
    var words = population.n.toLocaleString("en") + (population.n === 1 ? " patient" : " patients");
    words += e.members ? " counted" : " analysed";
    if (!population.patients) {
      var where = node("p", words, box);
      if (data.folder) {
        where.appendChild(document.createTextNode(", listed with the cells of the chart in "));
        (e.seen || []).forEach(function (group, i) {
          if (i) { where.appendChild(document.createTextNode(", ")); }
          node("code", data.folder + "/" + group.replace("|", ".") + ".parquet", where);
        });
        if (!(e.seen || []).length) { node("code", data.folder + "/populations.parquet", where); }
      }
      return;
    }
    var details = node("details", "", box);
    node("summary", words, details);
    if (population.n <= 12) { details.open = true; }
    var list = node("ul", "", details);
    list.className = "who";
    function fill() {
      if (list.firstChild || !details.open) { return; }
      population.patients.forEach(function (one) { patient(one, groups, list); });
    }
    details.addEventListener("toggle", fill);
    fill();
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
    patients(e);
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
    if (number) { show(number); return; }
    // A patient's page opens below the panel: the panel makes room for it.
    if (event.target.closest("#why a")) { panel.hidden = true; }
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
  window.addEventListener("hashchange", function () {
    scrollable();
    var target = document.getElementById(location.hash.slice(1));
    if (target && target.className === "patient") { target.focus({ preventScroll: true }); }
  });
  window.addEventListener("resize", scrollable);
  document.addEventListener("toggle", scrollable, true);
})();
