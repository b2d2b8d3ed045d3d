/* Search while typing, never in the middle of a composition: the form is asked again 300 ms after the last word. */

const WAIT = 300;

/** @type {NodeListOf<HTMLFormElement>} */
const forms = document.querySelectorAll("[data-live-search]");
for (const form of forms) {
  /** @type {HTMLInputElement} */
  const field = form.querySelector("[type=search]");
  let timer = 0;
  let asked = field.value;

  const ask = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (field.value.trim() !== asked) {
        asked = field.value.trim();
        /** @type {NodeListOf<HTMLInputElement>} */
        const others = document.querySelectorAll("[data-search]");
        for (const other of others) {
          other.value = asked;
        }
        form.dispatchEvent(new CustomEvent("live-search"));
      }
    }, WAIT);
  };

  field.addEventListener("input", (event) => {
    if (!event.isComposing) {
      ask();
    }
  });
  field.addEventListener("compositionend", ask);
  form.addEventListener("change", (event) => {
    if (event.target.matches("select")) {
      form.submit();
    }
  });
}
