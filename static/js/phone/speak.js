/* 读给我听: shown only where the browser has a voice for the page's language. */

const synthesis = window.speechSynthesis;
const language = document.documentElement.lang.slice(0, 2);

function voice() {
  return synthesis.getVoices().find((candidate) => candidate.lang.slice(0, 2).toLowerCase() === language);
}

function show() {
  for (const button of document.querySelectorAll("[data-speak]")) {
    button.hidden = !voice();
  }
}

/** @param {HTMLElement} button */
function speak(button) {
  const words = button.querySelector("span");
  const name = words.textContent;
  const utterance = new SpeechSynthesisUtterance(document.querySelector(button.dataset.speak).textContent);
  utterance.voice = voice();
  utterance.lang = utterance.voice.lang;
  utterance.rate = 0.9;
  utterance.onend = () => {
    words.textContent = name;
  };
  utterance.onerror = utterance.onend;
  words.textContent = button.dataset.speakStop;
  synthesis.speak(utterance);
}

if (synthesis) {
  show();
  synthesis.onvoiceschanged = show;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-speak]");
    if (!button) {
      return;
    }
    if (synthesis.speaking) {
      synthesis.cancel();
    } else {
      speak(button);
    }
  });
}
