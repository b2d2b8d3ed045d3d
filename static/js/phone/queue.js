/*
 * What a leader writes without a network: it waits in this browser (drafts.js) and leaves in the order in which it was
 * written, each under its key, so that what had arrived is not done twice. The list of the page says how each stands.
 * What the server does not take stays, with what it said, to be mended and sent anew; one at which it fails again and
 * again stays too and holds up no other. Pages that a leader needs in a stairwell are kept by worker.js; signing out
 * takes all of it from the phone.
 */

import { current, forget, inCupboard, keyOf, PHOTOS, placeOf, read, typed } from "./drafts.js";
import { say, unsent } from "./sending.js";
import { photosOf, putBack } from "../upload.js";

/** ``failed``: how often the server answered that it could not. @typedef {import("./drafts.js").Draft & { failed?: number }} Draft */

const box = document.querySelector("[data-queue]");
const PAUSE = 30000;
const PATIENCE = 3;
let waiting = 0;
let running = false;

/** @returns {Promise<Draft[]>} */
async function queued() {
  const mine = (await current()).filter((draft) => draft.queued && draft.place.startsWith(`${box.dataset.queue}/`));
  return mine.sort((one, other) => one.at - other.at);
}

function newKey() {
  const bytes = window.crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_");
}

/**
 * The line of one draft in the list.
 * @param {Draft} draft
 */
function row(draft) {
  const template = box.querySelector("template");
  const line = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
  line.dataset.key = draft.key;
  const words = String(draft.values.description || draft.values.note || "");
  line.querySelector("[data-text]").textContent = words.slice(0, 30) || line.dataset.wordless;
  const link = line.querySelector("a");
  link.hidden = !draft.refused;
  link.href = `${new URL(draft.place.slice(draft.place.indexOf("/")), window.location.href).pathname}#draft=${draft.key}`;
  return line;
}

/**
 * @param {string} key
 * @param {string} state
 * @param {string} [what]
 */
function tell(key, state, what) {
  for (const line of box.querySelectorAll("li")) {
    const place = line.dataset.key === key ? line.querySelector("[data-state]") : null;
    if (place) {
      place.textContent = (place.dataset[state] || "").replace("{n}", what || "");
    }
  }
}

async function show() {
  const drafts = await queued();
  waiting = (await current()).filter((draft) => draft.queued).length;
  const list = box.querySelector("ul");
  list.textContent = "";
  list.append(...drafts.map(row));
  for (const draft of drafts) {
    tell(draft.key, draft.refused ? "refused" : "kept", draft.refused);
  }
  box.querySelector("[data-count]").textContent = box.dataset.count.replace("{n}", String(drafts.length));
  box.hidden = !drafts.length;
}

/**
 * A token to send with, null where nobody answers, "" where the phone is signed in as nobody or as somebody else.
 * @returns {Promise<string | null>}
 */
async function token() {
  try {
    const answer = await fetch(box.dataset.live, { cache: "no-store", headers: { "X-Sent-By": "worker" } });
    const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
    const live = page.querySelector("[data-queue]");
    if (!answer.ok && answer.status >= 500) {
      return null;
    }
    /** @type {HTMLInputElement} */
    const field = page.querySelector("[name=csrfmiddlewaretoken]");
    return live && field && live.dataset.queue === box.dataset.queue ? field.value : "";
  } catch {
    return null;
  }
}

/**
 * @param {string} address
 * @param {FormData} data
 * @param {(percent: string) => void} going
 * @returns {Promise<XMLHttpRequest | null>} null where nothing came back
 */
function post(address, data, going) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let timer = window.setTimeout(() => request.abort(), PAUSE);
    request.open("POST", address);
    request.setRequestHeader("X-Sent-By", "script");
    request.upload.onprogress = (event) => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => request.abort(), PAUSE);
      going(String(event.lengthComputable ? Math.floor((event.loaded / event.total) * 10) * 10 : 0));
    };
    request.onloadend = () => {
      window.clearTimeout(timer);
      resolve(request.status ? request : null);
    };
    request.send(data);
  });
}

/**
 * Send one; whether the next may follow.
 * @param {Draft} draft
 * @param {string} secret
 */
