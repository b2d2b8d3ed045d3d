/* The issue page: an action's panel opens in place. Without htmx the same link loads the page with the panel open. */

const place = document.getElementById("panel-place");

function mark() {
  document.getElementById("issue").classList.toggle("has-panel", Boolean(document.getElementById("panel")));
}

function focusFirst() {
  const panel = document.getElementById("panel");
  mark();
  if (panel) {
    const top = panel.getBoundingClientRect().top;
    if (top < 0 || top > window.innerHeight / 2) {
      panel.scrollIntoView({ block: "start" });
    }
    panel.querySelector("input:not([type=hidden]), textarea, select, button").focus({ preventScroll: true });
  }
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || !window.htmx || !place) {
    return;
  }
  /** @type {HTMLAnchorElement} */
  const link = event.target.closest("[data-open-panel]");
  if (link) {
    event.preventDefault();
    window.htmx.ajax("GET", link.href, { target: place, select: "#panel", swap: "innerHTML" }).then(focusFirst);
    return;
  }
  if (event.target.closest("[data-close-panel]")) {
    event.preventDefault();
    place.replaceChildren();
    mark();
    const next = document.querySelector(".issue-head .head-primary, .issue-head summary");
    if (next) {
      next.focus();
    }
  }
});

/* The right column stays in sight; one that is taller than the window is read to its end first, then stays. */
const side = document.querySelector(".issue-column-side");
const BELOW_HEAD = 148;
const MARGIN = 16;

function keepInSight() {
  side.style.top = `${Math.min(BELOW_HEAD, window.innerHeight - side.offsetHeight - MARGIN)}px`;
}

if (side && window.ResizeObserver) {
  new ResizeObserver(keepInSight).observe(side);
  window.addEventListener("resize", keepInSight);
}

if (place && place.firstElementChild && !document.querySelector("[data-focus]")) {
  focusFirst();
}
