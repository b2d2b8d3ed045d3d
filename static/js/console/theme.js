/* The person's theme: stored in a cookie so that the server renders it and nothing flashes. "" follows the system. */

const YEAR = 60 * 60 * 24 * 365;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) {
    return;
  }
  event.preventDefault();
  const theme = button.dataset.themeChoice;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=${theme ? YEAR : 0}; samesite=lax${secure}`;
  if (theme) {
    document.documentElement.dataset.theme = theme;
  } else {
    delete document.documentElement.dataset.theme;
  }
  for (const other of document.querySelectorAll("[data-themes] [data-theme-choice]")) {
    if (other.dataset.themeChoice === theme) {
      other.setAttribute("aria-current", "true");
    } else {
      other.removeAttribute("aria-current");
    }
  }
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-forget-drafts]")) {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith("draft-")) {
        sessionStorage.removeItem(key);
      }
    }
  }
});
