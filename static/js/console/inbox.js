/*
 * The two panes: choosing a row loads it beside the list, acting moves on to the next one. Below 1280 px the pane is
 * hidden and the rows are plain links. Needs htmx; without it the links still work.
 */

const wide = window.matchMedia("(min-width: 1280px)");
const pane = document.getElementById("pane");
/** @type {HTMLTemplateElement} */
const failed = document.getElementById("load-failed");

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

function inPane() {
  return Boolean(pane) && wide.matches && window.htmx;
}

/** @param {string} number */
function remember(number) {
  const url = new URL(location.href);
  url.searchParams.set("selected", number);
  history.replaceState(history.state, "", url);
}

/** @param {HTMLElement} row */
function select(row) {
  const link = row.querySelector("[data-row-link]");
  for (const other of rows()) {
    other.classList.toggle("is-selected", other === row);
    const its = other.querySelector("[data-row-link]");
    if (other === row) {
      its.setAttribute("aria-current", "true");
    } else {
      its.removeAttribute("aria-current");
    }
  }
  remember(row.dataset.row);
  window.htmx.ajax("GET", link.dataset.pane, { target: pane, swap: "innerHTML" }).then(() => { pane.scrollTop = 0; });
}

function nextUrl() {
  const list = rows();
  const at = list.findIndex((row) => row.classList.contains("is-selected"));
  const next = list[at + 1] || list[at - 1];
  const url = new URL(location.href);
  if (next) {
    url.searchParams.set("selected", next.dataset.row);
  } else {
    url.searchParams.delete("selected");
  }
  return url.pathname + url.search;
}

/** @param {HTMLAnchorElement} link */
function openPanel(link) {
  const place = document.getElementById("pane-panel");
  window.htmx.ajax("GET", link.href, { target: place, select: "#panel", swap: "innerHTML" });
}

function showFirst() {
  const url = pane && pane.dataset.first;
  if (!url || !inPane()) {
    return;
  }
  const row = rows().find((candidate) => candidate.querySelector("[data-row-link]").dataset.pane === url);
  if (row) {
    row.classList.add("is-selected");
    row.querySelector("[data-row-link]").setAttribute("aria-current", "true");
  }
  // Nobody asked for it yet: what was told of it stays unread until it is opened or worked on.
  window.htmx.ajax("GET", url, { target: pane, swap: "innerHTML", headers: { Purpose: "prefetch" } });
  delete pane.dataset.first;
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0 || !inPane()) {
    return;
  }
  const link = event.target.closest("[data-row-link][data-pane]");
  if (link) {
    const row = link.closest("[data-row]");
    const byKey = event.detail === 0;
    if (byKey && row.classList.contains("is-selected")) {
      return;
    }
    event.preventDefault();
    select(row);
    return;
  }
  /** @type {HTMLAnchorElement} */
  const action = event.target.closest("#pane [data-open-panel]");
  if (action) {
    event.preventDefault();
    openPanel(action);
    return;
  }
  if (event.target.closest("#pane [data-close-panel]")) {
    event.preventDefault();
    document.getElementById("pane-panel").replaceChildren();
    pane.classList.remove("has-panel");
    const next = /** @type {HTMLElement} */ (pane.querySelector(".head-primary, .button-row summary"));
    if (next) {
      next.focus();
    }
  }
});

document.addEventListener("row:selected", (event) => {
  if (inPane() && event.target.querySelector("[data-pane]")) {
    select(event.target);
  }
});

document.addEventListener("submit", (event) => {
  /** @type {HTMLInputElement} */
  const field = event.target.querySelector("[data-return]");
  if (field && pane && pane.contains(event.target)) {
    field.value = nextUrl();
    keepPlace();
  }
  /** @type {HTMLInputElement} */
  const stays = event.target.querySelector("[data-stay]");
  if (stays && pane && pane.contains(event.target)) {
    stays.value = location.pathname + location.search;
  }
}, true);

