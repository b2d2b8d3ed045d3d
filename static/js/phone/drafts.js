/*
 * What is being typed into a form with data-draft, and its photos, kept in this browser (IndexedDB) until the server has
 * taken it: a page that was reloaded or closed, or shown in another language, in 长辈版 or for another place, finds them
 * again within seven days, with the key under which they may have been sent already. Each draft lies under its key. A
 * browser that keeps nothing says so in the line below the button, and everything else works.
 *
 * A page may come with what the server kept while no script ran (data-kept-at). That is newer than what lies here, unless
 * it was typed on top of just that (``held``): then the words of this phone stand over it, and the photos of both.
 */

import { adopt, photosOf, putBack } from "../upload.js";
import { say } from "./sending.js";

const FIELDS = "input[name], textarea[name], select[name]";
const LEFT_OUT = ["csrfmiddlewaretoken", "photos", "uploads", "website", "door", "asked", "join", "again", "find", "shared"];
const KEPT_FOR = 7 * 24 * 3600 * 1000;
const NUMBERED_FOR = 20 * 3600 * 1000;
export const WORDS = "words";
export const PHOTOS = "photos";

/**
 * ``queued``: it was to be sent, as these entries, and waits for the network (queue.js); ``refused``: what the server said;
 * ``held``: on top of which draft of the server's it was typed.
 * @typedef {{ key: string, place: string, values: Record<string, string | boolean>, at: number,
 *   held: string, queued?: [string, string][], refused?: string }} Draft
 */

/** @type {Promise<IDBDatabase>} */
let opened = null;

