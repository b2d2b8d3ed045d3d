/*
 * What a leader's phone shows without a network: the pages of `stored`, each blank or in numbers only, and the files they
 * need. The network comes first; what is kept stands in where it does not answer. The view that serves this names the
 * pages, the files and the state (phone/offline.py); a new state takes the place of the old one, drafts are not touched.
 */

const worker = /** @type {any} */ (self);
const { state, pages, files, instead } = worker.stored;
const PATIENCE = 6000;
const FRESH = 600000;

/** @param {string} path */
async function keepPage(path) {
  const answer = await fetch(path, { cache: "no-store", redirect: "error", headers: { "X-Sent-By": "worker" } });
  if (answer.ok) {
    const text = await answer.text();
    const headers = { "Content-Type": "text/html; charset=utf-8", "X-Kept-At": String(Date.now()) };
    const kept = new Response(text.replace("<html ", "<html data-stored "), { headers });
    await (await caches.open(state)).put(path, kept);
  }
}

/** Pages that are older than ten minutes are read anew; without a network, or signed out, they stay. */
async function refresh() {
  const cache = await caches.open(state);
  for (const path of pages) {
    const kept = await cache.match(path);
    if (!kept || Date.now() - Number(kept.headers.get("X-Kept-At")) > FRESH) {
      try {
        await keepPage(path);
      } catch {
        return;
      }
    }
  }
}

/** @param {Request} request */
async function open(request) {
  const cache = await caches.open(state);
  const kept = await cache.match(new URL(request.url).pathname);
  const late = new Promise((_done, fail) => setTimeout(fail, PATIENCE));
  try {
    return await (kept ? Promise.race([fetch(request), late]) : fetch(request));
  } catch {
    return kept || await cache.match(instead) || Response.error();
  }
}

worker.addEventListener("install", (/** @type {any} */ event) => {
  worker.skipWaiting();
  event.waitUntil(caches.open(state).then((cache) => cache.addAll(files)).then(refresh));
});
worker.addEventListener("activate", (/** @type {any} */ event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== state).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => worker.clients.claim()));
});
worker.addEventListener("message", (/** @type {any} */ event) => event.waitUntil(refresh()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(open(request));
    event.waitUntil(refresh());
  } else if (files.includes(new URL(request.url).pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
