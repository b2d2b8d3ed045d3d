/* Small helps for every form: focus on errors, counters, previews, phrases, copying, no submit while composing. */

/** @param {KeyboardEvent} event */
function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** @param {Field} area */
function count(area) {
  const output = document.getElementById(area.dataset.count);
  if (output) {
    output.textContent = `${area.value.length} / ${area.maxLength}`;
  }
}

/** @param {Field} area */
function preview(area) {
  const target = document.getElementById(area.dataset.preview);
  if (target) {
    target.textContent = area.value || target.dataset.empty || "";
  }
}

/** @param {HTMLInputElement} choice */
function retitle(choice) {
  const title = document.getElementById("preview-title");
  /** @type {NodeListOf<HTMLTemplateElement>} */
  const titles = document.querySelectorAll("[data-preview-title]");
  const words = [...titles].find((one) => one.dataset.previewTitle === choice.value);
  if (title && words && choice.name === "outcome") {
    title.textContent = words.content.textContent;
  }
}

/** @param {ParentNode} root */
function prepare(root) {
  for (const area of root.querySelectorAll("[data-count]")) {
    count(/** @type {Field} */ (area));
  }
  for (const area of root.querySelectorAll("[data-preview]")) {
    preview(/** @type {Field} */ (area));
  }
  for (const shown of root.querySelectorAll("[data-copy], [data-reveal]")) {
    shown.hidden = false;
  }
  const first = root.querySelector("[data-focus]");
  if (first) {
    first.focus();
  }
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-count]")) {
    count(event.target);
  }
  if (event.target.matches("[data-preview]")) {
    preview(event.target);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-panel] [type=radio]")) {
    retitle(event.target);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && composing(event)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) {
    return;
  }
  if (form.dataset.sent === "true") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  if (event.submitter) {
    event.submitter.classList.add("is-busy");
  }
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
  }
  for (const button of document.querySelectorAll(".is-busy")) {
    button.classList.remove("is-busy");
  }
});

document.addEventListener("click", async (event) => {
  const disabled = event.target.closest("[aria-disabled='true']");
  if (disabled) {
    event.preventDefault();
    return;
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(copy.dataset.copy);
    const note = document.getElementById(copy.dataset.copied);
    if (note) {
      note.hidden = false;
      setTimeout(() => { note.hidden = true; }, 2000);
    }
    return;
  }
  const phrase = event.target.closest("[data-phrase]");
  if (phrase) {
    /** @type {HTMLTextAreaElement} */
    const area = document.getElementById(phrase.dataset.into);
    area.setRangeText(phrase.dataset.phrase, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
    return;
  }
  const reveal = event.target.closest("[data-reveal]");
  if (reveal) {
    /** @type {HTMLInputElement} */
    const field = document.getElementById(reveal.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(!shown));
    return;
  }
  if (event.target.closest("[data-print]")) {
    window.print();
  }
});

prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
