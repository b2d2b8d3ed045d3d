/* Dead letters: tick the whole page at once, and say how many are ticked. Ticking row by row works without it. */

const form = document.querySelector("[data-outbox]");
const all = form && form.querySelector("[data-outbox-all]");

if (all) {
  /** @type {HTMLInputElement} */
  const master = all.querySelector("input");
  const output = form.querySelector("[data-outbox-count]");
  /** @type {HTMLInputElement[]} */
  const boxes = Array.from(form.querySelectorAll("input[name=id]"));

  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    master.checked = ticked === boxes.length;
    master.indeterminate = ticked > 0 && ticked < boxes.length;
    output.textContent = ticked ? `${output.dataset.outboxCount} ${ticked}` : "";
  };

  all.hidden = false;
  master.addEventListener("change", () => {
    for (const box of boxes) {
      box.checked = master.checked;
    }
    show();
  });
  form.addEventListener("change", show);
  show();
}
