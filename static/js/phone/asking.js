/*
 * What the report asks the server while somebody types: places that fit, and 我也遇到了, what reads alike.
 *
 * 我也遇到了: after a pause the form asks what reads alike and shows it below the words. It asks only while
 * the person is in the words, so that nothing moves under a finger; without it the server asks once at sending.
 */

const PAUSE = 1200;
const SHORTEST = 6;
const SHORT = 300;
let timer = 0;
let finding = 0;
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

/**
 * A part of the form as the server gives it, null where it gives none.
 * @param {HTMLFormElement} form
 * @param {string} address
 * @param {FormData} body
 */
async function part(form, address, body) {
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const answer = await fetch(address, { method: "POST", body, headers });
  return answer.status === 200 ? answer.text() : null;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} [chosen]
 */
async function find(form, chosen) {
  const box = form.querySelector("[data-found]");
  /** @type {HTMLInputElement} */
  const typed = form.querySelector("[name=place_text]");
  const text = typed.value.trim();
  /** @type {HTMLInputElement} */
  const checked = form.querySelector("[name=place]:checked");
  const data = new FormData();
  data.append("place_text", text);
  data.append("place", chosen || (checked ? checked.value : ""));
  try {
    const html = await part(form, box.dataset.found, data);
    if (html !== null && typed.value.trim() === text) {
      box.innerHTML = html;
    }
  } catch {
    // Without a network what was found before stays; 查找 and 提交 say what is wrong.
  }
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
  for (const name of ["place", "building"]) {
    if (form.elements[name]) {
      data.append(name, form.elements[name].value);
    }
  }
  const key = [text, data.get("place"), data.get("building")].join("|");
  if (text.length < SHORTEST || key === asked || hasChosen(place)) {
    return;
  }
  asked = key;
  try {
    const html = await part(form, place.dataset.similar, data) || "";
    if (document.activeElement === words && !hasChosen(place)) {
      place.innerHTML = html;
    }
  } catch {
    asked = "";
  }
}

document.addEventListener("input", (event) => {
  if (event.target.name === "place_text" && !event.isComposing) {
    window.clearTimeout(finding);
    finding = window.setTimeout(find, SHORT, event.target.form);
  }
  if (placeOf(event.target)) {
    window.clearTimeout(timer);
    if (!event.isComposing) {
      timer = window.setTimeout(look, PAUSE, event.target);
    }
  }
});
document.addEventListener("keydown", (event) => {
  const typed = /** @type {HTMLInputElement} */ (event.target);
  if (typed.name === "place_text" && event.key === "Enter" && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault();
    find(typed.form);
  }
});
document.addEventListener("click", (event) => {
  if (event.target.getAttribute("name") === "find") {
    event.preventDefault();
    find(event.target.closest("form"));
  }
});
document.addEventListener("draft:filled", (event) => {
  const { place, place_text: text } = event.detail;
  if (event.target.querySelector("[data-found]") && (place || text)) {
    find(event.target, place);
  }
});
document.addEventListener("compositionend", (event) => {
  if (event.target.name === "place_text") {
    find(event.target.form);
  }
  if (placeOf(event.target)) {
    timer = window.setTimeout(look, PAUSE, event.target);
  }
});