document.addEventListener("htmx:afterSettle", () => {
  const panel = document.querySelector("#pane-panel #panel");
  if (pane) {
    pane.classList.toggle("has-panel", Boolean(panel));
  }
  if (panel && !panel.contains(document.activeElement)) {
    const first = panel.querySelector("input:not([type=hidden]), textarea, select, button");
    first.focus();
  }
});

document.addEventListener("htmx:responseError", (event) => {
  if (pane && event.detail.target === pane) {
    pane.replaceChildren(failed.content.cloneNode(true));
  }
});

document.addEventListener("htmx:sendError", (event) => {
  if (pane && event.detail.target === pane) {
    pane.replaceChildren(failed.content.cloneNode(true));
  }
});

/* New arrivals are asked for every minute; the bar renews the list, and what fails is said above the rows. */

/** @param {HtmxEvent} event */
function ofList(event) {
  const list = document.getElementById("rows");
  return Boolean(list) && list.contains(event.detail.elt);
}

/** @param {XMLHttpRequest} xhr */
function isAnswer(xhr) {
  return xhr.status >= 200 && xhr.status < 400 && new URL(xhr.responseURL, location.href).pathname === location.pathname;
}

/** @param {boolean} fails */
function tellFailed(fails) {
  const list = document.getElementById("rows");
  const told = list.querySelector("[data-rows-failed]");
  if (fails && !told && !pointing()) {
    /** @type {HTMLTemplateElement} */
    const words = document.getElementById("rows-failed");
    list.prepend(words.content.cloneNode(true));
  } else if (!fails && told) {
    told.remove();
  }
}

/* What stands above the rows appears only while no pointer is on its way over them; a minute later it is asked again. */
const REST = 5000;
let movedAt = -REST;

function pointing() {
  return Date.now() - movedAt < REST && document.getElementById("rows").matches(":hover");
}

document.addEventListener("pointermove", (event) => {
  if (event.target.closest("#rows")) {
    movedAt = Date.now();
  }
});

let kept = "";

document.addEventListener("htmx:beforeSwap", (event) => {
  const asked = ofList(event) && event.detail.elt.matches("[data-news]");
  const moves = asked && !event.detail.elt.querySelector(".new-bar") && pointing();
  if (ofList(event) && (moves || !isAnswer(event.detail.xhr))) {
    event.detail.shouldSwap = false;
  }
  const selected = document.querySelector("[data-row].is-selected");
  kept = selected ? selected.dataset.row : "";
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (ofList(event)) {
    tellFailed(!isAnswer(event.detail.xhr));
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "rows") {
    return;
  }
  for (const row of rows()) {
    const shown = row.dataset.row === kept;
    row.classList.toggle("is-selected", shown);
    const link = row.querySelector("[data-row-link]");
    if (shown) {
      link.setAttribute("aria-current", "true");
    } else {
      link.removeAttribute("aria-current");
    }
  }
  const first = rows()[0];
  if (first && document.activeElement === document.body) {
    first.querySelector("[data-row-link]").focus();
  }
});

/* The list stands still: after an action it is where the eye was, and keys go on from the row that is next. */
const PLACE = "inbox-place";

function keepPlace() {
  const list = document.getElementById("rows");
  const next = new URL(nextUrl(), location.href).searchParams.get("selected");
  sessionStorage.setItem(PLACE, JSON.stringify({ next, top: list.scrollTop }));
}

function standStill() {
  const place = JSON.parse(sessionStorage.getItem(PLACE) || "null");
  sessionStorage.removeItem(PLACE);
  const row = rows().find((one) => one.classList.contains("is-selected"));
  if (!place || !row || place.next !== row.dataset.row || document.querySelector("[data-focus]")) {
    return;
  }
  document.getElementById("rows").scrollTop = place.top;
  row.scrollIntoView({ block: "nearest" });
  row.querySelector("[data-row-link]").focus({ preventScroll: true });
}

showFirst();
standStill();
wide.addEventListener("change", showFirst);
