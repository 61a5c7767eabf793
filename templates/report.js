"use strict";
// Only the filters need this script: without it the page is whole, and they stay hidden.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const names = ["site", "service", "kind", "severity", "class"].filter((name) => form.elements[name]);
  const search = form.elements.q;
  const findings = [...document.querySelectorAll("article.finding")].map((element) => ({
    element,
    text: `${element.parentElement.querySelector("h3").textContent} ${element.textContent}`.toLowerCase(),
  }));
  const groups = [...document.querySelectorAll(".resource")];
  const rows = [...document.querySelectorAll(".matrix tbody tr")].map((element) => ({
    element,
    targets: [...element.querySelectorAll("a")].map((link) => document.getElementById(link.hash.slice(1))),
  }));

  function has(finding, name, wanted) {
    const held = finding.element.dataset[name] ?? "";
    return name === "class" ? held.split(",").includes(wanted) : held === wanted;
  }

  function matches(finding, words) {
    return (
      names.every((name) => !form.elements[name].value || has(finding, name, form.elements[name].value)) &&
      words.every((word) => finding.text.includes(word))
    );
  }

  function apply() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const finding of findings) {
      const visible = matches(finding, words);
      finding.element.hidden = !visible;
      shown += visible;
    }
    for (const group of groups) group.hidden = !group.querySelector("article:not([hidden])");
    for (const row of rows) row.element.hidden = row.targets.every((target) => target.hidden);
    const accepted = document.getElementById("accepted");
    if (accepted) accepted.hidden = !accepted.querySelector("article:not([hidden])");
    const open = document.getElementById("findings");
    open.hidden = shown < findings.length && !open.querySelector("article:not([hidden])");
    document.getElementById("nothing").hidden = shown > 0;
    const noun = findings.length === 1 ? "finding" : "findings";
    document.getElementById("shown").textContent =
      shown === findings.length ? `${shown} ${noun}` : `${shown} of ${findings.length} ${noun}`;
    form.classList.toggle("active", shown < findings.length);
  }

  function remember() {
    const state = new URLSearchParams();
    for (const name of [...names, "q"]) if (form.elements[name].value) state.set(name, form.elements[name].value);
    history.replaceState(null, "", `#${state}`);
  }

  function follow() {
    const fragment = location.hash.slice(1);
    const target = document.getElementById(fragment);
    if (!target && (fragment === "" || fragment.includes("="))) {
      const state = new URLSearchParams(fragment);
      for (const name of [...names, "q"]) form.elements[name].value = state.get(name) ?? "";
      // A select takes no value that it does not offer.
      for (const name of names) if (form.elements[name].selectedIndex < 0) form.elements[name].value = "";
      apply();
    } else if (target && target.closest("[hidden]")) {
      form.reset();
      target.scrollIntoView();
    }
  }

  form.addEventListener("input", () => { apply(); remember(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    for (const name of [...names, "q"]) form.elements[name].value = "";
    apply();
    if (location.hash.includes("=")) remember();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
  window.addEventListener("hashchange", follow);
  form.hidden = false;
  apply();
  follow();
})();
