/* Search while typing, never in the middle of a composition: the form is asked again 300 ms after the last word. */

const WAIT = 300;

for (const form of document.querySelectorAll("[data-live-search]")) {
  const field = form.querySelector("[type=search]");
  let timer = 0;
  let asked = field.value;

  const ask = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (field.value.trim() !== asked) {
        asked = field.value.trim();
        for (const other of document.querySelectorAll("[data-search]")) {
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
