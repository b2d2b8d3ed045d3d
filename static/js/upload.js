/*
 * The upload field (components/upload.html): what was chosen is listed with a preview, photos are reduced, one can be
 * taken out again, and with data-url each is sent at once, one after the other so that their order stays, with its
 * progress. What was not sent goes with the form, so nothing is lost where the network or the browser is not up to it.
 * Where a script sends the form (data-once) it asks here for what goes along; what is chosen, sent or taken out is told
 * by "upload:changed". The words stand in the template of the row.
 */

const MOST_BYTES = 20 * 1024 * 1024;

function canSetFiles() {
  try {
    return Boolean(new DataTransfer().items.add);
  } catch {
    return false;
  }
}

const SETTABLE = canSetFiles();

/** @param {number} size */
function sizeText(size) {
  return size >= 1048576 ? `${(size / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(size / 1024))} KB`;
}

/** @typedef {{ file: File, element: HTMLElement, request: XMLHttpRequest, id: string, ready: boolean, work: Promise<void> }} Item */
/** @typedef {{ file: File, id: string }} Photo */

class UploadField {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {HTMLInputElement} */
    this.input = root.querySelector("input[type=file]");
    this.list = root.querySelector("[data-upload-list]");
    this.error = root.querySelector("[data-upload-error]");
    /** @type {HTMLTemplateElement} */
    this.row = root.querySelector("template[data-upload-row]");
    this.words = this.row.dataset;
    /** @type {Item[]} */
    this.items = [];
    this.free = SETTABLE || Boolean(root.closest("form[data-once]"));
    this.stopped = false;
    this.input.addEventListener("change", () => this.chosen());
    const form = root.closest("form");
    if (form) {
      form.addEventListener("submit", () => this.halt());
      form.addEventListener("reset", () => this.empty());
    }
    if (this.input.files.length) {
      this.chosen();
    }
  }

  /** New files join those chosen before; where nothing can be done without them the input keeps its own list. */
  chosen() {
    this.complain("");
    if (!this.free) {
      this.empty();
    }
    const room = Number(this.root.dataset.most) - this.items.length - this.keptCount();
    const files = Array.from(this.input.files);
    if (files.length > room) {
      this.complain(this.words.tooMany.replace("{n}", this.root.dataset.most));
    }
    const added = files.slice(0, Math.max(0, room)).map((file) => this.add(file, ""));
    this.stage();
    for (const item of added) {
      item.work = this.work(item);
    }
  }

  /**
   * Photos of an earlier page or try come back, in their order and before others; each with the id that it has already.
   * @param {Photo[]} photos
   */
  putBack(photos) {
    const later = this.items.splice(0);
    for (const photo of photos) {
      const item = this.add(photo.file, photo.id);
      item.ready = true;
      if (photo.id) {
        this.say(item, this.words.sent);
      }
    }
    this.items.push(...later);
    this.list.append(...later.map((item) => item.element));
    this.stage();
    this.next();
  }

  keptCount() {
    return this.root.querySelectorAll(".upload-kept input:checked").length;
  }

  /**
   * @param {File} file
   * @param {string} id
   */
  add(file, id) {
    const element = /** @type {HTMLElement} */ (this.row.content.firstElementChild.cloneNode(true));
    /** @type {Item} */
    const item = { file, element, request: null, id: "", ready: false, work: null };
    if (id) {
      this.name(item, id);
    }
    element.querySelector("[data-name]").textContent = file.name;
    element.querySelector("[data-size]").textContent = sizeText(file.size);
    const remove = element.querySelector("[data-remove]");
    remove.setAttribute("aria-label", `${remove.textContent} ${file.name}`);
    remove.hidden = !this.free;
    remove.addEventListener("click", () => this.remove(item));
    element.querySelector("[data-retry]").addEventListener("click", () => this.resume());
    this.preview(item);
    this.items.push(item);
    this.list.appendChild(element);
    this.list.hidden = false;
    return item;
  }

  /** @param {Item} item */
  preview(item) {
    if (!item.file.type.startsWith("image/")) {
      return;
    }
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(item.file);
    image.onload = () => URL.revokeObjectURL(image.src);
    image.onerror = () => image.remove();
    item.element.querySelector("[data-picture]").appendChild(image);
  }

  /**
   * @param {Item} item
   * @param {string} words
   */
  say(item, words) {
    item.element.querySelector("[data-state]").textContent = words;
  }

  /** @param {string} words */
  complain(words) {
    this.error.textContent = words;
    this.error.hidden = !words;
  }

  /** @param {Item} item */
  async work(item) {
    if (this.free) {
      this.say(item, this.words.working);
      const { reduced } = await import("./image-reducer.js");
      item.file = await reduced(item.file);
      item.element.querySelector("[data-size]").textContent = sizeText(item.file.size);
      this.say(item, "");
    }
    if (this.items.indexOf(item) < 0) {
      return;
    }
    if (item.file.size > MOST_BYTES && this.free) {
      this.complain(this.words.tooLarge.replace("{name}", item.file.name));
      this.remove(item);
      return;
    }
    item.ready = true;
    this.stage();
    this.tell();
    this.next();
  }

  tell() {
    this.root.dispatchEvent(new CustomEvent("upload:changed", { bubbles: true }));
  }

  /** Send the first that was not sent, once those before it are; none after one that failed, until it is asked for. */
  next() {
    const item = this.items.find((one) => !one.id);
    if (this.root.dataset.url && this.free && item && item.ready && !item.request && !this.stopped) {
      this.send(item);
    }
  }

  resume() {
    this.stopped = false;
    this.next();
  }

  /** The input holds what still has to go with the form. */
  stage() {
    if (!SETTABLE) {
      return;
    }
    const transfer = new DataTransfer();
    for (const item of this.items.filter((one) => !one.id)) {
      transfer.items.add(item.file);
    }
    this.input.files = transfer.files;
  }

  /** @param {Item} item */
  send(item) {
    const form = this.root.closest("form");
    /** @type {HTMLInputElement} */
    const token = form && form.querySelector("input[name=csrfmiddlewaretoken]");
    const bar = item.element.querySelector("progress");
    const data = new FormData();
    data.append("file", item.file, item.file.name);
    const request = new XMLHttpRequest();
    item.request = request;
    request.open("POST", this.root.dataset.url);
    request.setRequestHeader("Accept", "application/json");
    if (token) {
      request.setRequestHeader("X-CSRFToken", token.value);
    }
    request.upload.onprogress = (event) => {
      bar.value = event.lengthComputable ? Math.round((event.loaded / event.total) * 100) : bar.value;
    };
    request.onload = () => this.answered(item, request);
    request.onerror = () => this.withForm(item);
    request.onabort = request.onerror;
    bar.hidden = false;
    item.element.querySelector("[data-retry]").hidden = true;
    this.say(item, this.words.sending);
    request.send(data);
  }

  /**
   * @param {Item} item
   * @param {XMLHttpRequest} request
   */
  answered(item, request) {
    item.request = null;
    let answer = null;
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      answer = null;
    }
    if (request.status === 201 && Array.isArray(answer) && answer[0]) {
      this.name(item, answer[0].id);
      item.element.querySelector("progress").hidden = true;
      this.say(item, this.words.sent);
      this.stage();
      this.tell();
      this.next();
    } else if (request.status === 400 && answer && answer.fields && answer.fields.file) {
      this.complain(answer.fields.file.join(" "));
      this.remove(item);
    } else {
      this.withForm(item);
    }
  }

  /**
   * The server has it under this id; the form carries the id in its place.
   * @param {Item} item
   * @param {string} id
   */
  name(item, id) {
    const hidden = document.createElement("input");
    hidden.type = "hidden";
    hidden.name = this.root.dataset.keptName;
    hidden.value = id;
    item.element.appendChild(hidden);
    item.id = id;
  }

  /** @param {Item} item */
  withForm(item) {
    item.request = null;
    this.stopped = true;
    item.element.querySelector("progress").hidden = true;
    item.element.querySelector("[data-retry]").hidden = false;
    this.say(item, this.words.withForm);
  }

  /** @param {Item} item */
  remove(item) {
    const at = this.items.indexOf(item);
    if (at < 0) {
      return;
    }
    if (item.request) {
      item.request.abort();
    }
    const focused = item.element.contains(document.activeElement);
    this.items.splice(at, 1);
    item.element.remove();
    this.list.hidden = this.items.length === 0;
    this.stage();
    this.tell();
    this.resume();
    if (focused) {
      this.input.focus();
    }
  }

  /** The form is on its way with everything that was not sent yet. */
  halt() {
    this.stopped = true;
    for (const item of this.items.filter((one) => one.request)) {
      item.request.abort();
    }
  }

  empty() {
    for (const item of this.items.splice(0)) {
      item.element.remove();
    }
    this.list.hidden = true;
    this.resume();
  }
}

