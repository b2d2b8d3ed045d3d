/* Fields that depend on one another, and lists of many checkboxes. Everything stays usable without this file. */

/**
 * data-when="outcome:planned,not_now": shown while that field has one of these values, and while it has an error.
 * @param {HTMLElement} form
 */
function show(form) {
  for (const field of form.querySelectorAll("[data-when]")) {
    const [name, values] = field.dataset.when.split(":");
    /** @type {HTMLInputElement} */
    const chosen = form.querySelector(`[name="${name}"]:checked`);
    const wrong = field.querySelector(".field-error");
    field.hidden = !wrong && !(chosen && values.split(",").includes(chosen.value));
  }
}

/** @param {HTMLElement} many */
function count(many) {
  const output = many.querySelector("[data-many-count]");
  const number = many.querySelectorAll(":checked").length;
  output.hidden = number === 0;
  output.textContent = `${output.dataset.manyCount} ${number}`;
}

/** @param {HTMLInputElement} input */
function filter(input) {
  const many = input.closest("[data-many]");
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of many.querySelectorAll(".check")) {
    const text = `${item.textContent} ${item.dataset.keys}`.toLowerCase();
    item.hidden = !words.every((word) => text.includes(word));
  }
  for (const group of many.querySelectorAll(".many-group")) {
    let next = /** @type {HTMLElement} */ (group.nextElementSibling);
    let some = false;
    while (next && !next.classList.contains("many-group")) {
      some = some || !next.hidden;
      next = /** @type {HTMLElement} */ (next.nextElementSibling);
    }
    group.hidden = !some;
  }
}

/** @param {ParentNode} root */
function prepare(root) {
  for (const form of root.querySelectorAll("form")) {
    show(form);
  }
  for (const many of root.querySelectorAll("[data-many]")) {
    many.querySelector("[data-many-filter]").hidden = many.querySelectorAll(".check").length < 8;
    count(many);
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form");
  if (form) {
    show(form);
  }
  const many = event.target.closest("[data-many]");
  if (many) {
    count(many);
  }
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-many-filter]") && !event.isComposing) {
    filter(event.target);
  }
  const title = document.querySelector(`[data-title-from="${event.target.id}"]`);
  if (event.target.id && title) {
    title.textContent = event.target.value;
  }
  if (event.target.matches("[name=master_number]") && event.target.value) {
    /** @type {NodeListOf<HTMLInputElement>} */
    const radios = event.target.form.querySelectorAll("[name=master]:checked");
    for (const radio of radios) {
      radio.checked = false;
    }
  }
});

document.addEventListener("compositionend", (event) => {
  if (event.target.matches("[data-many-filter]")) {
    filter(event.target);
  }
});

prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentNode || document));
