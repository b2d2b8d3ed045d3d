/*
 * Type-ahead over a native <select data-combobox>: typing filters by words, code or pinyin initials (data-keys), several
 * words all have to match. The select stays the form's value, so everything works without this file.
 * data-source="url" asks the server for more than the page carries (?q=, JSON {results: [{value, label, hint}]}).
 */

const SHOWN = 30;
const WAIT = 200;
let made = 0;

/** @param {KeyboardEvent} event */
function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** @param {string} text */
function words(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/**
 * @param {HTMLOptionElement} option
 * @param {string[]} wanted
 */
function matches(option, wanted) {
  const heap = `${option.label} ${option.dataset.keys || ""} ${option.dataset.hint || ""}`.toLowerCase();
  return wanted.every((word) => heap.includes(word));
}

/** @param {HTMLSelectElement} select */
function enhance(select) {
  made += 1;
  const listId = `combobox-${made}`;
  const box = document.createElement("div");
  const input = document.createElement("input");
  /** @type {HTMLElement} */
  const list = document.createElement("div");
  /** @type {HTMLElement[]} */
  let shown = [];
  let at = -1;
  let timer = 0;

  box.className = "combobox";
  input.className = "form-control form-select";
  input.type = "text";
  input.autocomplete = "off";
  input.id = select.id;
  input.placeholder = select.getAttribute("placeholder") || (select.options[0] && !select.options[0].value ? select.options[0].label : "");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", listId);
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) {
      input.setAttribute(name, select.getAttribute(name));
    }
  }
  list.className = "combobox-list";
  list.id = listId;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", select.labels && select.labels[0] ? select.labels[0].textContent : "");
  select.id = `${select.id}-value`;
  select.hidden = true;
  select.required = false;
  select.after(box);
  box.append(input, list, select);

  const chosen = () => (select.value ? select.selectedOptions[0].label : "");

  const mark = () => {
    for (const [index, element] of shown.entries()) {
      element.setAttribute("aria-selected", String(index === at));
    }
    if (shown[at]) {
      input.setAttribute("aria-activedescendant", shown[at].id);
      shown[at].scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  /** @param {string} value */
  const choose = (value) => {
    select.value = value;
    input.value = chosen();
    close();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };

  /**
   * @param {HTMLOptionElement} option
   * @param {number} index
   */
  const item = (option, index) => {
    const element = document.createElement("div");
    element.className = "combobox-option";
    element.id = `${listId}-${index}`;
    element.setAttribute("role", "option");
    element.dataset.value = option.value;
    element.textContent = option.label;
    if (option.dataset.hint) {
      const hint = document.createElement("small");
      hint.textContent = option.dataset.hint;
      element.append(hint);
    }
    return element;
  };

  const open = () => {
    const wanted = input.value === chosen() ? [] : words(input.value);
    const found = [...select.options].filter((option) => option.value && matches(option, wanted)).slice(0, SHOWN);
    shown = found.map(item);
    list.replaceChildren(...shown);
    if (shown.length === 0) {
      const none = document.createElement("div");
      none.className = "combobox-none";
      none.textContent = select.dataset.none || "";
      list.append(none);
    }
    at = shown.length > 0 && wanted.length > 0 ? 0 : -1;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark();
  };

  const ask = async () => {
    const text = input.value.trim();
    if (!select.dataset.source || text.length < 1) {
      return;
    }
    const answer = await fetch(`${select.dataset.source}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || input.value.trim() !== text) {
      return;
    }
    const { results } = await answer.json();
    for (const result of results) {
      let option = [...select.options].find((known) => known.value === String(result.value));
      if (!option) {
        option = new Option(result.label, result.value);
        select.add(option);
      }
      option.dataset.hint = result.hint || "";
      option.dataset.keys = `${option.dataset.keys || ""} ${text}`;
    }
    open();
  };

  const changed = () => {
    if (!input.value.trim()) {
      select.value = "";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    open();
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  };

  input.value = chosen();
  input.addEventListener("input", (event) => {
    if (!event.isComposing) {
      changed();
    }
  });
  input.addEventListener("compositionend", changed);
  input.addEventListener("click", () => (list.hidden ? open() : close()));
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    close();
    if (input.value.trim() !== chosen()) {
      input.value = chosen();
    }
  });
  input.addEventListener("keydown", (event) => {
    if (composing(event) || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) {
        open();
      }
      if (shown.length > 0) {
        at = (at + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length;
        mark();
      }
    } else if ((event.key === "Enter" || event.key === "Tab") && !list.hidden && shown[at]) {
      if (event.key === "Enter") {
        event.preventDefault();
      }
      choose(shown[at].dataset.value);
    } else if (event.key === "Enter") {
      event.preventDefault();
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      input.value = chosen();
      close();
    }
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest(".combobox-option");
    if (option) {
      choose(option.dataset.value);
    }
  });
  select.addEventListener("combobox:sync", () => { input.value = chosen(); });
}

/** @param {ParentNode} root */
function enhanceAll(root) {
  for (const select of root.querySelectorAll("select[data-combobox]:not([hidden])")) {
    enhance(/** @type {HTMLSelectElement} */ (select));
  }
}

enhanceAll(document);
document.addEventListener("htmx:load", (event) => enhanceAll(event.detail.elt));
