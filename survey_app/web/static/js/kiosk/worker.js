// The service worker of the kiosk. SHELL comes before these lines: the page of this device, the
// files it needs, each with the digest of its content, and the digest of all. What is kept here is
// the same for everybody who comes to the screen: questions, never answers.

/* global SHELL */
const PREFIX = "hailong-kiosk-";
const CACHE = PREFIX + SHELL.digest;

async function fill() {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(SHELL.files.map(async ({ address, integrity }) => {
      const reply = await fetch(address, { cache: "no-cache", integrity });
      if (!reply.ok) throw new Error(`${reply.status} ${address}`);
      await cache.put(address, reply);
    }));
  } catch (error) {
    await caches.delete(CACHE); // all of one version, or nothing of it
    throw error;
  }
}

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

/** Opens no cache: that would bring one back that has just been erased with the device's key. */
async function find(request, address) {
  const options = { cacheName: CACHE, ignoreVary: true };
  return (await caches.match(address ?? request, options)) ?? fetch(request);
}

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(skipWaiting());
});
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const isPage = request.mode === "navigate" && pathname === SHELL.page;
  if (isPage) event.respondWith(find(request, SHELL.page));
  else if (request.mode !== "navigate") event.respondWith(find(request));
});
