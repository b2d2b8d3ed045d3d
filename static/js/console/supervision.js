/*
 * The supervision desk: a row's reminders open below it (loaded the first time), one box ticks the page, and the number
 * of ticked rows is shown. Without this the link leads to a page of its own and the form works as it stands.
 */

/** @param {HTMLElement} link */
function toggle(link) {
  const row = document.getElementById(link.dataset.told).closest("tr");
  row.hidden = !row.hidden;
  link.setAttribute("aria-expanded", String(!row.hidden));
  if (!row.hidden && !link.dataset.loaded) {
    link.dataset.loaded = "true";
    link.dispatchEvent(new CustomEvent("told-open"));
  }
}

for (const link of document.querySelectorAll("[data-told]")) {
  link.setAttribute("aria-expanded", "false");
  link.setAttribute("aria-controls", link.dataset.told);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    toggle(link);
  });
}

for (const form of document.querySelectorAll("[data-desk]")) {
  /** @type {HTMLInputElement[]} */
  const boxes = Array.from(form.querySelectorAll("input[name=issue]"));
  /** @type {HTMLInputElement} */
  const all = form.querySelector("[data-check-all] input");
  const checked = form.querySelector("[data-checked]");

  const show = () => {
    const number = boxes.filter((box) => box.checked).length;
    checked.querySelector("b").textContent = String(number);
    checked.hidden = number === 0;
    all.checked = number === boxes.length;
    all.indeterminate = number > 0 && number < boxes.length;
  };

  form.querySelector("[data-check-all]").hidden = false;
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    show();
  });
  for (const box of boxes) {
    box.addEventListener("change", show);
  }
  window.addEventListener("pageshow", show);
  show();
}
