/*
 * What is being typed into a form of the console, and its photos, kept in this browser (IndexedDB) until the server has
 * taken it, for a day: a closed tab, F5, another row, Back, another language, a conflict, a lost connection, a session
 * that is over lose nothing. It is encrypted with a key that the server gives to a session of the same person alone
 * (accounts/drafts.py); a page whose session is over forgets the key. Signing out, or another person's sign-in, deletes
 * it. The server says by a cookie that it took what a form held under its token. A form with a password or a code, one
 * without words and one that keeps what it holds itself (data-own-draft) are left alone; so is a browser that cannot encrypt or
 * keep.
 */

import { adopt, photosOf, putBack } from "../upload.js";

const KEPT_FOR = 24 * 3600 * 1000;
const TAKEN = /desk_taken_([0-9a-f]{16})=(\w+)/g;
const NOT_TYPED = new Set(["hidden", "submit", "button", "reset", "image", "file"]);
const TICKED = new Set(["checkbox", "radio"]);
const LEFT_OUT = new Set(["files", "photos", "uploads", "attachments"]);
const OF_THE_PAGE = new Set(["csrfmiddlewaretoken", "next", "draft"]);
const STORE = "drafts";

/** @typedef {{ iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer }} Sealed */
/** @typedef {[string, string][]} Pairs */
/** @typedef {{ place: string, values: Pairs, hidden: Pairs, label: string, photos: { name: string, type: string, id: string }[] }} Words */
/** One form's: of a person, under its token. @typedef {{ token: string, person: string, at: number, words: Sealed, photos: Sealed[] }} Row */
/** @typedef {{ place: string, first: string, hidden: Pairs, token: string, saving: boolean, again: boolean }} Known */

