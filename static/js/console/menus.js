/* Menus are <details>: they open without a script. This adds Escape, arrows, one open at a time, closing outside. */

const OPEN = "details[data-menu][open]";

/** @returns {NodeListOf<HTMLDetailsElement>} */
function opened() {
  return document.querySelectorAll(OPEN);
}

/** @param {HTMLElement} menu */
function items(menu) {
  return [...menu.querySelectorAll(".menu-item")].filter((item) => item.offsetParent !== null);
}

/**
 * @param {HTMLDetailsElement} menu
 * @param {boolean} focus
 */
function close(menu, focus) {
  menu.open = false;
  if (focus) {
    menu.querySelector("summary").focus();
  }
}

document.addEventListener("click", (event) => {
  if (event.target.closest(".menu-item[aria-disabled='true']")) {
    event.preventDefault();
    return;
  }
  for (const menu of opened()) {
    if (!menu.contains(event.target) || event.target.closest("[data-open-panel]")) {
      close(menu, false);
    }
  }
});

document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLDetailsElement) || !menu.matches(OPEN)) {
      return;
    }
    for (const other of opened()) {
      if (other !== menu) {
        close(other, false);
      }
    }
  },
  true,
);

document.addEventListener("keydown", (event) => {
  /** @type {HTMLDetailsElement} */
  const menu = event.target.closest && event.target.closest("details[data-menu]");
  if (!menu || event.isComposing) {
    return;
  }
  if (event.key === "Escape" && menu.open) {
    event.preventDefault();
    close(menu, true);
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") {
    return;
  }
  event.preventDefault();
  menu.open = true;
  const list = items(menu);
  if (list.length === 0) {
    return;
  }
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = list.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = at === -1 ? (step === 1 ? 0 : list.length - 1) : (at + step + list.length) % list.length;
  list[next].focus();
});
