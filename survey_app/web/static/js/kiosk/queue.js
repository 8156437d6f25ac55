// The sheets that wait on this device, in IndexedDB. A sheet goes in when the citizen sends it and
// leaves when the server has acknowledged it; nothing else is ever stored here.
//
// A record that is deleted stays readable in the files of the browser for long. So the database
// stands in a storage bucket of its own, whose files are removed whenever no sheet is left.

const NAME = "hailong-kiosk";
const BUCKET = { durability: "strict", persisted: true };
const WAITING = "waiting";
const REFUSED = "refused";
const NOTES = "notes";
const ALL = [WAITING, REFUSED, NOTES];
const PATIENCE = 10_000; // milliseconds for one transaction

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Where the database stands; without buckets, where every database does. */
async function place() {
  const { storageBuckets } = navigator;
  return storageBuckets ? storageBuckets.open(NAME, BUCKET) : globalThis;
}

/** One of many users of the database, or the only one: for all tabs of this browser. */
function turn(mode, work) {
  return navigator.locks ? navigator.locks.request(`${NAME}-queue`, { mode }, work) : work();
}

function open(factory) {
  const request = factory.open(NAME, 1);
  request.onupgradeneeded = () => {
    for (const store of [WAITING, REFUSED]) request.result.createObjectStore(store, { keyPath: "id" });
    request.result.createObjectStore(NOTES);
  };
  return settled(request);
}

/** How many sheets are there, and all notes as pairs. */
async function look(transaction) {
  const [waiting, refused, notes] = ALL.map((store) => transaction.objectStore(store));
  const [names, values, ...counts] = await Promise.all([
    settled(notes.getAllKeys()),
    settled(notes.getAll()),
    settled(waiting.count()),
    settled(refused.count()),
  ]);
  return { waiting: counts[0], refused: counts[1], notes: names.map((name, n) => [name, values[n]]) };
}

/** What the promise brings; rejects if it brings nothing for too long, as a database may. */
function inTime(promise) {
  const signal = AbortSignal.timeout(PATIENCE);
  const late = new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  return Promise.race([promise, late]);
}

export class Queue {
  constructor() {
    this.connection = null; // a promise, so that all who ask at once open it once
    this.hasTraces = true; // of a sheet that was here, perhaps before the browser was started
  }

  /** Does the work in one transaction; resolves once that is on the disk. */
  transact(stores, mode, work) {
    return turn("shared", () => this.work(stores, mode, work));
  }

  /** As ``transact``, for who has the turn. After a failure the next one opens the database anew. */
  async work(stores, mode, work) {
    this.connection ??= this.connect();
    const { connection } = this;
    try {
      return await inTime(this.run(await inTime(connection), stores, mode, work));
    } catch (error) {
      this.close(connection);
      throw error;
    }
  }

  connect() {
    const connection = this.open(() => this.close(connection));
    return connection;
  }

  async open(onClose) {
    // Held, because Chromium's database falls silent once its bucket is garbage.
    this.place = await place();
    const database = await open(this.place.indexedDB);
    database.onversionchange = database.onclose = onClose;
    return database;
  }

  async run(database, stores, mode, work) {
    const transaction = database.transaction(stores, mode, { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    });
    const [result] = await Promise.all([work(transaction), done]);
    return result;
  }

  async close(connection = this.connection) {
    if (this.connection === connection) this.connection = null;
    const database = await connection?.catch(() => null);
    database?.close();
  }

  /** Remove the files of the database, and what was deleted with them, if no sheet is there. */
  clean() {
    if (!this.hasTraces || !navigator.storageBuckets || !navigator.locks) return undefined;
    return turn("exclusive", async () => {
      const { waiting, refused, notes } = await this.work(ALL, "readonly", look);
      if (waiting || refused) return;
      await this.close();
      await navigator.storageBuckets.delete(NAME);
      await this.work([NOTES], "readwrite", async (t) => {
        for (const [name, value] of notes) t.objectStore(NOTES).put(value, name);
      });
      this.hasTraces = false;
    });
  }

  /** Bring in the sheets that were kept before this browser knew buckets. */
  async bringIn() {
    if (!navigator.storageBuckets) return;
    if (!(await indexedDB.databases()).some(({ name }) => name === NAME)) return;
    const old = await open(indexedDB);
    const stores = [WAITING, REFUSED];
    const reading = old.transaction(stores);
    const found = await Promise.all(stores.map((store) => settled(reading.objectStore(store).getAll())));
    await this.transact(stores, "readwrite", async (t) => {
      stores.forEach((store, n) => found[n].forEach((sheet) => t.objectStore(store).put(sheet)));
    });
    old.close();
    indexedDB.deleteDatabase(NAME);
  }

  add(sheet) {
    return this.transact([WAITING], "readwrite", (t) => {
      this.hasTraces = true;
      return settled(t.objectStore(WAITING).put(sheet));
    });
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
    const { waiting, refused } = await this.transact(ALL, "readonly", look);
    return { waiting, refused };
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