async function sendOne(draft, secret) {
  const data = new FormData();
  data.append("csrfmiddlewaretoken", secret);
  for (const [name, value] of draft.queued) {
    data.append(name, value);
  }
  for (const photo of await read(PHOTOS, draft.key) || []) {
    if (photo.id) {
      data.append("uploads", photo.id);
    } else {
      data.append("photos", photo.file, photo.file.name);
    }
  }
  tell(draft.key, "going", "0");
  const answer = await post(draft.place.slice(draft.place.indexOf("/")), data, (n) => tell(draft.key, "going", n));
  if (answer && answer.status === 204) {
    tell(draft.key, "taken", decodeURIComponent(answer.getResponseHeader("X-Number") || ""));
    await forget(draft.key);
    return true;
  }
  if (answer && answer.status >= 500) {
    const failed = (draft.failed || 0) + 1;
    await inCupboard("readwrite", (words) => words.put({ ...draft, failed }, draft.key));
    tell(draft.key, "kept");
    return failed >= PATIENCE;
  }
  if (!answer || answer.status === 429 || answer.status === 403) {
    tell(draft.key, "kept");
    return false;
  }
  const page = new DOMParser().parseFromString(answer.responseText, "text/html");
  const said = [...page.querySelectorAll(".field-error"), ...page.querySelectorAll(".summary:not([hidden]) h2")];
  const words = said.map((one) => one.textContent.trim()).find((text) => text);
  const refused = (words || String(answer.status)).replace(/。$/, "");
  await inCupboard("readwrite", (words) => words.put({ ...draft, refused }, draft.key));
  tell(draft.key, "refused", refused);
  return true;
}

async function sendAll() {
  if (running || navigator.onLine === false) {
    return;
  }
  running = true;
  try {
    const all = await queued();
    const drafts = all.filter((draft) => !draft.refused);
    const secret = drafts.length ? await token() : null;
    for (const draft of drafts) {
      if (secret === "") {
        tell(draft.key, "signedOut");
      } else if (secret === null || !await sendOne(draft, secret)) {
        break;
      }
    }
    /* Another page may have sent what this one still lists. */
    if (secret || all.length !== box.querySelectorAll("li").length) {
      window.setTimeout(show, 4000);
    }
  } finally {
    running = false;
  }
}

/* One page of several sends; where the browser has no locks the keys keep the server from doing it twice. */
async function go() {
  if (navigator.locks) {
    await navigator.locks.request("queue", { ifAvailable: true }, (lock) => (lock ? sendAll() : Promise.resolve()));
  } else {
    await sendAll();
  }
}

/**
 * Put a form among what waits, and clear it for the next; where nothing can be kept it stays as it is.
 * @param {HTMLFormElement} form
 * @param {string} reason
 */
async function put(form, reason) {
  const key = keyOf(form);
  const entries = Array.from(new FormData(form)).filter(
    ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && name !== "uploads");
  const at = Date.now();
  const draft = { key, place: placeOf(form), values: typed(form), at, queued: entries };
  const photos = photosOf(form).map((photo) => ({ ...photo, at }));
  const done = await inCupboard("readwrite", (words, files) => {
    words.put(draft, key);
    files.put(photos, key);
  });
  if (!done) {
    form.dataset.unqueued = "1";
    unsent(form, reason);
    return;
  }
  form.reset();
  putBack(form, []);
  form.elements.idempotency_key.value = newKey();
  say(form, "");
  await show();
  box.focus();
  go();
}

/* What the phone keeps is of whoever is signed in: pages of somebody before go, and are read anew. */
async function ownPages() {
  const kept = window.caches && await window.caches.match(box.dataset.live);
  const page = kept && new DOMParser().parseFromString(await kept.text(), "text/html");
  if (page && page.querySelector("[data-queue]").dataset.queue !== box.dataset.queue) {
    for (const name of await window.caches.keys()) {
      const cache = await window.caches.open(name);
      const pages = (await cache.keys()).filter((one) => new URL(one.url).pathname.startsWith(box.dataset.scope));
      await Promise.all(pages.map((one) => cache.delete(one)));
    }
    const worker = navigator.serviceWorker.controller;
    if (worker) {
      worker.postMessage("refresh");
    }
  }
}

if (box) {
  if (!document.documentElement.hasAttribute("data-stored")) {
    ownPages();
  }
  document.addEventListener("form:unsent", (event) => {
    if (event.target.hasAttribute("data-queues") && !event.target.dataset.unqueued) {
      event.preventDefault();
      put(event.target, event.detail.reason);
    }
  });
  window.addEventListener("online", go);
  document.addEventListener("visibilitychange", () => document.hidden || go());
  window.setInterval(go, PAUSE);
  document.addEventListener("submit", (event) => {
    const leave = box.dataset.leave.replace("{n}", String(waiting));
    if (event.target.hasAttribute("data-wipe") && waiting && !window.confirm(leave)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
  if (document.documentElement.hasAttribute("data-stored")) {
    /** @type {NodeListOf<HTMLFormElement>} */
    const forms = document.querySelectorAll("form[data-queues]");
    for (const form of forms) {
      form.elements.idempotency_key.value = newKey();
      for (const day of form.querySelectorAll("input[type=date]")) {
        const today = /** @type {HTMLInputElement} */ (day);
        today.max = new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10);
        today.value = today.max;
      }
    }
  }
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(box.dataset.worker, { scope: box.dataset.scope }).catch(() => {
      /* A browser that forbids it keeps what is written while the page stays open. */
    });
  }
  show().then(go);
}
