/*
 * What is being typed into a form of the console, and its photos, kept in this browser (IndexedDB) until the server has
 * taken it, for a day: a closed tab, F5, another row, Back, another language, a conflict, a lost connection, a session
 * that is over lose nothing. It is encrypted with a key that the server gives to a session of the same person alone
 * (accounts/drafts.py); a page whose session is over forgets the key. Signing out, or another person's sign-in, deletes
 * it. The server says by a cookie that it took what a form held under its token. A form with a password or a code, one
 * without words and one that keeps what it holds itself (data-own-draft) are left alone; so is a browser that cannot encrypt or
 * keep.
 */

import { photosOf, putBack } from "../upload.js";

const KEPT_FOR = 24 * 3600 * 1000;
const TAKEN = /desk_taken_([0-9a-f]{16})=/g;
const NOT_TYPED = new Set(["hidden", "submit", "button", "reset", "image", "file"]);
const TICKED = new Set(["checkbox", "radio"]);
const LEFT_OUT = new Set(["files", "photos", "uploads", "attachments"]);
const KEYS = new Set(["idempotency_key", "key"]);
const STORE = "drafts";

/** @typedef {{ iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer }} Sealed */
/** @typedef {{ name: string, type: string, id: string, content: Sealed }} SealedPhoto */
/** @typedef {{ id: string, person: string, place: string, at: number, token: string, words: Sealed, photos: SealedPhoto[] }} Row */
/** @typedef {{ place: string, first: string, keys: [string, string][], token: string, saving: boolean, again: boolean }} Known */

/** @type {HTMLTemplateElement} */
const words = document.getElementById("draft-words");
const person = words ? words.dataset.person : "";
/** @type {WeakMap<HTMLFormElement, Known>} */
const known = new WeakMap();
/** @type {WeakMap<File, Sealed>} */
const sealedFiles = new WeakMap();

/* The key -------------------------------------------------------------------------------------------------------- */

/** @type {Promise<CryptoKey>} */
let key = null;
let over = false;

