/* Forms of the phone pages: one sending per press, an honest word when there is no network, focus on what is wrong. */

const wrong = document.querySelector("[data-focus]:not([hidden])");
if (wrong) {
  wrong.focus();
}

/** Take back the mark of a sent form: the page came back from the browser's memory, or nothing was sent. */
function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-once")) {
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  const unsent = form.dataset.offline && document.getElementById(form.dataset.offline);
  if (unsent && navigator.onLine === false) {
    event.preventDefault();
    unsent.hidden = false;
    unsent.focus();
    for (const button of form.querySelectorAll("[data-again]")) {
      button.textContent = button.dataset.again;
    }
    return;
  }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.setAttribute("aria-disabled", "true");
  }
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    document.querySelectorAll("form[data-once]").forEach(release);
  }
});

/* A menu closes when the person goes elsewhere or presses Escape. */
function close(menu, back) {
  menu.open = false;
  if (back) {
    menu.querySelector("summary").focus();
  }
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) {
      close(menu, false);
    }
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      close(menu, true);
    }
  }
});
