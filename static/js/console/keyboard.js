/*
 * Shortcuts and the command palette. Keys are declared in the page: data-key="a" on what a key presses, data-row on
 * the rows that j and k walk through, data-command on what the palette offers besides its own list.
 * Single letters can be switched off (kept in a cookie, so that the server renders the switch). A key pressed while composing never does anything.
 */

const LETTERS_OFF = "keys=off";
const YEAR = 60 * 60 * 24 * 365;
/** @type {HTMLDialogElement} */
const palette = document.getElementById("palette");
/** @type {HTMLDialogElement} */
const shortcuts = document.getElementById("shortcuts");

/** @param {KeyboardEvent} event */
function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** @param {EventTarget} target */
function typing(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select"));
}

/** @param {HTMLElement} element */
function visible(element) {
  return element.getClientRects().length > 0 && element.getAttribute("aria-disabled") !== "true";
}

function lettersOn() {
  return !document.cookie.split("; ").includes(LETTERS_OFF);
}

function rows() {
  return [...document.querySelectorAll("[data-row]")].filter(visible);
}

/** @param {number} step */
function walk(step) {
  const list = rows();
  if (list.length === 0) {
    return;
  }
  const at = list.findIndex((row) => row.classList.contains("is-selected"));
  const next = list[at === -1 ? 0 : Math.min(Math.max(at + step, 0), list.length - 1)];
  for (const row of list) {
    row.classList.toggle("is-selected", row === next);
  }
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("[data-row-link]").focus({ preventScroll: true });
  next.dispatchEvent(new CustomEvent("row:selected", { bubbles: true }));
}

/** @param {string} key */
function press(key) {
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
  if (target) {
    target.click();
  }
  return Boolean(target);
}

function openSelected() {
  const row = rows().find((candidate) => candidate.classList.contains("is-selected"));
  if (!row) {
    return false;
  }
  /** @type {HTMLAnchorElement} */
  const link = row.querySelector("[data-row-link]");
  if (link.href) {
    location.assign(link.href);
  } else {
    link.click();
  }
  return true;
}

/** @param {HTMLDialogElement} dialog */
function openDialog(dialog) {
  if (dialog && typeof dialog.showModal === "function" && !dialog.open) {
    dialog.showModal();
    return true;
  }
  return false;
}

/** @type {Record<string, () => unknown>} */
const LETTERS = {
  j: () => walk(1),
  k: () => walk(-1),
  "/": () => document.querySelector("[data-search]").focus(),
  ".": () => openPalette(),
  "?": () => openDialog(shortcuts),
};

document.addEventListener("keydown", (event) => {
  if (composing(event) || event.defaultPrevented) {
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey && event.key === "Enter") {
    press("ctrl-enter");
    return;
  }
  if (event.key === "Escape") {
    if (!event.target.closest("details[data-menu][open]") && !document.querySelector("dialog[open]")) {
      press("escape");
    }
    return;
  }
  if (event.altKey && /^[1-9]$/.test(event.key)) {
    if (press(`alt-${event.key}`)) {
      event.preventDefault();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) {
    return;
  }
  if (event.key === "Enter" && event.target === document.body) {
    openSelected();
    return;
  }
  if (!lettersOn()) {
    return;
  }
  const letter = event.key.length === 1 ? event.key.toLowerCase() : "";
  if (LETTERS[letter]) {
    event.preventDefault();
    LETTERS[letter]();
  } else if (letter && press(letter)) {
    event.preventDefault();
  }
});

/* Palette ------------------------------------------------------------------------------------------------------- */

/** @type {HTMLInputElement} */
const text = document.getElementById("palette-text");
const list = document.getElementById("palette-list");
const own = /** @type {HTMLElement[]} */ (list ? [...list.children] : []);
const pressed = new WeakMap();
/** @type {HTMLElement[]} */
let shown = [];
let at = 0;

/** @param {HTMLElement} element */
function words(element) {
  const copy = /** @type {HTMLElement} */ (element.cloneNode(true));
  for (const part of copy.querySelectorAll("kbd, .visually-hidden")) {
    part.remove();
  }
  return copy.textContent.trim();
}

function fromPage() {
  return [...document.querySelectorAll("main [data-command]")].filter(visible).map((element) => {
    const option = document.createElement("div");
    option.className = "palette-option";
    option.setAttribute("role", "option");
    option.textContent = element.dataset.command || words(element);
    pressed.set(option, element);
    return option;
  });
}

/** @param {string} typed */
function searchFor(typed) {
  const option = document.createElement("div");
  option.className = "palette-option";
  option.setAttribute("role", "option");
  option.textContent = list.dataset.searchLabel + typed;
  option.dataset.url = `${list.dataset.issuesUrl}?go=1&q=${encodeURIComponent(typed)}`;
  return option;
}

function show() {
  const wanted = text.value.trim().toLowerCase();
  const matches = [...fromPage(), ...own].filter(
    (option) => !wanted || option.textContent.toLowerCase().includes(wanted) || (option.dataset.keys || "").includes(wanted),
  );
  shown = wanted ? [...matches, searchFor(text.value.trim())] : matches;
  at = 0;
  shown.forEach((option, index) => { option.id = `palette-option-${index}`; });
  list.replaceChildren(...shown);
  mark();
}

function mark() {
  for (const [index, option] of shown.entries()) {
    option.setAttribute("aria-selected", String(index === at));
  }
  if (shown[at]) {
    text.setAttribute("aria-activedescendant", shown[at].id);
    shown[at].scrollIntoView({ block: "nearest" });
  }
}

/** @param {HTMLElement} option */
function run(option) {
  if (!option) {
    return;
  }
  palette.close();
  const element = pressed.get(option);
  if (element) {
    element.click();
  } else if (option.dataset.url) {
    location.assign(option.dataset.url);
  }
}

function openPalette() {
  if (openDialog(palette)) {
    text.value = "";
    show();
    text.focus();
  }
}

if (palette) {
  text.addEventListener("input", show);
  text.addEventListener("keydown", (event) => {
    if (composing(event)) {
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % Math.max(shown.length, 1);
      mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = shown[at];
      if (option && option.dataset.themeChoice !== undefined) {
        option.click();
      } else {
        run(option);
      }
    }
  });
  list.addEventListener("click", (event) => run(event.target.closest(".palette-option")));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette-open]")) {
    openPalette();
  } else if (event.target.closest("[data-shortcuts-open]") && openDialog(shortcuts)) {
    event.preventDefault();
  } else if (event.target.closest("[data-dialog-close]")) {
    event.target.closest("dialog").close();
  } else if (event.target instanceof HTMLDialogElement) {
    event.target.close();
  }
});

for (const button of document.querySelectorAll("[data-palette-open]")) {
  button.hidden = false;
}
/** @type {NodeListOf<HTMLInputElement>} */
const boxes = document.querySelectorAll("[data-letter-keys]");
for (const box of boxes) {
  box.checked = lettersOn();
  box.addEventListener("change", () => {
    document.cookie = `${LETTERS_OFF}; path=/; max-age=${box.checked ? 0 : YEAR}; samesite=lax`;
    for (const other of boxes) {
      other.checked = box.checked;
    }
  });
}