/** @type {HTMLTemplateElement} */
const words = document.getElementById("draft-words");
const person = words ? words.dataset.person : "";
/** @type {WeakMap<HTMLFormElement, Known>} */
const known = new WeakMap();
/** @type {WeakMap<File, Sealed>} */
const sealedFiles = new WeakMap();
const posted = document.body.hasAttribute("data-posted");

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
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "token" });
    request.onsuccess = () => {
      request.result.onversionchange = () => {
        request.result.close();
        opened = null;
      };
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

/** @param {string} token */
function forget(token) {
  return inCupboard("readwrite", (store) => store.delete(token));
}

/**
 * What a row holds; what nobody can read any more goes.
 * @param {Row} row
 * @returns {Promise<Words | null>}
 */
async function read(row) {
  await ourKey();
  try {
    return JSON.parse(new TextDecoder().decode(await unseal(row.words)));
  } catch {
    await forget(row.token);
    return null;
  }
}

/**
 * What this person has under way, the newest first, with what it holds; what the server took, what is older than a day
 * and what is another's goes. A page that answers a form may show it again: then it is not over.
 * @returns {Promise<{ row: Row, said: Words }[]>}
 */
async function current() {
  /** @type {Row[]} */
  const rows = await inCupboard("readonly", (store) => store.getAll());
  const taken = new Map(Array.from(document.cookie.matchAll(TAKEN), (found) => [found[1], found[2]]));
  const oldest = Date.now() - KEPT_FOR;
  const places = new Set(Array.from(document.forms, (form) => known.get(form)).filter(Boolean).map((one) => one.place));
  const found = [];
  for (const row of rows.sort((one, other) => other.at - one.at)) {
    const how = taken.get(row.token);
    const said = row.person === person && row.at >= oldest && how !== "gone" ? await read(row) : null;
    if (said && (!how || places.has(said.place))) {
      found.push({ row, said });
    } else {
      await forget(row.token);
    }
  }
  for (const token of taken.keys()) {
    document.cookie = `desk_taken_${token}=; path=/; max-age=0; samesite=lax`;
  }
  return found;
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

/** @param {HTMLFormElement} form */
function hiddenFields(form) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const all = form.querySelectorAll("input[type=hidden][name]");
  return Array.from(all).filter((one) => !OF_THE_PAGE.has(one.name) && !one.closest("[data-upload]"));
}

/**
 * As what the form was filled in: its version, its key.
 * @param {HTMLFormElement} form
 * @returns {Pairs}
 */
function hiddenOf(form) {
  return hiddenFields(form).map((one) => /** @type {[string, string]} */ ([one.name, one.value]));
}

/**
 * @param {HTMLFormElement} form
 * @param {Pairs} pairs
 */
function setHidden(form, pairs) {
  for (const name of new Set(pairs.map(([one]) => one))) {
    const values = pairs.filter(([one]) => one === name).map(([, value]) => value);
    const fields = hiddenFields(form).filter((one) => one.name === name);
    for (const extra of fields.splice(values.length)) {
      extra.remove();
    }
    values.forEach((value, at) => {
      const field = fields[at] || form.appendChild(document.createElement("input"));
      field.type = "hidden";
      field.name = name;
      field.value = value;
    });
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {Pairs} values
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

/** @param {File} file */
async function sealFile(file) {
  if (!sealedFiles.has(file)) {
    sealedFiles.set(file, await seal(await file.arrayBuffer()));
  }
  return sealedFiles.get(file);
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
  if (JSON.stringify(values) === one.first && !photos.length && !posted) {
    await forget(one.token);
    return;
  }
  nameDraft(form, one.token);
  const said = {
    place: one.place, values, hidden: hiddenOf(form), label: labelOf(form), photos: photos.map(({ file, id }) => ({ name: file.name, type: file.type, id })),
  };
  const row = {
    token: one.token,
    person,
    at: Date.now(),
    words: await seal(new TextEncoder().encode(JSON.stringify(said))),
    photos: await Promise.all(photos.map((photo) => sealFile(photo.file))),
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
    await forget(row.token);
    form.reset();
    setHidden(form, known.get(form).hidden);
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
 * Put back what was typed, with what the form was filled in as; a page that shows it again itself has newer ones.
 * @param {HTMLFormElement} form
 * @param {Known} one
 * @param {Row} row
 * @param {Words} said
 */
async function restore(form, one, row, said) {
  one.token = row.token;
  nameDraft(form, row.token);
  const photos = await Promise.all(row.photos.map(async (sealed, at) => ({
    file: new File([await unseal(sealed)], said.photos[at].name, { type: said.photos[at].type }), id: said.photos[at].id,
  })));
  const values = JSON.stringify(said.values);
  const stands = JSON.stringify(typed(form));
  if (posted && (values === one.first || form.querySelector("[data-focus], .field-error:not([hidden])"))) {
    adopt(form, photos);
    await keep(form);
    return;
  }
  if (stands !== one.first && stands !== values) {
    return;
  }
  setHidden(form, said.hidden);
  fill(form, said.values);
  putBack(form, photos);
  note(form, row);
}

/**
 * Where a page names what is under way on its matter: what was begun there and stands in no form of the page.
 * @param {Words[]} begun
 */
function list(begun) {
  const shown = new Set(Array.from(document.forms, (form) => known.get(form)).filter(Boolean).map((one) => one.place));
  for (const place of document.querySelectorAll("[data-drafts-of]")) {
    const links = begun.filter((one) => one.place.startsWith(place.dataset.draftsOf) && !shown.has(one.place)).map((one) => {
      const link = document.createElement("a");
      link.href = one.place.split(" ")[0];
      link.textContent = one.label;
      return link;
    });
    place.querySelector("[data-drafts]").replaceChildren(...links);
    place.hidden = links.length === 0;
  }
}

function newToken() {
  return Array.from(window.crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {ParentNode} root */
async function begin(root) {
  const within = Array.from(root.querySelectorAll("form"));
  const forms = (root instanceof HTMLFormElement ? [root, ...within] : within).filter((form) => keeps(form) && !known.has(form));
  for (const form of forms) {
    known.set(form, { place: placeOf(form), first: given(form), hidden: hiddenOf(form), token: newToken(), saving: false, again: false });
  }
  const rows = await current();
  for (const form of forms) {
    const one = known.get(form);
    const found = rows.find(({ said }) => said.place === one.place);
    if (found) {
      await restore(form, one, found.row, found.said);
    }
  }
  list(rows.map(({ said }) => said));
}

/* No network: it waits in the page and goes when the network is back, unless somebody types on ---------------------- */

/** @type {{ form: HTMLFormElement, submitter: HTMLElement, said: HTMLElement }} */
let waiting = null;

/** @param {string} which */
function toast(which) {
  const said = document.importNode(words.content, true).querySelector(which);
  said.setAttribute("role", "alert");
  document.getElementById("toasts").append(said);
  return said;
}

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
  waiting = { form, submitter, said: toast("[data-waits]") };
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
      if (form.isConnected) {
        form.requestSubmit(submitter);
      } else {
        toast("[data-left]");
      }
    }
  });
  begin(document).catch(quietly);
}
