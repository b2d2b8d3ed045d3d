/*
 * The upload field (components/upload.html): what was chosen is listed with a preview, photos are reduced, one can be
 * taken out again, and with data-url each is sent at once with its progress. What was not sent goes with the form, so
 * nothing is lost where the network or the browser is not up to it. The words stand in the template of the row.
 */

import { reduced } from "./image-reducer.js";

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

/** @typedef {{ file: File, element: HTMLElement, request: XMLHttpRequest, sent: boolean }} Item */

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
    this.input.addEventListener("change", () => this.chosen());
    const form = root.closest("form");
    if (form) {
      form.addEventListener("submit", () => this.stop());
      form.addEventListener("reset", () => this.empty());
    }
    if (this.input.files.length) {
      this.chosen();
    }
  }

  /** New files join those chosen before; without the means to set files the input keeps its own list. */
  chosen() {
    this.complain("");
    if (!SETTABLE) {
      this.empty();
    }
    const room = Number(this.root.dataset.most) - this.items.length - this.keptCount();
    const files = Array.from(this.input.files);
    if (files.length > room) {
      this.complain(this.words.tooMany.replace("{n}", this.root.dataset.most));
    }
    const added = files.slice(0, Math.max(0, room)).map((file) => this.add(file));
    this.stage();
    for (const item of added) {
      this.work(item);
    }
  }

  keptCount() {
    return this.root.querySelectorAll(".upload-kept input:checked").length;
  }

  /** @param {File} file */
  add(file) {
    const element = /** @type {HTMLElement} */ (this.row.content.firstElementChild.cloneNode(true));
    /** @type {Item} */
    const item = { file, element, request: null, sent: false };
    element.querySelector("[data-name]").textContent = file.name;
    element.querySelector("[data-size]").textContent = sizeText(file.size);
    const remove = element.querySelector("[data-remove]");
    remove.setAttribute("aria-label", `${remove.textContent} ${file.name}`);
    remove.hidden = !SETTABLE;
    remove.addEventListener("click", () => this.remove(item));
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
    if (SETTABLE) {
      this.say(item, this.words.working);
      item.file = await reduced(item.file);
      item.element.querySelector("[data-size]").textContent = sizeText(item.file.size);
      this.say(item, "");
    }
    if (this.items.indexOf(item) < 0) {
      return;
    }
    if (item.file.size > MOST_BYTES && SETTABLE) {
      this.complain(this.words.tooLarge.replace("{name}", item.file.name));
      this.remove(item);
      return;
    }
    this.stage();
    if (this.root.dataset.url && SETTABLE) {
      this.send(item);
    }
  }

  /** The input holds what still has to go with the form. */
  stage() {
    if (!SETTABLE) {
      return;
    }
    const transfer = new DataTransfer();
    for (const item of this.items.filter((one) => !one.sent)) {
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
    bar.hidden = false;
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
      const hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = this.root.dataset.keptName;
      hidden.value = answer[0].id;
      item.element.appendChild(hidden);
      item.element.querySelector("progress").hidden = true;
      item.sent = true;
      this.say(item, this.words.sent);
      this.stage();
    } else if (request.status === 400 && answer && answer.fields && answer.fields.file) {
      this.complain(answer.fields.file.join(" "));
      this.remove(item);
    } else {
      this.withForm(item);
    }
  }

  /** @param {Item} item */
  withForm(item) {
    item.request = null;
    item.element.querySelector("progress").hidden = true;
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
    if (focused) {
      this.input.focus();
    }
  }

  /** The form is on its way with everything that was not sent yet. */
  stop() {
    this.items.filter((item) => item.request).forEach((item) => {
      item.request.abort();
      item.request = null;
    });
  }

  empty() {
    for (const item of this.items.splice(0)) {
      item.element.remove();
    }
    this.list.hidden = true;
  }
}

const known = new WeakSet();

/** @param {ParentNode} root */
function begin(root) {
  root.querySelectorAll("[data-upload]").forEach((element) => {
    if (!known.has(element)) {
      known.add(element);
      new UploadField(element);
    }
  });
}

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.target));
