/*
 * What is being typed into a form with data-draft, kept in this tab until the server has taken it: a page that was
 * reloaded, or left by mistake, finds its words again, with the key under which they may have been sent already.
 */

const FIELDS = "input[name], textarea[name], select[name]";
const LEFT_OUT = ["csrfmiddlewaretoken", "photos", "uploads", "website", "asked", "join"];

/** @param {HTMLFormElement} form */
function place(form) {
  return `draft:${form.getAttribute("action")}`;
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
function stored(form) {
  try {
    return JSON.parse(window.sessionStorage.getItem(place(form)));
  } catch {
    return null;
  }
}

/**
 * Forget what was kept of a form.
 * @param {HTMLFormElement} form
 */
export function forget(form) {
  try {
    window.sessionStorage.removeItem(place(form));
  } catch {
    // A browser without storage kept nothing.
  }
}

/** @param {HTMLFormElement} form */
function keep(form) {
  /** @type {Record<string, string | boolean>} */
  const values = {};
  fields(form).forEach((field) => {
    values[field.name] = field.type === "checkbox" ? field.checked : field.value;
  });
  try {
    window.sessionStorage.setItem(place(form), JSON.stringify(values));
  } catch {
    // A browser without storage keeps nothing.
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {Record<string, any>} values
 */
function fill(form, values) {
  fields(form).forEach((field) => {
    if (!(field.name in values)) {
      return;
    }
    if (field.type === "checkbox") {
      field.checked = values[field.name];
    } else if (field.type !== "hidden" || field.name === "idempotency_key") {
      field.value = values[field.name];
    }
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {string} blank
 */
function offer(form, blank) {
  const note = form.querySelector("[data-restored]");
  note.hidden = false;
  note.querySelector("button").addEventListener("click", () => {
    forget(form);
    form.reset();
    fill(form, { idempotency_key: blank });
    note.hidden = true;
    form.elements.description.focus();
  });
}

/** @type {HTMLFormElement} */
const form = document.querySelector("form[data-draft]");
const values = form && stored(form);
if (values && values.description && !form.elements.description.value) {
  const blank = form.elements.idempotency_key.value;
  fill(form, values);
  offer(form, blank);
}

document.addEventListener("input", (event) => {
  /** @type {HTMLFormElement} */
  const changed = event.target.closest("form[data-draft]");
  if (changed) {
    keep(changed);
  }
});
