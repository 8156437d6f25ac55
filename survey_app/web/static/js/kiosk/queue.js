// The sheets that wait on this device, in IndexedDB. A sheet goes in when the citizen sends it and
// leaves when the server has acknowledged it; nothing else is ever stored here.

const WAITING = "waiting";
const REFUSED = "refused";
const NOTES = "notes";

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const store of [WAITING, REFUSED]) request.result.createObjectStore(store, { keyPath: "id" });
    request.result.createObjectStore(NOTES);
  };
  return settled(request);
}

export class Queue {
  constructor(name = "hailong-kiosk") {
    this.name = name;
    this.database = null;
  }

  /** Does the work in one transaction; resolves once that is on the disk. */
  async transact(stores, mode, work) {
    this.database ??= await open(this.name);
    this.database.onversionchange = () => this.close();
    this.database.onclose = () => { this.database = null; };
    const transaction = this.database.transaction(stores, mode, { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    });
    const [result] = await Promise.all([work(transaction), done]);
    return result;
  }

  close() {
    this.database?.close();
    this.database = null;
  }

  add(sheet) {
    return this.transact([WAITING], "readwrite", (t) => settled(t.objectStore(WAITING).put(sheet)));
  }

  /** At most ``count`` waiting sheets in the order of their ids, from after ``last`` on. */
  next(last, count) {
    const range = last ? IDBKeyRange.lowerBound(last, true) : null;
    return this.transact([WAITING], "readonly", (t) =>
      settled(t.objectStore(WAITING).getAll(range, count)));
  }

  acknowledge(ids) {
    return this.transact([WAITING], "readwrite", async (t) => {
      for (const id of ids) t.objectStore(WAITING).delete(id);
    });
  }

  /** A sheet that the server will never take stays on the device, apart, with the reason. */
  refuse(sheet, reason) {
    return this.transact([WAITING, REFUSED], "readwrite", async (t) => {
      t.objectStore(REFUSED).put({ ...sheet, reason });
      t.objectStore(WAITING).delete(sheet.id);
    });
  }

  async counts() {
    return this.transact([WAITING, REFUSED], "readonly", async (t) => {
      const [waiting, refused] = await Promise.all(
        [WAITING, REFUSED].map((store) => settled(t.objectStore(store).count())),
      );
      return { waiting, refused };
    });
  }

  refused() {
    return this.transact([REFUSED], "readonly", (t) => settled(t.objectStore(REFUSED).getAll()));
  }

  /** Every sheet that is not on the server, with the reasons of the refused. */
  async all() {
    return this.transact([WAITING, REFUSED], "readonly", async (t) => {
      const found = await Promise.all(
        [WAITING, REFUSED].map((store) => settled(t.objectStore(store).getAll())),
      );
      return found.flat();
    });
  }

  forgetRefused(ids) {
    return this.transact([REFUSED], "readwrite", async (t) => {
      for (const id of ids) t.objectStore(REFUSED).delete(id);
    });
  }

  note(name, value) {
    return this.transact([NOTES], "readwrite", (t) => settled(t.objectStore(NOTES).put(value, name)));
  }

  noted(name) {
    return this.transact([NOTES], "readonly", (t) => settled(t.objectStore(NOTES).get(name)));
  }
}
