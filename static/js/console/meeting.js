/*
 * Typing in a meeting: what is typed is kept in this browser at once and by the server at every pause, in order, also
 * after the connection was lost. What was read out of an answer is proposed, never taken over by itself. Where somebody
 * else wrote the same item, both texts are shown. Escape leads from the form to the list and back; of the row that is
 * chosen there one key makes a promise or a matter.
 */

const PAUSE = 900;
const AGAIN = 4000;
const SHOWN = 60;
/** @type {HTMLFormElement} */
const form = document.querySelector("form.meeting-form");
const store = form.dataset.draft;
const kept = document.querySelector("[data-kept]");
const refused = form.querySelector("[data-refused]");
const theirs = form.querySelector("[data-theirs]");
const proposals = form.querySelector("[data-proposals]");
const list = document.querySelector("[data-items]");
/* What the server will say again however often it is asked; all else is tried again. */
const FINAL = new Set([400, 404, 409]);
const OWN = new Set(["csrfmiddlewaretoken", "number", "version", "key"]);
/** @param {string} name */
const field = (name) => form.elements[name];

/**
 * One item on its way. `unanswered`: sendings whose answer never came. `held`: refused; kept here, and sent again when
 * it has been changed, or where somebody else wrote it, when one of the two texts has been chosen.
 * @typedef {{key: string, number: string, version: string, values: Record<string, string>, unanswered: string[], held: boolean}} Waiting
 */

/** @type {Waiting[]} */
let queue = JSON.parse(sessionStorage.getItem(store) || "[]");
let busy = false;
let timer = 0;

function token() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function remember() {
  sessionStorage.setItem(store, JSON.stringify(queue));
}

/** @returns {Record<string, string>} */
function typed() {
  /** @type {Record<string, string>} */
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (!OWN.has(name)) {
      values[name] = String(value);
    }
  }
  return values;
}

/** @param {Record<string, string>} values */
function fill(values) {
  for (const [name, value] of Object.entries(values)) {
    const control = field(name);
    if (control) {
      control.value = value;
    }
    if (control instanceof HTMLSelectElement) {
      control.dispatchEvent(new Event("combobox:sync"));
    }
  }
  if (field("answer_kind") && !values.answer_kind) {
    for (const radio of field("answer_kind")) {
      radio.checked = false;
    }
  }
}

/* What is typed now, as it waits to be sent. */
function capture() {
  const key = field("key").value;
  let entry = queue.find((one) => one.key === key);
  if (!entry) {
    entry = { key, number: "", version: "", values: {}, unanswered: [], held: false };
    queue.push(entry);
  }
  entry.number = field("number").value;
  entry.version = field("version").value;
  entry.values = typed();
  entry.held = !theirs.hidden;
  remember();
}

/** @param {Waiting} entry */
function isShown(entry) {
  return entry.key === field("key").value;
}

/* All that is held is sent once more. */
function release() {
  for (const entry of queue) {
    entry.held = false;
  }
  remember();
}

/** @param {Waiting} entry */
function drop(entry) {
  queue = queue.filter((one) => one !== entry);
  remember();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(pump, AGAIN);
}

/** @param {string} words */
function say(words) {
  kept.textContent = words;
}

/** @param {string} words */
function refuse(words) {
  refused.hidden = !words;
  refused.querySelector(".banner-text").textContent = words;
}

/* Without a connection there is no answer; what waits is sent again. */
/** @returns {null} */
function lost() {
  return null;
}

