/* The button that prints a page; without a script the browser's own menu does. */

/** @type {NodeListOf<HTMLButtonElement>} */
const buttons = document.querySelectorAll("[data-print]");
buttons.forEach((button) => {
  button.hidden = typeof window.print !== "function";
  button.addEventListener("click", () => {
    window.print();
  });
});
