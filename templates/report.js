"use strict";
// Without this script the page is whole: it can be read, unfolded, followed and printed. With it, it can be filtered,
// walked through by keyboard, read in raw values, and decided in. It asks no network for anything.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const PAGE = 100;
  const NAMES = ["site", "service", "kind", "severity", "state", "class"].filter((name) => form.elements[name]);
  const KINDS = { fix: "fix", accept: "accept", golden: "golden is wrong", later: "later" };
  const byId = (id) => document.getElementById(id);
  const made = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // ---- What is on the page, and what waits to be ----

  // Causes beyond the first page stand in <noscript>, as text: ten thousand of them would take long to lay out. They
  // are read in idle moments, a part at a time, and put on the page as they are asked for.
  const waiting = [...document.querySelectorAll("noscript.rest")];
  const findings = [];
  const byAnchor = new Map();
  const causeOf = new Map();
  const lists = ["open", "accepted"].map((name) => byId(`${name}-list`)).filter(Boolean).map((element) => ({
    element,
    more: byId(element.id.replace("list", "more")),
    section: element.closest("section"),
    size: Number(element.dataset.causes),
    causes: [],
    limit: PAGE,
    shown: [],
  }));
  for (const list of lists) enlist(list, [...list.element.children]);
  const rows = [...document.querySelectorAll(".matrix tbody tr")].map((element) => ({
    element, anchors: [...element.querySelectorAll("a")].map((link) => link.hash.slice(1)),
  }));

  function enlist(list, elements) {
    const causes = elements.map(indexed);
    list.causes.push(...causes);
    for (const cause of causes) causeOf.set(cause.element, cause);
    for (const finding of causes.flatMap((cause) => cause.findings)) {
      findings.push(finding);
      byAnchor.set(finding.element.id, finding);
    }
    return causes;
  }

  function indexed(element) {
    const { type, service, kind, severity } = element.dataset;
    const cause = { element, type, service, kind, severity, classes: (element.dataset.class ?? "").split(",") };
    cause.accepted = "accepted" in element.dataset;
    cause.findings = [...element.querySelectorAll("li.finding")].map((row) => ({
      element: row, cause, id: row.dataset.id, site: row.dataset.site, name: row.dataset.name,
      native: row.querySelector("[data-native]")?.dataset.native ?? "", new: "new" in row.dataset,
    }));
    return cause;
  }

  function readOn() {
    const part = waiting.shift();
    const list = lists.find((one) => one.element.id === part.dataset.list);
    const parsed = new DOMParser().parseFromString(part.textContent, "text/html");
    part.remove();
    const causes = enlist(list, [...parsed.querySelectorAll("li.cause")]);
    causes.forEach(texts);
    sift(list, causes);
    return list;
  }

  function readAll() {
    while (waiting.length) readOn();
  }

  const idly = window.requestIdleCallback ?? ((task) => setTimeout(task, 30));

  function readIdly() {
    if (!waiting.length) {
      document.body.dataset.read = "";
      return;
    }
    const list = readOn();
    // A page that is full stays as it is.
    if (list.element.children.length < list.limit) draw(list);
    else offer(list);
    tell();
    idly(readIdly, { timeout: 500 });
  }

  // Names and sites are those of the findings: a word that is one of theirs chooses among them.
  function texts(cause) {
    if (cause.text !== undefined) return;
    for (const finding of cause.findings) {
      // Not the words of links and controls; the name as AWS has it too, for that is what people paste.
      const told = [...finding.element.querySelectorAll(".at, .who")].map((one) => one.textContent);
      finding.text = [...told, finding.native].join(" ").toLowerCase();
    }
    const told = cause.element.querySelectorAll("summary .line > :not(.names, .where, .decision), " +
      ".body > :not(.changes, .places, .decide), .changes tbody");
    cause.text = [...told].map((one) => one.textContent).join(" ").toLowerCase();
  }

  // ---- Filters ----

  const filter = () => Object.fromEntries(NAMES.map((name) => [name, form.elements[name].value]));
  const words = () => form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);

  function fits(cause, wanted) {
    return (
      ["service", "kind", "severity"].every((name) => !wanted[name] || cause[name] === wanted[name]) &&
      (!wanted.class || cause.classes.includes(wanted.class)) &&
      (wanted.state !== "open" || !cause.accepted) &&
      (wanted.state !== "accepted" || cause.accepted)
    );
  }

  function suits(finding, wanted, sought) {
    return (
      (!wanted.site || finding.site === wanted.site) &&
      (wanted.state !== "new" || finding.new) &&
      (wanted.state !== "decided" || decisions.has(finding.id)) &&
      (wanted.state !== "undecided" || !(decisions.has(finding.id) || finding.cause.accepted)) &&
      sought.every((word) => finding.cause.text.includes(word) || finding.text.includes(word))
    );
  }

  function apply() {
    for (const list of lists) {
      list.limit = PAGE;
      list.shown = [];
      sift(list, list.causes);
      draw(list);
    }
    tell();
  }

  function sift(list, causes) {
    const wanted = filter();
    const sought = words();
    for (const cause of causes) {
      const possible = fits(cause, wanted);
      if (possible && sought.length) texts(cause);
      for (const finding of cause.findings) finding.fits = possible && suits(finding, wanted, sought);
      cause.shown = cause.findings.filter((finding) => finding.fits);
      if (cause.shown.length) list.shown.push(cause);
    }
  }

  function draw(list) {
    const page = list.shown.slice(0, list.limit);
    for (const cause of page) dress(cause);
    const there = [...list.element.children];
    const elements = page.map((cause) => cause.element);
    // What stays in its place keeps the focus.
    if (there.every((element, at) => element === elements[at])) list.element.append(...elements.slice(there.length));
    else list.element.replaceChildren(...elements);
    offer(list);
  }

  function offer(list) {
    if (!list.more) return;
    const left = (filtered() ? list.shown.length : list.size) - list.element.children.length;
    list.more.hidden = left === 0;
    list.more.firstElementChild.textContent = `Show ${Math.min(PAGE, left)} of ${left.toLocaleString("en")} more`;
  }

  // What a cause needs before it is looked at: only those on the page get it.
  function dress(cause) {
    for (const finding of cause.findings) finding.element.hidden = !finding.fits;
    word(cause);
    mark(cause);
    if (cause.element.querySelector("details").open) furnish(cause);
  }

  const filtered = () => NAMES.some((name) => form.elements[name].value) || words().length > 0;

  function tell() {
    const total = Number(document.body.dataset.total);
    const noun = total === 1 ? "finding" : "findings";
    const count = findings.reduce((sum, finding) => sum + finding.fits, 0);
    const [some, all] = [count, total].map((number) => number.toLocaleString("en"));
    byId("shown").textContent =
      filtered() ? `${some} of ${all} ${noun}${waiting.length ? " so far" : ""}` : document.body.dataset.says;
    byId("nothing").hidden = count > 0 || waiting.length > 0;
    form.classList.toggle("active", filtered());
    for (const list of lists) list.section.hidden = filtered() && !list.shown.length;
    for (const row of rows) row.element.hidden = filtered() && !row.anchors.some((one) => byAnchor.get(one)?.fits);
  }

  // ---- The address: filters are kept in its fragment, and a finding has one of its own ----

  function remember() {
    const state = new URLSearchParams();
    for (const name of [...NAMES, "q"]) if (form.elements[name].value) state.set(name, form.elements[name].value);
    if (form.elements.raw?.checked) state.set("raw", "1");
    history.replaceState(null, "", `#${state}`);
  }

  const isFilter = (fragment) => fragment === "" || fragment.includes("=");

  function follow() {
    const fragment = location.hash.slice(1);
    if (fragment.startsWith("f-")) {
      while (waiting.length && !byAnchor.has(fragment)) readOn();
      if (byAnchor.has(fragment)) return reveal(byAnchor.get(fragment));
      byId("gone").hidden = false;
    }
    if (!isFilter(fragment)) return undefined;
    const state = new URLSearchParams(fragment);
    for (const name of [...NAMES, "q"]) form.elements[name].value = state.get(name) ?? "";
    // A select takes no value that it does not offer.
    for (const name of NAMES) if (form.elements[name].selectedIndex < 0) form.elements[name].value = "";
    if (form.elements.raw) form.elements.raw.checked = state.get("raw") === "1";
    return apply();
  }

  function reveal(finding) {
    byId("gone").hidden = true;
    const list = lists.find((one) => one.causes.includes(finding.cause));
    if (!finding.fits) {
      clear();
      apply();
    }
    list.limit = Math.max(list.limit, list.shown.indexOf(finding.cause) + 1);
    draw(list);
    finding.cause.element.querySelector("details").open = true;
    for (const one of document.querySelectorAll(".finding.target")) one.classList.remove("target");
    finding.element.classList.add("target");
    finding.element.scrollIntoView({ block: "center" });
  }

  function clear() {
    for (const name of [...NAMES, "q"]) form.elements[name].value = "";
  }

  // ---- Raw values: what each symbol is called in golden, and in the site that is looked at ----

  const meanings = [...document.querySelectorAll("#symbols tbody tr")].map((row) =>
    [...row.querySelectorAll("td")].map((cell) => cell.textContent));
  const canonical = new Map();
  const columns = [...document.querySelectorAll("#symbols thead th")].slice(1).map((head) => head.textContent);

  function word(cause) {
    const raw = Boolean(form.elements.raw?.checked);
    if (cause.raw === undefined && !raw) return;
    const site = columns.indexOf((cause.shown[0] ?? cause.findings[0]).site, 1);
    cause.raw = raw;
    for (const piece of cause.element.querySelectorAll("[data-s], .literal")) {
      if (!canonical.has(piece)) canonical.set(piece, [...piece.childNodes]);
      const literal = piece.dataset.s === undefined
        ? "${" : meanings[piece.dataset.s][piece.closest("td.golden") ? 0 : site];
      piece.replaceChildren(...(raw && literal ? [literal] : canonical.get(piece)));
    }
    for (const name of cause.element.querySelectorAll("[data-native]")) {
      if (!canonical.has(name)) canonical.set(name, [...name.childNodes]);
      name.replaceChildren(...(raw ? [name.dataset.native] : canonical.get(name)));
    }
    const head = cause.element.querySelector(".changes thead th:last-child");
    if (head && cause.findings.length > 1) {
      if (!canonical.has(head)) canonical.set(head, [...head.childNodes]);
      head.replaceChildren(...(raw ? [`as in ${columns[site]}`] : canonical.get(head)));
    }
  }

  // ---- Decisions: kept by the browser for this very report, and exported ----

  const KEY = `auditor/decisions/${document.body.dataset.report}`;
  const decisions = new Map(Object.entries(kept()).filter(([, made]) => made?.decision in KINDS));

  function kept() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
      return {}; // No storage here, as in a mail's preview: what is decided lasts as long as the page is open.
    }
  }

  function keep() {
    try {
      localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(decisions)));
      return true;
    } catch {
      return false;
    }
  }

  // A reason stays with its finding when another decision is made, and comes back with *accept*.
  function decide(some, decision, given = {}) {
    for (const finding of some) {
      const before = decisions.get(finding.id);
      if (decision) decisions.set(finding.id, { reason: "", until: "", ...before, ...given, decision });
      else decisions.delete(finding.id);
    }
    new Set(some.map((finding) => finding.cause)).forEach((cause) => { mark(cause); furnish(cause); });
    sum();
  }

  // Another tab with this report decided: what is kept is what counts.
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    decisions.clear();
    for (const [id, made] of Object.entries(kept())) decisions.set(id, made);
    for (const list of lists) for (const cause of list.shown.slice(0, list.limit)) { mark(cause); refresh(cause); }
    sum();
  });

  const today = new Date().toISOString().slice(0, 10);
  const over = (decision) => Boolean(decision.until) && decision.until < today;
  const lacks = (decision) => decision.decision === "accept" && (!decision.reason.trim() || over(decision));

  function sum() {
    const lacking = [...decisions.values()].filter(lacks).length;
    const without = lacking ? ` ${lacking} to accept without a reason, or until a day that is over.` : "";
    const lasting = keep() ? "" : " This browser keeps nothing: export before you leave.";
    const all = Number(document.body.dataset.undecided).toLocaleString("en");
    byId("decided").textContent = `${decisions.size.toLocaleString("en")} of ${all} decided.${without}${lasting}`;
    byId("decisions").hidden = decisions.size === 0;
    if (byId("text").open) spell();
  }

  function spell() {
    byId("text").querySelector("textarea").value = yaml();
  }

  function decided() {
    readAll();
    return findings.filter((finding) => decisions.has(finding.id));
  }

  // A text in JSON's quotes is one in YAML's; what JSON lets stand and YAML does not is escaped.
  const quoted = (text) => JSON.stringify(text).replace(/[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

  const exported = ({ decision, reason, until }) =>
    decision === "accept" ? { decision, reason: reason.trim(), until } : { decision };

  function yaml() {
    const { golden, taken } = document.body.dataset;
    const rows = decided().map((finding) => {
      const row = { finding: finding.id, resource: `${finding.cause.type}/${finding.name}`, site: finding.site,
        kind: finding.cause.kind, ...exported(decisions.get(finding.id)) };
      const members = Object.entries(row).filter(([, value]) => value !== "");
      return `  - ${members.map(([name, value]) => `${name}: ${quoted(value)}`).join("\n    ")}\n`;
    });
    const head = `schema: "auditor/decisions/1"\ngolden: ${quoted(golden)}\ntaken: ${quoted(taken)}\ndecisions:\n`;
    return head + rows.join("");
  }

  function save() {
    const lacking = decided().find((finding) => lacks(decisions.get(finding.id)));
    if (lacking) {
      reveal(lacking);
      furnish(lacking.cause);
      (lacking.why ?? lacking.cause.bar.why).reason.focus();
      return;
    }
    const address = URL.createObjectURL(new Blob([yaml()], { type: "application/yaml" }));
    const link = made("a", { href: address, download: "decisions.yaml", hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  function mark(cause) {
    const told = [...new Set(cause.findings.map((one) => decisions.get(one.id)?.decision).filter(Boolean))];
    let badge = cause.element.querySelector("summary .decision");
    if (!told.length) return badge?.remove();
    if (!badge) {
      badge = made("span", { className: "decision" });
      cause.element.querySelector("summary .line").append(" ", badge);
    }
    const number = cause.findings.filter((one) => decisions.has(one.id)).length;
    const some = number < cause.findings.length ? ` ${number} of ${cause.findings.length}` : "";
    badge.textContent = told.length > 1 ? `decided${some}` : `${KINDS[told[0]]}${some}`;
    return undefined;
  }

  // The controls are made when a cause is opened: ten thousand of them would weigh more than the page.
  function furnish(cause) {
    if (cause.accepted || cause.kind === "unreadable") return;
    const body = cause.element.querySelector(".body");
    if (!cause.bar) {
      cause.bar = bar(cause);
      body.insertBefore(cause.bar.element, body.querySelector(".places"));
    }
    const made = cause.shown.map((one) => decisions.get(one.id));
    const alike = new Set(made.map((one) => JSON.stringify(one ? exported(one) : null)));
    const whole = alike.size === 1 ? JSON.parse([...alike][0]) : null;
    for (const [kind, button] of Object.entries(cause.bar.buttons)) {
      button.setAttribute("aria-pressed", String(whole?.decision === kind));
    }
    const number = cause.shown.length;
    cause.bar.label.textContent = number === 1 ? "Decide" : `Decide for all ${number}`;
    show(cause.bar.why, whole);
    if (cause.findings.length > 1) for (const finding of cause.findings) furnishRow(finding);
    else cause.findings[0].element.querySelector(".why")?.remove();
  }

  function bar(cause) {
    const buttons = {};
    const label = made("span", { className: "label", id: `${cause.element.id}-decide` });
    const element = made("div", { className: "decide" }, label);
    element.setAttribute("role", "group");
    element.setAttribute("aria-labelledby", label.id);
    for (const [kind, text] of Object.entries(KINDS)) {
      buttons[kind] = made("button", { type: "button", textContent: text[0].toUpperCase() + text.slice(1) });
      buttons[kind].addEventListener("click", () => press(cause, kind));
      element.append(" ", buttons[kind]);
    }
    const why = reasons("", (given) => decide(cause.shown, "accept", given));
    element.append(why.element);
    return { element, buttons, label, why };
  }

  function press(cause, kind) {
    const again = cause.shown.every((one) => decisions.get(one.id)?.decision === kind);
    if (again && kind !== "accept") return decide(cause.shown, "");
    if (!again) decide(cause.shown, kind);
    // What is accepted already is there to be worded.
    if (kind === "accept") cause.bar.why.reason.focus();
    return undefined;
  }

  function refresh(cause) {
    if (cause.bar) furnish(cause);
  }

  function furnishRow(finding) {
    if (!finding.select) {
      finding.select = made("select", { ariaLabel: `Decision for ${finding.name} in ${finding.site}` },
        made("option", { value: "", textContent: "undecided" }),
        ...Object.entries(KINDS).map(([value, textContent]) => made("option", { value, textContent })));
      finding.select.addEventListener("change", () => decide([finding], finding.select.value));
      const label = ` for ${finding.name} in ${finding.site}`;
      finding.why = reasons(label, (given) => decide([finding], "accept", given));
      finding.element.querySelector(".links").prepend(finding.select, " ");
      finding.element.append(finding.why.element);
    }
    finding.select.value = decisions.get(finding.id)?.decision ?? "";
    show(finding.why, decisions.get(finding.id));
  }

  function reasons(label, changed) {
    const reason = made("input", { name: "reason", type: "text", required: true, placeholder: "why it may differ" });
    const until = made("input", { name: "until", type: "date" });
    reason.setAttribute("aria-label", `Reason${label}`);
    until.setAttribute("aria-label", `Accepted until${label}`);
    const element = made("span", { className: "why", hidden: true },
      made("label", {}, "Reason ", reason), " ", made("label", {}, "until ", until));
    until.min = today;
    reason.addEventListener("input", () => changed({ reason: reason.value }));
    until.addEventListener("input", () => changed({ until: until.value }));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" && event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      element.closest(".cause").querySelector("summary").focus();
    });
    return { element, reason, until };
  }

  function show(why, decision) {
    why.element.hidden = decision?.decision !== "accept";
    if (document.activeElement !== why.reason) why.reason.value = decision?.reason ?? "";
    if (document.activeElement !== why.until) why.until.value = decision?.until ?? "";
  }

  // ---- Keyboard ----

  function step(by) {
    const here = document.activeElement?.closest(".cause");
    const list = lists.find((one) => here && one.element.contains(here));
    if (by > 0 && here && here === list?.element.lastElementChild && list.more && !list.more.hidden) grow(list);
    const all = [...document.querySelectorAll(".causes > .cause")].filter((one) => !one.closest("[hidden]"));
    const at = here ? all.indexOf(here) + by : by > 0 ? 0 : all.length - 1;
    if (all[at]) focusOn(all[at].querySelector("summary"));
  }

  function focusOn(summary) {
    summary.focus({ preventScroll: true });
    summary.scrollIntoView({ block: "nearest" });
  }

  function grow(list) {
    list.limit += PAGE;
    while (waiting.length && list.shown.length < list.limit) readOn();
    draw(list);
  }

  const SHORTCUTS = {
    "/": () => { form.elements.q.focus(); form.elements.q.select(); },
    "?": () => byId("help").showModal(),
    j: () => step(1),
    k: () => step(-1),
    r: () => { if (form.elements.raw) { form.elements.raw.click(); } },
    f: () => chosen("fix"),
    a: () => chosen("accept"),
    g: () => chosen("golden"),
    l: () => chosen("later"),
  };

  function chosen(kind) {
    const cause = causeOf.get(document.activeElement?.closest(".cause"));
    if (!cause || cause.accepted || cause.kind === "unreadable") return;
    if (kind === "accept") cause.element.querySelector("details").open = true;
    furnish(cause);
    press(cause, kind);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    if (event.key === "Escape" && event.target === form.elements.q) return form.elements.q.blur();
    const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea");
    if (typing || !Object.hasOwn(SHORTCUTS, event.key)) return;
    event.preventDefault();
    SHORTCUTS[event.key]();
  });

  // ---- Paper: all that the filters leave, unfolded ----

  let folded = [];
  window.addEventListener("beforeprint", () => {
    readAll();
    for (const list of lists) { list.before = list.limit; list.limit = Infinity; draw(list); }
    folded = [...document.querySelectorAll(":is(.cause, .plan, .history) details:not([open])")];
    for (const one of folded) one.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
    for (const list of lists) { list.limit = list.before ?? PAGE; draw(list); }
  });

  form.addEventListener("input", (event) => {
    if (event.target.name === "raw") for (const list of lists) draw(list);
    else apply();
    remember();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => { event.preventDefault(); clear(); apply(); remember(); });
  byId("keys").addEventListener("click", () => byId("help").showModal());
  byId("export").addEventListener("click", save);
  byId("forget").addEventListener("click", () => {
    if (window.confirm(`Forget ${decisions.size} decisions, and their reasons?`)) decide(decided(), "");
  });
  byId("text").addEventListener("toggle", () => { if (byId("text").open) spell(); });
  for (const list of lists) list.more?.firstElementChild.addEventListener("click", () => grow(list));
  document.addEventListener("toggle", (event) => {
    const cause = causeOf.get(event.target.closest?.(".cause"));
    if (cause && event.target.open) furnish(cause);
  }, true);
  // A link to a finding that is not on the page leads there all the same, also where the address has it already.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#f-']");
    if (link && location.hash === link.hash) follow();
  });
  window.addEventListener("hashchange", follow);
  form.hidden = false;
  // Filters in the address are applied when it is followed.
  if (!isFilter(location.hash.slice(1))) apply();
  sum();
  follow();
  idly(readIdly, { timeout: 500 });
})();
