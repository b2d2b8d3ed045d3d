/* Photos: what was chosen for a form is shown at once, and a small picture opens large over the page. */

for (const field of document.querySelectorAll("[data-photos]")) {
  const list = field.querySelector("[data-chosen]");
  const inputs = field.querySelectorAll("input[type=file]");
  for (const input of inputs) {
    input.addEventListener("change", () => show(list, inputs));
  }
  show(list, inputs);
}

/** The chosen pictures in small; a file that the browser cannot draw stands with its name. */
function show(list, inputs) {
  if (!list) {
    return;
  }
  list.textContent = "";
  for (const input of inputs) {
    for (const file of input.files) {
      const item = document.createElement("li");
      const frame = document.createElement("span");
      frame.className = "photo";
      const picture = document.createElement("img");
      picture.alt = file.name;
      picture.src = URL.createObjectURL(file);
      picture.onload = () => URL.revokeObjectURL(picture.src);
      picture.onerror = () => {
        const name = document.createElement("span");
        name.textContent = file.name;
        frame.className = "photo photo-none";
        frame.replaceChild(name, picture);
      };
      frame.appendChild(picture);
      item.appendChild(frame);
      list.appendChild(item);
    }
  }
  list.hidden = !list.firstChild;
}

const template = document.getElementById("lightbox");

function open(link) {
  const box = template.content.cloneNode(true).firstElementChild;
  const picture = box.querySelector("img");
  picture.src = link.href;
  picture.alt = link.querySelector("img").alt;
  const close = () => {
    box.remove();
    document.removeEventListener("keydown", onKey);
    link.focus();
  };
  const onKey = (event) => {
    if (event.key === "Escape") {
      close();
    } else if (event.key === "Tab") {
      event.preventDefault();
      box.querySelector("button").focus();
    }
  };
  box.addEventListener("click", close);
  document.addEventListener("keydown", onKey);
  document.body.appendChild(box);
  box.querySelector("button").focus();
}

if (template) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-lightbox]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      open(link);
    }
  });
}