/** @type {WeakMap<Element, UploadField>} */
const known = new WeakMap();

/**
 * The fields of a form, in their order.
 * @param {HTMLFormElement} form
 */
function fieldsOf(form) {
  return Array.from(form.querySelectorAll("[data-upload]"), (root) => known.get(root)).filter(Boolean);
}

/**
 * The photos that stand in a form, in their order, each with the id that the server gave it or "".
 * @param {HTMLFormElement} form
 * @returns {Photo[]}
 */
export function photosOf(form) {
  return fieldsOf(form).flatMap((field) => field.items.map(({ file, id }) => ({ file, id })));
}

/**
 * Put photos back into a form, the first of its fields takes them all.
 * @param {HTMLFormElement} form
 * @param {Photo[]} photos
 */
export function putBack(form, photos) {
  begin(form);
  const [first] = fieldsOf(form);
  if (first && photos.length) {
    first.putBack(photos);
  }
}

/**
 * What the server kept of a form that it shows again, in place of rows without a picture; what it does not name comes
 * back as not sent.
 * @param {HTMLFormElement} form
 * @param {Photo[]} photos
 */
export function adopt(form, photos) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const boxes = form.querySelectorAll(".upload-kept input");
  const kept = Array.from(boxes);
  const found = photos.map((photo) => {
    const fits = (/** @type {HTMLInputElement} */ box) =>
      photo.id ? box.value === photo.id : box.dataset.size === String(photo.file.size);
    const at = kept.findIndex(fits);
    const [box] = at < 0 ? [null] : kept.splice(at, 1);
    if (box) {
      box.closest("label").remove();
    }
    return { file: photo.file, id: box ? box.value : "" };
  });
  putBack(form, found);
}

/**
 * What of the photos goes along with a form that a script sends, once they are reduced.
 * @param {HTMLFormElement} form
 * @param {FormData} data
 */
async function addPhotos(form, data) {
  const fields = fieldsOf(form).filter((field) => field.items.length);
  await Promise.all(fields.flatMap((field) => field.items.map((item) => item.work)));
  for (const name of new Set(fields.map((field) => field.input.name))) {
    data.delete(name);
  }
  for (const field of fields) {
    for (const item of field.items.filter((one) => !one.id)) {
      data.append(field.input.name, item.file, item.file.name);
    }
  }
}


/** @param {ParentNode} root */
function begin(root) {
  root.querySelectorAll("[data-upload]").forEach((element) => {
    if (!known.has(element)) {
      known.set(element, new UploadField(element));
    }
  });
}

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.target));
document.addEventListener("form:sending", (event) => {
  event.detail.waits.push(addPhotos(event.target, event.detail.data));
});
window.addEventListener("online", () => {
  for (const form of document.forms) {
    for (const field of fieldsOf(form)) {
      field.resume();
    }
  }
});
