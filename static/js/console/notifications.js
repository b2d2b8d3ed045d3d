/* The list of notifications: s and e press what the selected row offers (keyboard.js walks the rows with j and k). */

document.addEventListener("row:selected", (event) => {
  for (const control of document.querySelectorAll("[data-press]")) {
    if (event.target.contains(control)) {
      control.dataset.key = control.dataset.press;
    } else {
      delete control.dataset.key;
    }
  }
});

/* The first choice of an opened menu takes the focus, so that one more key is enough. */
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (menu instanceof HTMLDetailsElement && menu.matches(".notice-snooze[open]")) {
      menu.querySelector(".menu-item").focus();
    }
  },
  true,
);