async function asked() {
  const answer = await fetch(words.dataset.session, { headers: { "X-Polling": "1" } });
  const said = await answer.json();
  if (said.person !== person) {
    throw new Error("somebody else's session");
  }
  const bytes = Uint8Array.from(atob(said.key), (one) => one.charCodeAt(0));
  return window.crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

function ourKey() {
  if (over) {
    return Promise.reject(new Error("the session is over"));
  }
  key = key || asked();
  key.catch(() => { key = null; });
  return key;
}

/** @param {BufferSource} content */
async function seal(content) {
  const iv = window.crypto.getRandomValues(new Uint8Array(12));
  return { iv, sealed: await window.crypto.subtle.encrypt({ name: "AES-GCM", iv }, await ourKey(), content) };
}

/** @param {Sealed} kept */
async function unseal({ iv, sealed }) {
  return window.crypto.subtle.decrypt({ name: "AES-GCM", iv }, await ourKey(), sealed);
}

/* The cupboard --------------------------------------------------------------------------------------------------- */

/** @type {Promise<IDBDatabase>} */
let opened = null;

function cupboard() {
  opened = opened || new Promise((resolve, reject) => {
    const request = window.indexedDB.open("desk", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} act
 * @returns {Promise<any>}
 */
async function inCupboard(mode, act) {
  const database = await cupboard();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const request = act(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** @param {string} id */
function forget(id) {
  return inCupboard("readwrite", (store) => store.delete(id));
}

function takenTokens() {
  return new Set(Array.from(document.cookie.matchAll(TAKEN), (found) => found[1]));
}

/**
 * What this person has under way; what the server took, what is older than a day and what is another's goes.
 * @returns {Promise<Row[]>}
 */
async function current() {
  /** @type {Row[]} */
  const rows = await inCupboard("readonly", (store) => store.getAll());
  const taken = takenTokens();
  const oldest = Date.now() - KEPT_FOR;
  const stays = (/** @type {Row} */ row) => row.person === person && row.at >= oldest && !taken.has(row.token);
  await Promise.all(rows.filter((row) => !stays(row)).map((row) => forget(row.id)));
  for (const token of taken) {
    document.cookie = `desk_taken_${token}=; path=/; max-age=0; samesite=lax`;
  }
  return rows.filter(stays);
}

/* Forms ---------------------------------------------------------------------------------------------------------- */

/** @param {HTMLFormElement} form */
function controls(form) {
  /** @type {any[]} */
  const all = Array.from(form.elements);
  return all.filter((one) => one.name && one.tagName !== "BUTTON" && !NOT_TYPED.has(one.type) && !LEFT_OUT.has(one.name));
}

/** @param {HTMLFormElement} form */
function keeps(form) {
  return form.getAttribute("method") === "post" && !form.hasAttribute("data-own-draft")
    && !form.querySelector("input[type=password], [autocomplete=one-time-code]") && controls(form).some((one) => !TICKED.has(one.type) && one.type !== "select-one");
}

/**
 * Which form it is: of this address, with these fields.
 * @param {HTMLFormElement} form
 */
function placeOf(form) {
  const address = new URL(form.getAttribute("action") || location.href, location.href);
  address.searchParams.delete("next");
  const names = [...new Set(controls(form).map((one) => one.name))];
  return `${address.pathname}${address.search} ${names.join(",")}`;
}

/**
 * @param {any} one
 * @returns {string[]}
 */
function valuesOf(one) {
  if (TICKED.has(one.type)) {
    return one.checked ? [one.value] : [];
  }
  return one.type === "select-multiple" ? Array.from(one.selectedOptions, (option) => option.value) : [one.value];
}

/**
 * @param {any} one
 * @returns {string[]}
 */
function givenOf(one) {
  if (TICKED.has(one.type)) {
    return one.defaultChecked ? [one.value] : [];
  }
  if (one.tagName !== "SELECT") {
    return [one.defaultValue];
  }
  /** @type {HTMLOptionElement[]} */
  const options = Array.from(one.options);
  const chosen = options.filter((option) => option.defaultSelected);
  return (chosen.length || one.multiple ? chosen : options.slice(0, 1)).map((option) => option.value);
}

/**
 * What the page itself put into the form: a browser may have put back more before any script ran.
 * @param {HTMLFormElement} form
 */
function given(form) {
  return JSON.stringify(controls(form).flatMap((one) => givenOf(one).map((value) => [one.name, value])));
}

/**
 * @param {HTMLFormElement} form
 * @returns {[string, string][]}
 */
function typed(form) {
  return controls(form).flatMap((one) => valuesOf(one).map((value) => /** @type {[string, string]} */ ([one.name, value])));
}

/**
 * Under which keys the form may have been sent already.
 * @param {HTMLFormElement} form
 * @returns {[string, string][]}
 */
function keysOf(form) {
  /** @type {any[]} */
  const all = Array.from(form.elements);
  const hidden = all.filter((one) => one.type === "hidden" && KEYS.has(one.name));
  return hidden.map((one) => /** @type {[string, string]} */ ([one.name, one.value]));
}

/**
 * @param {HTMLFormElement} form
 * @param {[string, string][]} keys
 */
function setKeys(form, keys) {
  for (const [name, value] of keys.filter(([one]) => form.elements[one])) {
    form.elements[name].value = value;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {[string, string][]} values
 */
function fill(form, values) {
  /** @type {Map<string, string[]>} */
  const left = new Map();
  for (const [name, value] of values) {
    left.set(name, [...(left.get(name) || []), value]);
  }
  for (const one of controls(form)) {
    const mine = left.get(one.name) || [];
    if (TICKED.has(one.type)) {
      one.checked = mine.includes(one.value);
    } else if (one.type === "select-multiple") {
      for (const option of one.options) {
        option.selected = mine.includes(option.value);
      }
    } else if (mine.length) {
      one.value = mine.shift();
    }
    one.dispatchEvent(new Event("combobox:sync"));
    one.dispatchEvent(new Event("change", { bubbles: true }));
    one.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/**
 * @param {HTMLTimeElement} time
 * @param {number} at
 */
function timed(time, at) {
  const moment = new Date(at);
  time.dateTime = moment.toISOString();
  time.textContent = moment.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
}

/** @param {HTMLFormElement} form */
function labelOf(form) {
  const heading = form.querySelector("h1, h2, legend") || document.querySelector("h1");
  return heading ? heading.textContent.trim() : "";
}

/* Keeping -------------------------------------------------------------------------------------------------------- */

/** @param {import("../upload.js").Photo} photo */
async function sealPhoto({ file, id }) {
  if (!sealedFiles.has(file)) {
    sealedFiles.set(file, await seal(await file.arrayBuffer()));
  }
  return { name: file.name, type: file.type, id, content: sealedFiles.get(file) };
}

/**
 * By this token the server says that it took it.
 * @param {HTMLFormElement} form
 * @param {string} token
 */
function nameDraft(form, token) {
  /** @type {HTMLInputElement} */
  let field = form.querySelector("input[name=draft]");
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "draft";
    form.append(field);
  }
  field.value = token;
}

/**
 * @param {HTMLFormElement} form
 * @param {Known} one
 */
async function write(form, one) {
  const values = typed(form);
  const photos = photosOf(form);
  const id = `${person} ${one.place}`;
  if (JSON.stringify(values) === one.first && !photos.length) {
    await forget(id);
    return;
  }
  nameDraft(form, one.token);
  const keys = keysOf(form);
  const said = new TextEncoder().encode(JSON.stringify({ values, keys, label: labelOf(form) }));
  const row = {
    id, person, place: one.place, at: Date.now(), token: one.token, words: await seal(said), photos: await Promise.all(photos.map(sealPhoto)),
  };
  await inCupboard("readwrite", (store) => store.put(row));
  const saved = form.querySelector("[data-draft-saved]");
  if (saved) {
    saved.hidden = false;
    timed(saved.querySelector("time"), row.at);
  }
}

/** @param {HTMLFormElement} form */
async function keep(form) {
  const one = known.get(form);
  one.again = true;
  if (one.saving) {
    return;
  }
  one.saving = true;
  try {
    while (one.again) {
      one.again = false;
      await write(form, one);
    }
  } catch {
    one.again = false;
  } finally {
    one.saving = false;
  }
}

/* Coming back ---------------------------------------------------------------------------------------------------- */

/**
 * @param {HTMLFormElement} form
 * @param {Row} row
 */
function note(form, row) {
  const shown = document.importNode(words.content, true).querySelector("[data-draft-note]");
  timed(shown.querySelector("time"), row.at);
  shown.querySelector("button").addEventListener("click", async () => {
    await forget(row.id);
    form.reset();
    setKeys(form, known.get(form).keys);
    for (const one of controls(form)) {
      one.dispatchEvent(new Event("combobox:sync"));
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }
    shown.remove();
    const [first] = controls(form);
    first.focus();
  });
  const place = form.querySelector(".panel-fields") || form;
  place.prepend(shown);
}

/**
 * Put back what was typed, unless the server shows it again itself with what is wrong.
 * @param {HTMLFormElement} form
 * @param {Known} one
 * @param {Row} row
 */
async function restore(form, one, row) {
  const { values, keys } = JSON.parse(new TextDecoder().decode(await unseal(row.words)));
  one.token = row.token;
  nameDraft(form, row.token);
  const stands = JSON.stringify(typed(form));
  const others = stands !== one.first && stands !== JSON.stringify(values);
  if (others || form.querySelector("[data-focus], .field-error:not([hidden])")) {
    return;
  }
  setKeys(form, keys);
  fill(form, values);
  const photos = await Promise.all(row.photos.map(async (photo) => ({
    file: new File([await unseal(photo.content)], photo.name, { type: photo.type }), id: photo.id,
  })));
  putBack(form, photos);
  note(form, row);
}

/**
 * Where a page names what is under way on its matter: what was begun there and stands in no form of the page.
 * @param {Row[]} rows
 */
async function list(rows) {
  for (const place of document.querySelectorAll("[data-drafts-of]")) {
    const shown = new Set(Array.from(document.forms, (form) => known.get(form)).filter(Boolean).map((one) => one.place));
    const mine = rows.filter((row) => row.place.startsWith(place.dataset.draftsOf) && !shown.has(row.place));
    const links = await Promise.all(mine.map(async (row) => {
      const { label } = JSON.parse(new TextDecoder().decode(await unseal(row.words)));
      const link = document.createElement("a");
      link.href = row.place.split(" ")[0];
      link.textContent = label;
      return link;
    }));
    place.querySelector("[data-drafts]").replaceChildren(...links);
    place.hidden = links.length === 0;
  }
}

/** @param {ParentNode} root */
async function begin(root) {
  const within = Array.from(root.querySelectorAll("form"));
  const forms = (root instanceof HTMLFormElement ? [root, ...within] : within).filter((form) => keeps(form) && !known.has(form));
  for (const form of forms) {
    const token = Array.from(window.crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    known.set(form, { place: placeOf(form), first: given(form), keys: keysOf(form), token, saving: false, again: false });
  }
  const rows = await current();
  for (const form of forms) {
    const one = known.get(form);
    const row = rows.find((found) => found.place === one.place);
    if (row) {
      await restore(form, one, row);
    }
  }
  await list(rows);
}

/* No network: it waits in the page and goes when the network is back, unless somebody types on ---------------------- */

/** @type {{ form: HTMLFormElement, submitter: HTMLElement, said: HTMLElement }} */
let waiting = null;

function waitsNoMore() {
  if (waiting) {
    waiting.said.remove();
    waiting = null;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} submitter
 */
function wait(form, submitter) {
  waitsNoMore();
  const said = document.importNode(words.content, true).querySelector("[data-waits]");
  said.setAttribute("role", "alert");
  document.getElementById("toasts").append(said);
  waiting = { form, submitter, said };
}

function quietly() {}

if (person && window.crypto && window.crypto.subtle && window.indexedDB) {
  document.addEventListener("focusin", (event) => {
    const form = event.target.closest("form");
    if (known.has(form)) {
      ourKey().catch(quietly);
    }
  });
  for (const kind of ["input", "change", "upload:changed"]) {
    document.addEventListener(kind, (/** @type {any} */ event) => {
      const form = event.target.closest("form") || event.target.form;
      if (known.has(form)) {
        keep(form);
        if (event.isTrusted && waiting && waiting.form === form) {
          waitsNoMore();
        }
      }
    });
  }
  document.addEventListener("htmx:load", (event) => { begin(event.detail.elt).catch(quietly); });
  document.addEventListener("session:over", () => {
    over = true;
    key = null;
    document.body.classList.add("is-locked");
  });
  document.addEventListener("session:back", () => {
    over = false;
    document.body.classList.remove("is-locked");
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-forget-drafts]")) {
      window.indexedDB.deleteDatabase("desk");
    } else if (known.has(event.target) && navigator.onLine === false) {
      event.preventDefault();
      event.stopPropagation();
      wait(event.target, event.submitter);
    }
  }, true);
  window.addEventListener("online", () => {
    if (waiting) {
      const { form, submitter } = waiting;
      waitsNoMore();
      form.requestSubmit(submitter);
    }
  });
  begin(document).catch(quietly);
}
