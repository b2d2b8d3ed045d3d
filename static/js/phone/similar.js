/*
 * 我也遇到了 while typing: after a pause the form asks what reads alike and shows it below the words. It asks only while
 * the person is in the words, so that nothing moves under a finger; without it the server asks once at sending.
 */

const PAUSE = 1200;
const SHORTEST = 6;
let timer = 0;
let asked = "";

/** @param {Field} words */
function placeOf(words) {
  const form = words.name === "description" && words.closest("form");
  return form ? form.querySelector("[data-similar]") : null;
}

/** @param {HTMLElement} place */
function hasChosen(place) {
  /** @type {HTMLInputElement} */
  const chosen = place.querySelector("input[name=join]:checked");
  return Boolean(chosen && chosen.value);
}

/** @param {Field} words */
async function look(words) {
  const place = placeOf(words);
  if (!place) {
    return;
  }
  /** @type {HTMLFormElement} */
  const form = words.closest("form");
  const text = words.value.trim();
  const data = new FormData();
  data.append("description", text);
  for (const name of ["community", "building"]) {
    if (form.elements[name]) {
      data.append(name, form.elements[name].value);
    }
  }
  const key = [text, data.get("community"), data.get("building")].join("|");
  if (text.length < SHORTEST || key === asked || hasChosen(place)) {
    return;
  }
  asked = key;
  try {
    const answer = await fetch(place.dataset.similar, {
      method: "POST",
      body: data,
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    const html = answer.status === 200 ? await answer.text() : "";
    if (document.activeElement === words && !hasChosen(place)) {
      place.innerHTML = html;
    }
  } catch {
    asked = "";
  }
}

document.addEventListener("input", (event) => {
  if (placeOf(event.target)) {
    window.clearTimeout(timer);
    if (!event.isComposing) {
      timer = window.setTimeout(look, PAUSE, event.target);
    }
  }
});
document.addEventListener("compositionend", (event) => {
  if (placeOf(event.target)) {
    timer = window.setTimeout(look, PAUSE, event.target);
  }
});
