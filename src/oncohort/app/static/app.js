// The little that a form can't do: progress of a run, and the keys of a person's habits.
"use strict";
const job = document.getElementById("job");
if (job && job.dataset.running === "1") {
  const name = job.querySelector("h2").textContent.replace(/ …$/, "");
  const events = new EventSource(job.dataset.address);
  events.onmessage = (event) => {
    const state = JSON.parse(event.data);
    job.querySelector("pre").textContent = state.lines.join("\n");
    if (state.running) {
      job.querySelector("h2").textContent = `${name} … ${state.seconds} s`;
    } else {
      events.close();
      window.location.reload();
    }
  };
}
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey)) return;
  const typing = ["INPUT", "TEXTAREA", "SELECT"].includes(document.activeElement.tagName);
  if (event.key === "s" && document.getElementById("save")) {
    event.preventDefault();
    document.getElementById("save").click();
  } else if (event.key === "z" && !typing && document.getElementById("undo")) {
    event.preventDefault();
    document.getElementById("undo").click();
  }
});
const mark = document.getElementById("mark");
if (mark) mark.scrollIntoView({ block: "center" });
const text = document.getElementById("text");
if (text) {
  const before = text.dataset.unsaved ? null : text.value;
  let sent = false;
  document.getElementById("protocol").addEventListener("submit", () => { sent = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sent && text.value !== before) event.preventDefault();
  });
}
const filter = document.getElementById("filter");
if (filter) {
  const picks = [...document.querySelectorAll("#picks li")];
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    for (const item of picks) {
      const known = item.textContent.toLowerCase();
      item.hidden = !words.every((word) => known.includes(word));
    }
  });
}
for (const pick of document.querySelectorAll("button.pick")) {
  pick.addEventListener("click", () => {
    text.setRangeText(pick.dataset.put, text.selectionStart, text.selectionEnd, "end");
    text.focus();
  });
}
// The flow of patients follows what is typed, before anything is asked for.
for (const form of document.querySelectorAll("form[data-live]")) {
  const flow = document.getElementById("flow");
  let last = 0;
  form.addEventListener("change", async () => {
    const turn = ++last;
    const answer = await fetch(form.dataset.live, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const words = await answer.text();
    if (turn !== last) return;
    if (answer.ok) flow.innerHTML = words;
    else flow.textContent = words;
  });
}
