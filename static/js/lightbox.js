/*
 * Photos open over the page: Escape and 关闭 close, arrows and swipes turn, focus stays inside and goes back to the
 * picture it came from. Any a[data-lightbox] of a page with a [data-lightbox-shell]; without a script it is a link.
 */

const SWIPE = 48;
/** @type {{ links: HTMLAnchorElement[], box: HTMLElement, at: number }} */
let opened = null;

/** @returns {HTMLTemplateElement} */
function shell() {
  return document.querySelector("template[data-lightbox-shell]");
}

/** @param {number} step */
function turn(step) {
  const { links, box } = opened;
  opened.at = (opened.at + step + links.length) % links.length;
  const link = links[opened.at];
  const image = box.querySelector("img");
  const failed = box.querySelector("[data-failed]");
  failed.hidden = true;
  image.hidden = false;
  image.alt = link.dataset.caption || link.querySelector("img").alt;
  image.src = link.href;
  box.querySelector("[data-caption]").textContent = link.dataset.caption || "";
  box.querySelector("[data-count]").textContent = links.length > 1 ? `${opened.at + 1} / ${links.length}` : "";
}

function close() {
  if (!opened) {
    return;
  }
  const link = opened.links[opened.at];
  opened.box.remove();
  opened = null;
  document.documentElement.classList.remove("has-lightbox");
  document.removeEventListener("keydown", onKey, true);
  link.focus();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  /** @type {Record<string, () => void>} */
  const keys = { Escape: close, ArrowLeft: () => turn(-1), ArrowRight: () => turn(1) };
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (keys[event.key]) {
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  } else if (event.key === "Tab") {
    const buttons = Array.from(opened.box.querySelectorAll("button")).filter((button) => button.offsetParent !== null);
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    event.preventDefault();
    buttons[(at + (event.shiftKey ? -1 : 1) + buttons.length) % buttons.length].focus();
  } else if (event.key.length === 1 && event.key !== " ") {
    event.stopPropagation();
  }
}

/** @param {HTMLElement} box */
function listen(box) {
  /** @type {number} */
  let from = null;
  const image = box.querySelector("img");
  image.addEventListener("error", () => {
    image.hidden = true;
    box.querySelector("[data-failed]").hidden = false;
  });
  box.addEventListener("click", (event) => {
    if (event.target.closest("[data-previous]")) {
      turn(-1);
    } else if (event.target.closest("[data-next]")) {
      turn(1);
    } else if (event.target.closest("[data-close]") || event.target.classList.contains("lightbox-stage")) {
      close();
    }
  });
  box.addEventListener("touchstart", (event) => {
    from = event.touches.length === 1 ? event.touches[0].clientX : null;
  }, { passive: true });
  box.addEventListener("touchend", (event) => {
    const moved = from === null ? 0 : event.changedTouches[0].clientX - from;
    if (Math.abs(moved) > SWIPE && opened.links.length > 1) {
      turn(moved > 0 ? -1 : 1);
    }
  });
}

/** @param {HTMLAnchorElement} link */
function open(link) {
  const group = link.closest("[data-lightbox-group]") || document;
  /** @type {HTMLAnchorElement[]} */
  const links = Array.from(group.querySelectorAll("a[data-lightbox]"));
  const box = /** @type {HTMLElement} */ (shell().content.firstElementChild.cloneNode(true));
  opened = { links, box, at: links.indexOf(link) };
  box.querySelector(".lightbox-turn").hidden = links.length < 2;
  listen(box);
  document.body.appendChild(box);
  document.documentElement.classList.add("has-lightbox");
  document.addEventListener("keydown", onKey, true);
  turn(0);
  box.querySelector("[data-close]").focus();
}

document.addEventListener("click", (event) => {
  /** @type {HTMLAnchorElement} */
  const link = event.target.closest && event.target.closest("a[data-lightbox]");
  if (link && shell() && !opened && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    open(link);
  }
});
