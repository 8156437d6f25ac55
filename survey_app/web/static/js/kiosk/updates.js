// The service worker: makes the kiosk work without network, and brings a new version of the
// programme or the questionnaire, which is put to use between two citizens only.

export class Updates {
  /** ``isFree``: whether nobody is answering, so that the page may be loaded anew. */
  constructor({ address, scope, isFree }) {
    Object.assign(this, { address, scope, isFree });
    this.registration = null;
    this.isStale = false;
  }

  async start() {
    navigator.serviceWorker.addEventListener("controllerchange", () => {
      this.isStale = true;
      this.apply();
    });
    this.registration = await navigator.serviceWorker.register(this.address, {
      scope: this.scope,
      updateViaCache: "none",
    });
    this.registration.addEventListener("updatefound", () => {
      const next = this.registration.installing;
      next?.addEventListener("statechange", () => this.apply());
    });
    this.apply();
  }

  /** Whether the page came from the store of this device and can do so again without network. */
  get isOffline() {
    return Boolean(navigator.serviceWorker?.controller) && !this.isStale;
  }

  async check() {
    await this.registration?.update().catch(() => {}); // without network there is nothing new
    this.apply();
  }

  /** Put to use what has arrived, if nobody is answering. */
  apply() {
    if (this.isOffline) document.documentElement.dataset.offline = "ready";
    if (!this.isFree()) return;
    if (this.isStale) location.reload();
    else if (navigator.serviceWorker.controller) this.registration?.waiting?.postMessage("take over");
  }

  async remove() {
    await this.registration?.unregister();
    for (const name of await caches.keys()) await caches.delete(name);
  }
}
