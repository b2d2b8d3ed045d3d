/*
 * Whether the sign-in goes on. Typing keeps it alive, what a page asks by itself does not. Once it is over the page says
 * so and hides what is on it, with all that was typed; signed in again elsewhere, the same person goes on here.
 */

const EVERY = 2 * 60 * 1000;
/** @type {HTMLTemplateElement} */
const words = document.getElementById("session-over");
const url = words && words.dataset.session;
let told = 0;
/** @type {HTMLElement | null} */
let shown = null;

function tell() {
  if (!shown) {
    shown = document.importNode(words.content, true).querySelector(".toast-message");
    shown.setAttribute("role", "alert");
    document.getElementById("toasts").append(shown);
    document.dispatchEvent(new Event("session:over"));
  }
}

/** @param {string} token */
function renew(token) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const fields = document.querySelectorAll("input[name=csrfmiddlewaretoken]");
  for (const field of fields) {
    field.value = token;
  }
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
}

function goOn() {
  shown.remove();
  shown = null;
  document.dispatchEvent(new Event("session:back"));
}

async function ask() {
  const answer = await fetch(url, { headers: { "X-Polling": "1" } });
  const { person, token } = await answer.json();
  if (person === words.dataset.person) {
    renew(token);
    if (shown) {
      goOn();
    }
  } else {
    tell();
  }
}

async function keep() {
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const answer = await fetch(url, { method: "POST", headers });
  const { person } = await answer.json();
  if (person === "") {
    tell();
  }
}

/* Without a network nothing is known of the session; the next key or look asks again. */
function quietly() {}

if (url) {
  document.addEventListener("input", () => {
    if (!shown && Date.now() - told >= EVERY) {
      told = Date.now();
      keep().catch(quietly);
    }
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (new URL(event.detail.xhr.responseURL, location.href).pathname === words.dataset.login) {
      event.detail.shouldSwap = false;
      tell();
    }
  });

  /* A form that is sent now would be lost on the way to the sign-in. */
  document.addEventListener("submit", (event) => {
    if (shown) {
      event.preventDefault();
      shown.querySelector("a").focus();
    }
  }, true);

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      ask().catch(quietly);
    }
  });
  window.addEventListener("focus", () => {
    ask().catch(quietly);
  });
  setInterval(() => {
    ask().catch(quietly);
  }, EVERY);
}