async function pump() {
  const entry = queue.find((one) => !one.held && (one.values.words || "").trim());
  if (busy || !entry) {
    return;
  }
  busy = true;
  const attempt = token();
  const sent = JSON.stringify(entry.values);
  const body = new FormData();
  for (const [name, value] of Object.entries(entry.values)) {
    body.append(name, value);
  }
  body.append("csrfmiddlewaretoken", field("csrfmiddlewaretoken").value);
  body.append("key", entry.key);
  body.append("number", entry.number);
  body.append("version", entry.version);
  body.append("attempt", attempt);
  body.append("previous", entry.unanswered.join(","));
  entry.unanswered = [...entry.unanswered, attempt].slice(-8);
  remember();
  say(kept.dataset.sending);
  /** @type {RequestInit} */
  const request = { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" };
  const answer = await fetch(form.action, request).catch(lost);
  busy = false;
  if (!answer || !(answer.ok || FINAL.has(answer.status))) {
    say(kept.dataset.lost);
    later();
    return;
  }
  await read(answer, entry, sent);
}

/**
 * @param {Response} answer
 * @param {Waiting} entry
 * @param {string} sent
 */
async function read(answer, entry, sent) {
  const json = (answer.headers.get("Content-Type") || "").includes("json");
  const said = json ? await answer.json() : { said: answer.statusText };
  entry.unanswered = [];
  if (answer.ok) {
    entry.number = String(said.number);
    entry.version = String(said.version);
    if (JSON.stringify(entry.values) === sent) {
      drop(entry);
    }
    remember();
    if (isShown(entry)) {
      field("number").value = entry.number;
      field("version").value = entry.version;
      refuse("");
      propose(said.proposals);
    }
    row(said);
    say(`${kept.dataset.keptWords} ${said.at}`);
    pump();
    return;
  }
  entry.held = true;
  remember();
  if (!isShown(entry)) {
    show(entry);
  }
  say("");
  refuse(said.said);
  if (said.theirs) {
    compare(said);
  }
  pump();
}

/** @param {Waiting} entry */
function show(entry) {
  field("key").value = entry.key;
  field("number").value = entry.number;
  field("version").value = entry.version;
  fill(entry.values);
}

/* Two secretaries wrote the same item: both texts, and the choice. */
/** @param {any} said */
function compare(said) {
  theirs.hidden = false;
  theirs.querySelector("[data-their-words]").textContent = said.words;
  theirs.querySelector("[data-their-answer]").textContent = said.answer;
  for (const button of theirs.querySelectorAll("[data-take]")) {
    button.hidden = false;
    button.onclick = () => {
      if (button.dataset.take === "theirs") {
        fill(said.theirs);
      }
      field("version").value = said.version;
      theirs.hidden = true;
      refuse("");
      capture();
      release();
      pump();
      field("words").focus();
    };
  }
  theirs.querySelector("button").focus();
}

/** @param {any[]} found */
function propose(found) {
  if (!proposals) {
    return;
  }
  proposals.replaceChildren(...found.map((one, at) => {
    /** @type {HTMLTemplateElement} */
    const words = document.querySelector(one.mark ? "template[data-mark]" : "template[data-proposal]");
    /** @type {HTMLElement} */
    const shown = document.importNode(words.content, true).querySelector("button, span");
    shown.querySelector("[data-label]").textContent = one.label;
    shown.querySelector("[data-because]").textContent = one.because;
    if (!one.mark) {
      shown.dataset.key = `alt-${Math.min(9, 6 + at + (found[0].mark ? 0 : 1))}`;
      shown.title = shown.dataset.key.replace("alt-", "Alt+");
      shown.addEventListener("click", () => {
        fill({ ...typed(), [one.field]: one.value });
        shown.remove();
        changed();
      });
    }
    return shown;
  }));
}

/** @param {any} said */
function row(said) {
  let item = list.querySelector(`[data-number="${said.number}"]`);
  if (!item) {
    /** @type {HTMLTemplateElement} */
    const words = document.querySelector("template[data-item]");
    item = document.importNode(words.content, true).querySelector("li");
    item.dataset.number = said.number;
    item.setAttribute("value", said.number);
    item.querySelector("a").href = `${list.dataset.url}?item=${said.number}`;
    const steps = item.querySelector("form");
    if (steps) {
      steps.action = `${list.dataset.write}${said.number}/follow/`;
    }
    list.append(item);
  }
  /** @type {HTMLAnchorElement} */
  const made = item.querySelector("[data-made]");
  made.hidden = !said.row.made;
  if (said.row.made) {
    made.textContent = said.row.made.label;
    made.toggleAttribute("href", Boolean(said.row.made.url));
    if (said.row.made.url) {
      made.href = said.row.made.url;
    }
  }
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = item.querySelectorAll("button[name=step]");
  for (const button of buttons) {
    button.hidden = !said.row.may.includes(button.value);
  }
  item.querySelector("[data-who]").textContent = said.row.who;
  item.querySelector("[data-words]").textContent = said.row.words.slice(0, SHOWN);
  item.querySelector("[data-answer]").textContent = said.row.answer.slice(0, SHOWN);
  item.querySelector("[data-left]").textContent = said.row.left;
  item.scrollIntoView({ block: "nearest" });
}

function changed() {
  capture();
  clearTimeout(timer);
  timer = setTimeout(pump, PAUSE);
}

function next() {
  fill(Object.fromEntries(Object.keys(typed()).map((name) => [name, ""])));
  field("key").value = token();
  field("number").value = "";
  field("version").value = "";
  refuse("");
  theirs.hidden = true;
  if (proposals) {
    proposals.replaceChildren();
  }
  /** @type {HTMLElement} */
  const first = form.querySelector("#id_community");
  first.focus();
}

/* From the form to the row of what is written, or to the last one; there j, k and keyboard.js go on. */
function toList() {
  const own = list.querySelector(`[data-number="${field("number").value}"]`);
  const chosen = own || list.lastElementChild;
  if (!chosen) {
    return;
  }
  for (const one of list.children) {
    one.classList.toggle("is-selected", one === chosen);
  }
  chosen.querySelector("a").focus();
}

/** @param {KeyboardEvent} event */
function isEscape(event) {
  return event.key === "Escape" && !event.defaultPrevented && !event.isComposing;
}

/* A promise or a matter of the row that is chosen. What waits of it is sent before; where it is refused or the connection
 * is lost, nothing is made of it, and that is said. */
/**
 * @param {HTMLFormElement} sender
 * @param {string} step
 */
async function follow(sender, step) {
  const number = sender.closest("li").dataset.number;
  const waits = () => queue.find((one) => one.number === number);
  const entry = waits();
  if (entry) {
    entry.held = false;
    await pump();
  }
  if (waits()) {
    say(kept.dataset.unsaved);
    return;
  }
  const body = new FormData(sender);
  body.set("step", step);
  const answer = await fetch(sender.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(lost);
  const json = answer && (answer.headers.get("Content-Type") || "").includes("json");
  if (!answer || !json) {
    say(kept.dataset.lost);
    return;
  }
  const said = await answer.json();
  say(said.said);
  if (answer.ok) {
    if (field("number").value === number) {
      field("version").value = said.version;
    }
    row(said);
  }
}

form.addEventListener("keydown", (event) => {
  if (isEscape(event)) {
    event.preventDefault();
    toList();
  }
});
list.addEventListener("keydown", (event) => {
  if (isEscape(event)) {
    event.preventDefault();
    field("words").focus();
  }
});
list.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (event.submitter);
  follow(/** @type {HTMLFormElement} */ (event.target), button.value);
});

/* A correction after the minutes were confirmed is sent as a form, with its reason. */
if (!field("reason")) {
  form.addEventListener("input", (event) => {
    if (!(/** @type {InputEvent} */ (event)).isComposing && event.target.name) {
      changed();
    }
  });
  form.addEventListener("change", changed);
  form.addEventListener("compositionend", changed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    delete form.dataset.sent;
    if (!field("words").value.trim()) {
      field("words").focus();
      return;
    }
    if (!theirs.hidden) {
      theirs.querySelector("button").focus();
      return;
    }
    capture();
    clearTimeout(timer);
    pump();
    next();
  }, true);
  window.addEventListener("online", pump);

  const opened = queue.find((one) => (field("number").value ? one.number === field("number").value : !(one.values.words || "").trim()));
  if (opened) {
    show(opened);
  }
  release();
  pump();
}
