/* Toasts go away by themselves, warnings only when they are closed, none while the pointer or the focus rests on one. New ones arrive by htmx. */

const SHOWN_FOR = 6000;
const region = document.getElementById("toasts");

/** @param {HTMLElement} toast */
function watch(toast) {
  const closer = toast.querySelector("[data-toast-close]");
  closer.hidden = false;
  closer.addEventListener("click", () => toast.remove());
  if ("stays" in toast.dataset) {
    return;
  }
  let timer = 0;
  const hold = () => clearTimeout(timer);
  const start = () => {
    hold();
    timer = setTimeout(() => toast.remove(), SHOWN_FOR);
  };
  toast.addEventListener("mouseenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("mouseleave", start);
  toast.addEventListener("focusout", start);
  start();
}

if (region) {
  for (const toast of region.querySelectorAll("[data-toast]")) {
    watch(toast);
  }
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node instanceof HTMLElement && node.matches("[data-toast]")) {
          watch(node);
        }
      }
    }
  }).observe(region, { childList: true });
}