function cupboard() {
  opened = opened || new Promise((resolve, reject) => {
    const request = window.indexedDB.open("drafts", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(WORDS);
      request.result.createObjectStore(PHOTOS);
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * Whether it was done: a full or forbidden storage does nothing.
 * @param {IDBTransactionMode} mode
 * @param {(words: IDBObjectStore, photos: IDBObjectStore) => unknown} act
 */
export async function inCupboard(mode, act) {
  try {
    const database = await cupboard();
    await new Promise((resolve, reject) => {
      const transaction = database.transaction([WORDS, PHOTOS], mode);
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
      act(transaction.objectStore(WORDS), transaction.objectStore(PHOTOS));
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} store
 * @param {IDBValidKey} [key]
 */
export async function read(store, key) {
  /** @type {IDBRequest<any>} */
  let request = null;
  const done = await inCupboard("readonly", (words, photos) => {
    const from = store === WORDS ? words : photos;
    request = key ? from.get(key) : from.getAll();
  });
  return done ? request.result : undefined;
}

/** @param {HTMLFormElement} form */
export function keyOf(form) {
  return form.elements.idempotency_key.value;
}

/** @param {HTMLFormElement} form */
export function placeOf(form) {
  return `${form.dataset.draft}${form.getAttribute("action")}`;
}

/** @param {HTMLFormElement} form */
function heldBy(form) {
  return form.dataset.keptAt || "";
}

/** @param {HTMLFormElement} form */
function wordsOf(form) {
  return form.querySelector("textarea");
}

/**
 * @param {HTMLFormElement} form
 * @returns {HTMLInputElement[]}
 */
function fields(form) {
  /** @type {HTMLInputElement[]} */
  const named = Array.from(form.querySelectorAll(FIELDS));
  return named.filter((field) => !LEFT_OUT.includes(field.name));
}

/** @param {HTMLFormElement} form */
export function typed(form) {
  /** @type {Record<string, string | boolean>} */
  const values = {};
  for (const field of fields(form)) {
    if (field.type === "checkbox") {
      values[field.name] = field.checked;
    } else if (field.type !== "radio" || field.checked) {
      values[field.name] = field.value;
    }
  }
  return values;
}

/**
 * Keep what stands in a form, its photos with ``photos``.
 * @param {HTMLFormElement} form
 * @param {boolean} photos
 */
async function keep(form, photos) {
  const key = keyOf(form);
  const draft = { key, place: placeOf(form), values: typed(form), at: Date.now(), held: heldBy(form) };
  const rows = photos && photosOf(form).map((photo) => ({ ...photo, at: draft.at }));
  const done = await inCupboard("readwrite", (store, files) => {
    store.put(draft, key);
    if (rows) {
      files.put(rows, key);
    }
  });
  const words = !done && photos && await inCupboard("readwrite", (store) => store.put(draft, key));
  form.dataset.kept = done ? "kept" : words ? "wordsOnly" : "unkept";
  if (!form.dataset.sent) {
    say(form, form.dataset.kept);
  }
}

/**
 * Forget what was kept under a key.
 * @param {string} key
 */
export function forget(key) {
  return inCupboard("readwrite", (words, photos) => {
    words.delete(key);
    photos.delete(key);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {Record<string, any>} values
 */
function fill(form, values) {
  for (const field of fields(form).filter((one) => one.name in values)) {
    if (field.type === "checkbox") {
      field.checked = values[field.name];
    } else if (field.type === "radio") {
      field.checked = field.value === values[field.name];
    } else if (field.type !== "hidden" || field.name === "idempotency_key") {
      field.value = values[field.name];
    }
  }
  form.dispatchEvent(new CustomEvent("draft:filled", { bubbles: true, detail: values }));
}

/**
 * @param {HTMLFormElement} form
 * @param {string} blank
 */
function offer(form, blank) {
  const note = form.querySelector("[data-restored]");
  note.hidden = false;
  note.querySelector("button").addEventListener("click", async () => {
    await forget(keyOf(form));
    form.reset();
    fill(form, { idempotency_key: blank });
    say(form, "");
    note.hidden = true;
    wordsOf(form).focus();
  });
}

/** What is older than seven days goes; the others, newest first. */
export async function current() {
  /** @type {Draft[]} */
  const found = await read(WORDS) || [];
  const oldest = Date.now() - KEPT_FOR;
  await Promise.all(found.filter((draft) => draft.at < oldest).map((draft) => forget(draft.key)));
  return found.filter((draft) => draft.at >= oldest).sort((one, other) => other.at - one.at);
}

/** @param {HTMLFormElement} form */
async function restore(form) {
  const blank = keyOf(form);
  const words = wordsOf(form);
  const named = new URLSearchParams(window.location.hash.slice(1)).get("draft");
  const mine = (await current()).filter((one) => one.place === placeOf(form) && (!one.queued || one.key === named));
  const held = heldBy(form);
  const draft = held
    ? mine.find((one) => one.key === blank && one.held === held)
    : mine.find((one) => one.key === named) || mine.find((one) => one.key === blank) || mine[0];
  const others = words.value && draft && draft.key !== blank && words.value !== draft.values[words.name];
  if (!draft || (words.defaultValue && !held) || others) {
    return;
  }
  /** @type {{ file: File, id: string, at: number }[]} */
  const photos = await read(PHOTOS, draft.key) || [];
  if (!draft.values[words.name] && !draft.values.address && !draft.queued && !photos.length) {
    return;
  }
  fill(form, draft.values);
  const known = Date.now() - NUMBERED_FOR;
  const back = photos.map(({ file, id, at }) => ({ file, id: at < known ? "" : id }));
  if (held) {
    adopt(form, back);
  } else {
    putBack(form, back);
    offer(form, blank);
  }
  form.dataset.kept = "kept";
  say(form, "kept");
  if (draft.queued) {
    await keep(form, false);
  }
}

/**
 * @param {HTMLElement} changed
 * @param {boolean} photos
 */
function changes(changed, photos) {
  /** @type {HTMLFormElement} */
  const form = changed.closest("form[data-draft]");
  if (form && !form.dataset.sent) {
    keep(form, photos);
  }
}

document.addEventListener("input", (event) => changes(event.target, false));
document.addEventListener("upload:changed", (event) => changes(event.target, true));

document.addEventListener("form:taken", (event) => {
  if (event.target.hasAttribute("data-draft")) {
    event.detail.waits.push(forget(keyOf(event.target)));
  }
});

document.addEventListener("form:shown", async (event) => {
  const { before, after } = event.detail;
  if (before.hasAttribute("data-draft") && after && after.hasAttribute("data-draft")) {
    adopt(after, photosOf(before));
    if (keyOf(before) !== keyOf(after)) {
      await forget(keyOf(before));
    }
    await keep(after, true);
  }
});

/** @type {HTMLFormElement} */
const form = document.querySelector("form[data-draft]");
if (form) {
  /* The switches of language and letter size need not take the form along: this phone keeps it. */
  for (const button of document.querySelectorAll("[data-takes-along]")) {
    button.removeAttribute("form");
  }
  restore(form);
  window.addEventListener("hashchange", () => {
    if (window.location.hash.startsWith("#draft=")) {
      window.location.reload();
    }
  });
}
