/*
 * Sending a form without leaving the page: the words and the photos stay where they are until the server has answered.
 * What it took leads on (X-Location); what it did not take comes back as the form with its errors, put in place of the
 * old one; where nothing came back the same form is sent again under its key, and what had arrived is not done twice.
 * Without a network it waits and goes when the network is back, unless somebody types on. The line below the button says
 * how it stands. Other scripts hear of it by events: "form:sending" (add to data), "form:taken", "form:shown", and
 * "form:unsent", which one of them may take over (preventDefault).
 */

const STALLED = 30000;

/**
 * The line below a button that sends: what has become of what was typed. The words stand in phone/_send.html.
 * @param {HTMLFormElement} form
 * @param {string} state
 * @param {string} [what]
 */
export function say(form, state, what) {
  for (const line of form.querySelectorAll("[data-states]")) {
    const words = state ? (line.dataset[state] || "").replace("{n}", what || "") : "";
    if (line.textContent !== words) {
      line.textContent = words;
    }
  }
}

/**
 * Tell other scripts, and wait for what they have to do.
 * @param {HTMLElement} from
 * @param {string} name
 * @param {Record<string, any>} detail
 */
function tell(from, name, detail) {
  /** @type {Promise<unknown>[]} */
  const waits = [];
  from.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { ...detail, waits } }));
  return Promise.all(waits);
}

/** @param {HTMLFormElement} form */
function buttons(form) {
  return Array.from(form.querySelectorAll("button[type=submit]"));
}

/** @param {HTMLFormElement} form */
function mark(form) {
  form.dataset.sent = "1";
  for (const button of buttons(form)) {
    button.setAttribute("aria-disabled", "true");
  }
}

/**
 * Take back the mark of a sent form: the page came back from the browser's memory, or nothing was sent.
 * @param {HTMLFormElement} form
 */
export function release(form) {
  delete form.dataset.sent;
  delete form.dataset.waiting;
  for (const button of buttons(form)) {
    button.removeAttribute("aria-disabled");
  }
}

/**
 * Say that nothing came of it, and offer to send it again. ``words`` are the server's own, where it had any.
 * @param {HTMLFormElement} form
 * @param {string} reason
 * @param {string} [words]
 */
export function unsent(form, reason, words) {
  release(form);
  const event = new CustomEvent("form:unsent", { bubbles: true, cancelable: true, detail: { reason } });
  if (!words && !form.dispatchEvent(event)) {
    return;
  }
  say(form, form.dataset.kept || "");
  const waits = reason === "offline" && form.hasAttribute("data-draft") && !form.dataset.by;
  if (waits) {
    form.dataset.waiting = "1";
  }
  const box = document.getElementById("unsent");
  box.querySelectorAll("[data-unsent]").forEach((line) => {
    line.hidden = line.dataset.unsent !== (waits ? "waiting" : reason);
    if (words && !line.hidden) {
      line.textContent = words;
    }
  });
  box.hidden = false;
  box.focus();
  form.querySelectorAll("[data-again]").forEach((button) => {
    button.textContent = button.dataset.again;
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {Document} page
 * @param {HTMLElement} main
 */
function show(form, page, main) {
  document.title = page.title;
  document.getElementById("main").replaceWith(main);
  main.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  tell(main, "form:shown", { before: form, after: main.querySelector("form[data-once]") });
  const wrong = main.querySelector("[data-focus]:not([hidden])");
  if (wrong) {
    wrong.focus();
  } else {
    window.scrollTo(0, 0);
  }
}

/** @param {HTMLElement} main */
function said(main) {
  return Array.from(main.querySelectorAll(".truth h1, .truth h1 + p"), (part) => part.textContent.trim()).join(" ");
}

/**
 * @param {HTMLFormElement} form
 * @param {XMLHttpRequest} request
 */
async function answered(form, request) {
  const next = request.getResponseHeader("X-Location");
  if (request.status === 204 && next) {
    say(form, "taken", decodeURIComponent(request.getResponseHeader("X-Number") || ""));
    await tell(form, "form:taken", {});
    window.location.assign(next);
    return;
  }
  if (request.responseURL && new URL(request.responseURL).pathname !== new URL(form.action).pathname) {
    window.location.assign(request.responseURL);
    return;
  }
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.getElementById("main");
  if (main && main.querySelector("form[data-once], [data-shows]")) {
    show(form, page, main);
  } else {
    unsent(form, "unanswered", main && request.status < 500 ? said(main) : "");
  }
}

/**
 * Send ``form``; ``pressed`` is the button, whose name and value belong to the form.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} pressed
 */
export async function send(form, pressed) {
  const data = new FormData(form);
  if (pressed && pressed.name) {
    data.append(pressed.name, pressed.value);
  }
  mark(form);
  say(form, "going", "0");
  await tell(form, "form:sending", { data });
  const request = new XMLHttpRequest();
  let timer = 0;
  const wait = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => request.abort(), STALLED);
  };
  const lost = () => {
    window.clearTimeout(timer);
    unsent(form, navigator.onLine === false ? "offline" : "unanswered");
  };
  request.open("POST", form.action);
  request.setRequestHeader("X-Sent-By", "script");
  request.upload.onprogress = (event) => {
    wait();
    say(form, "going", String(event.lengthComputable ? Math.floor((event.loaded / event.total) * 10) * 10 : 0));
  };
  request.onload = () => {
    window.clearTimeout(timer);
    answered(form, request);
  };
  request.onerror = lost;
  request.onabort = lost;
  wait();
  request.send(data);
}
