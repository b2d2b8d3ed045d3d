/*
 * While somebody types, the phone solves the small puzzle of a public form (data-prover) and sends the answer along, so
 * that a person with a script is asked nothing (door/challenges.py). What has no Worker, or is too slow, sends without:
 * then the form asks to look through it once more.
 */

const PATIENCE = 8000;

/** @type {WeakMap<HTMLFormElement, Promise<string>>} */
const proofs = new WeakMap();

/**
 * @param {HTMLFormElement} form
 * @returns {Promise<string>}
 */
function solve(form) {
  const [, , word] = form.elements.door.value.split(".");
  const { prover, parts, bits } = form.dataset;
  return new Promise((resolve) => {
    const worker = new Worker(prover);
    const done = (/** @type {string} */ proof) => {
      worker.terminate();
      resolve(proof);
    };
    worker.onmessage = (event) => done(event.data);
    worker.onerror = () => done("");
    window.setTimeout(done, PATIENCE * 4, "");
    worker.postMessage({ word, parts: Number(parts), bits: Number(bits) });
  });
}

/** @param {HTMLFormElement} form */
function proofOf(form) {
  if (!proofs.has(form)) {
    proofs.set(form, new Promise((resolve) => resolve(solve(form))).then(String, () => ""));
  }
  return proofs.get(form);
}

document.addEventListener("input", (event) => {
  /** @type {HTMLFormElement} */
  const form = event.target.closest("form[data-prover]");
  if (form) {
    proofOf(form);
  }
});

document.addEventListener("form:sending", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-prover")) {
    const late = new Promise((resolve) => {
      window.setTimeout(resolve, PATIENCE, "");
    });
    event.detail.waits.push(Promise.race([proofOf(form), late]).then((proof) => event.detail.data.set("proof", proof)));
  }
});
