/*
 * Intake: look-ups as the caller speaks, suggestions that only a hand accepts, emergency words. What is typed is kept by
 * drafts.js, with the key under which it may have been sent already.
 */

const WAIT = 500;
/** @type {HTMLFormElement} */
const form = document.querySelector("[data-intake]");
/** @param {string} name */
const field = (name) => form.elements[name];

/* Look-up: phone of 11 digits, place, words ---------------------------------------------------------------------- */

let asked = "";
let timer = 0;

/** @param {string} text */
function digits(text) {
  return text.normalize("NFKC").replace(/\D/g, "");
}

function question() {
  const phone = digits(field("contact_phone").value);
  return [phone.length === 11 ? phone : "", field("place") ? field("place").value : "", field("category").value, field("description").value.trim()].join("|");
}

function lookUp() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const now = question();
    if (now !== asked && now.replaceAll("|", "")) {
      asked = now;
      document.getElementById("reference").dispatchEvent(new CustomEvent("reference:look-up"));
    }
  }, WAIT);
}

/* Why a card must be kept whole is asked only where the words hold one ---------------------------------------------- */

const keeping = form.querySelector("[data-keep]");

function askToKeep() {
  keeping.hidden = !form.querySelector("[data-cards]") && !field("keep_numbers").value;
}

document.addEventListener("htmx:oobAfterSwap", askToKeep);

/* What each level leads to, counted by the server for the kind, category and place that are chosen ------------------- */

let counted = "";

function countLimits() {
  const now = ["kind", "category", "place"].map((name) => (field(name) ? field(name).value : "")).join("|");
  if (now !== counted) {
    counted = now;
    form.querySelector("[data-limits]").dispatchEvent(new CustomEvent("limits:look-up"));
  }
}

/* A known number brings the name and the address given last, into empty fields only ------------------------------- */

const matched = form.querySelector("[data-matched]");

function fillKnown() {
  const contact = document.querySelector("#reference [data-contact]");
  matched.hidden = !contact;
  if (!contact) {
    return;
  }
  for (const [name, value] of [["contact_name", contact.dataset.name], ["contact_address", contact.dataset.address]]) {
    const control = field(name);
    if (control && !control.value) {
      control.value = value;
    }
  }
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "reference") {
    fillKnown();
  }
});

/* Suggestions ---------------------------------------------------------------------------------------------------- */

form.addEventListener("click", (event) => {
  const suggestion = event.target.closest("[data-accept]");
  if (!suggestion) {
    return;
  }
  const select = field(suggestion.dataset.accept);
  select.value = suggestion.dataset.value;
  select.dispatchEvent(new Event("combobox:sync"));
  suggestion.setAttribute("aria-pressed", "true");
  select.dispatchEvent(new Event("change", { bubbles: true }));
});

/* What was accepted stays in sight as long as it holds, also when a new look-up has nothing to suggest any more. */
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const kept = [...form.querySelectorAll("[data-accept][aria-pressed='true']")];
  if (event.detail.target.id === "suggestions" && kept.some((one) => field(one.dataset.accept).value === one.dataset.value)) {
    event.detail.shouldSwap = false;
  }
});

/* A category brings its usual department and level, as a proposal that stays changeable ---------------------------- */

function proposeDepartment() {
  const option = field("category").selectedOptions[0];
  const department = field("department");
  if (option && option.dataset.department && !department.value) {
    department.value = option.dataset.department;
    department.dispatchEvent(new Event("combobox:sync"));
  }
}

/* As it is typed -------------------------------------------------------------------------------------------------- */

form.addEventListener("input", (event) => {
  if (event.isComposing) {
    return;
  }
  lookUp();
});

form.addEventListener("compositionend", () => {
  lookUp();
});

form.addEventListener("change", (event) => {
  if (event.target.name === "category") {
    proposeDepartment();
  }
  lookUp();
  countLimits();
});

askToKeep();
if (field("description").value) {
  lookUp();
}
if (!form.querySelector("[data-focus]")) {
  field("contact_phone").focus();
}
