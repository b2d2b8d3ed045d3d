/* Forms of the phone pages: one sending per press, an honest word when nothing came back, focus on what is wrong. */

import { release, send, unsent } from "./sending.js";

const wrong = document.querySelector("[data-focus]:not([hidden])");
if (wrong) {
  wrong.focus();
}

/* Some browsers do not tell the submit event which button was pressed. */
/** @type {HTMLButtonElement} */
let pressed = null;
document.addEventListener("click", (event) => {
  pressed = event.target.closest("button[type=submit]");
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-once")) {
    return;
  }
  const by = pressed && pressed.form === form ? pressed : null;
  if (by && by.hasAttribute("data-takes-along")) {
    return; // The whole page comes back in other words or letters, with the form as it is.
  }
  event.preventDefault();
  if (form.dataset.sent) {
    return;
  }
  form.dataset.by = by ? by.name : "";
  if (navigator.onLine === false) {
    unsent(form, "offline");
    return;
  }
  send(form, by);
});

/* Whoever signs out leaves no draft and no kept page on this phone. */
document.addEventListener("submit", (event) => {
  if (event.target.hasAttribute("data-wipe")) {
    window.indexedDB.deleteDatabase("drafts");
    if (window.caches) {
      window.caches.keys().then((names) => Promise.all(names.map((name) => window.caches.delete(name))));
    }
  }
});

/* What was to be sent without a network goes once it is back; whoever types on sends it again by hand. */
window.addEventListener("online", () => {
  /** @type {NodeListOf<HTMLFormElement>} */
  const waiting = document.querySelectorAll("form[data-waiting]");
  waiting.forEach((form) => {
    send(form, null);
  });
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-waiting]");
  if (form) {
    form.removeAttribute("data-waiting");
    document.getElementById("unsent").hidden = true;
  }
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    /** @type {NodeListOf<HTMLFormElement>} */
    const forms = document.querySelectorAll("form[data-once]");
    forms.forEach(release);
  }
});

/** @returns {NodeListOf<HTMLDetailsElement>} */
function opened() {
  return document.querySelectorAll("details.menu[open]");
}

/* A menu closes when the person goes elsewhere or presses Escape. */
/**
 * @param {HTMLDetailsElement} menu
 * @param {boolean} back
 */
function close(menu, back) {
  menu.open = false;
  if (back) {
    menu.querySelector("summary").focus();
  }
}

document.addEventListener("click", (event) => {
  for (const menu of opened()) {
    if (!menu.contains(event.target)) {
      close(menu, false);
    }
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) {
    for (const menu of opened()) {
      close(menu, true);
    }
  }
});
