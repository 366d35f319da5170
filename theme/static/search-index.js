// Search over a whole country without a server: a question costs a few small files, whatever the size of the register.
// How the files are made: nok/search_store.py and nok/render/search.py.

import {
  isNear, isNumber, hashOf, LEAST_FORGIVING, LONG_NUMBER, otherLayout, pair, PREFIX, slipKeys, stem, termsOf, toCyrillic,
} from "./search-text.js";

const FEW = 1000; // a list of more is cut (MOST_POSTINGS of nok/render/search.py)
const MOST_TERMS = 8, MOST_ALTERNATIVES = 8, MOST_LISTS = 4;
const REF = 0xfffffff; // an entry's number of the organisation; above it, how many words its name has
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const SAME = new Map(Object.entries({
  сош: "школ", оош: "школ", нош: "школ", детсад: "сад", садик: "сад", доу: "сад", црб: "больниц", гкб: "больниц", дк: "дом", школка: "школ",
}));

/** What a file of a slot is read as; a file that is not there says nothing. */
async function read(address) {
  const answer = await fetch(address);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

export function asRecord(row) {
  const [path, region, title, place, kind, level, points, state, year, mean, ratings, latitude, longitude, terms, method, closed] = row;
  return { path, region, title, place, kind, level, points, state, year, mean, ratings, latitude, longitude, terms, method, closed };
}

export class SearchIndex {
  /**
   * `root` is the address of the folder of the index, `shards` how many files of each sort it has; `kinds` are the words
   * for kinds of organisations, by the codes that short entries know them by.
   */
  constructor(root, shards, kinds = {}) {
    this.root = root;
    this.shards = shards;
    this.kinds = Object.entries(kinds).map(([code, word]) => [short(code), new Set(termsOf(word).map(({ term }) => term))]);
    this.files = new Map();
    this.read = new Map(); // what a file or a list was made into, so that no question makes it twice
  }

  #file(kind, number) {
    const name = `${kind}/${number & (this.shards - 1)}.json`;
    if (!this.files.has(name)) {
      const reading = read(new URL(name, this.root));
      reading.catch(() => this.files.delete(name)); // what failed once is asked for again
      this.files.set(name, reading);
    }
    return this.files.get(name);
  }

  /**
   * The organisations that fit a question best.
   * `filters` has `regions`, `kinds` (sets of codes, empty: any) and `band` (at least); `place` is a text that must fit too.
   * Answer: { results, total, isMore, isPartly, missing, regions } – `total` organisations fit as far as their short entries tell,
   * `isMore` says that a list was cut; `missing` are words that nobody has; `regions` counts them by the hash of the code.
   */
  async find(question, filters, limit = 10) {
    const { slots, missing, isOther } = await this.#understand(`${question} ${filters.place || ""}`);
    if (!slots.length) return { results: [], total: 0, isMore: false, missing, regions: new Map(), isOther, isPartly: false };
    const budget = { left: 3 * limit };
    let answer = await this.#answer(slots, await this.#candidates(slots), filters, limit, budget);
    if (!answer.results.length) {
      const wider = await Promise.all(slots.map((slot) => this.#wider(slot)));
      answer = await this.#answer(wider, await this.#candidates(wider), filters, limit, budget);
    }
    const isPartly = !answer.results.length && slots.length > 1;
    if (isPartly) {
      const { known, unknown } = await this.#known(slots);
      missing.push(...unknown);
      const least = Math.max(1, known.length - (unknown.length ? 0 : 1));
      budget.left = Math.max(budget.left, limit);
      if (known.length) answer = await this.#answer(known, await this.#anyOf(known), filters, limit, budget, least);
    }
    return { ...answer, missing, isOther, isPartly: isPartly && answer.results.length > 0 };
  }

  /** What of some candidates has at least `least` of the words that are meant; `budget.left` records may be opened. */
  async #answer(slots, lists, filters, limit, budget, least = slots.length) {
    const fitting = rank(lists, slots, filters, least, slots.map((slot) => this.#kindsOf(slot)));
    if (slots.length > 1 && fitting.length > 2 * limit) await this.#putSureFirst(fitting, slots);
    const results = await this.#read(fitting, slots, filters, limit, budget, least);
    const regions = new Map(), isMore = lists.some(({ list }) => list.number > list.rows);
    for (const one of fitting) regions.set(one.region, (regions.get(one.region) || 0) + 1);
    const total = results.length < limit ? results.length : fitting.length;
    return { results, total, isMore, regions };
  }

  /** Signatures promise too much: those that the lists of the two rarest words name come first. */
  async #putSureFirst(fitting, slots) {
    const rare = slots.filter((slot) => !isNumber(slot[0].term) && !this.#kindsOf(slot).size).sort((one, other) => weight(one) - weight(other));
    const lists = await Promise.all(rare.slice(0, 2).map(([{ term, quality }]) => this.#postings(term).then((list) => ({ list, quality }))));
    for (const each of lists.filter(({ list }) => list)) {
      const named = new Set(each.list.heads.map((head) => head & REF));
      for (const one of fitting) one.sure = (one.sure || 0) + named.has(one.ref);
    }
    fitting.sort((one, other) => (other.sure || 0) - (one.sure || 0));
  }

  /** A word that somebody has may still be a slip: the words near it are meant too. */
  async #wider(slot) {
    const exact = slot.find(({ quality }) => quality === 1);
    if (!exact) return slot;
    const near = await this.#misspelt({ word: exact.term, term: exact.term });
    return [...slot, ...near.filter(({ term }) => slot.every((one) => one.term !== term))];
  }

  /** Numbers that stand in no name are left out; whether they do is known only from their lists. */
  async #known(slots) {
    const lists = await Promise.all(slots.map((slot) => (isNumber(slot[0].term) ? this.#postings(slot[0].term) : true)));
    return { known: slots.filter((_, at) => lists[at]), unknown: slots.filter((_, at) => !lists[at]).map(([{ term }]) => term) };
  }

  /** Where nobody has all the words: those who have one of the two most telling ones. */
  async #anyOf(slots) {
    const telling = [...slots].sort((one, other) => weight(one) - weight(other)).slice(0, 2);
    const lists = await Promise.all(telling.flatMap((slot) => slot.slice(0, 2)).map(async ({ term, quality }) => (
      { list: await this.#postings(term), quality })));
    return lists.filter(({ list }) => list);
  }

  /** What stands behind the words of a question: a slot is a list of terms that may be meant by one word. */
  async #understand(question) {
    const asked = termsOf(question).slice(0, MOST_TERMS);
    let slots = await Promise.all(asked.map((one, at) => this.#meant(one, at === asked.length - 1)));
    let isOther = false;
    if (slots.some((slot) => !slot.length)) {
      const other = termsOf(otherLayout(question)).slice(0, MOST_TERMS);
      const typed = await Promise.all(other.map((one, at) => this.#meant(one, at === other.length - 1)));
      if (typed.length && typed.every((slot) => slot.length)) [slots, isOther] = [typed, true];
    }
    if (!isOther) {
      slots = await Promise.all(slots.map((slot, at) => (slot.length ? slot : this.#misspelt(asked[at]))));
    }
    const missing = isOther ? [] : asked.filter((_, at) => !slots[at].length).map((one) => one.word);
    return { slots: slots.filter((slot) => slot.length), missing, isOther };
  }

  /** The terms that a word may stand for: itself; what begins with it, if it may not be finished; the same in Cyrillic. */
  async #meant({ word, term }, isLast) {
    if (isNumber(term)) return [{ term, size: term.length < LONG_NUMBER ? null : 1, quality: 1 }];
    const found = await this.#beginning(word, term, isLast);
    const same = SAME.get(word);
    if (same) found.push(...(await this.#beginning(same, same, false)).filter((one) => one.term === same));
    if (!found.length) {
      const twin = toCyrillic(word);
      if (twin !== word && !/[a-z]/.test(twin)) return this.#beginning(twin, stem(twin), isLast);
    }
    return found;
  }

  async #beginning(word, term, isLast) {
    const known = await this.#spellings(`^${[...term].slice(0, PREFIX).join("")}`);
    const exact = known.has(term) ? [{ term, size: known.get(term), quality: 1 }] : [];
    if (word.length < PREFIX || (exact.length && !isLast)) return exact;
    const longer = [...known].filter(([other]) => other !== term && (other.startsWith(word) || (!exact.length && other.startsWith(term))));
    longer.sort(([, one], [, other]) => other - one);
    return [...exact, ...longer.slice(0, exact.length ? MOST_ALTERNATIVES / 2 : MOST_ALTERNATIVES).map(([other, size]) => ({ term: other, size, quality: 0.8 }))];
  }

  /** Terms that differ from a word by one slip, at any place. */
  async #misspelt({ word, term }) {
    if (isNumber(term) || term.length < LEAST_FORGIVING - 1) return [];
    const found = new Map();
    for (const known of await Promise.all(slipKeys(term).map((key) => this.#spellings(key)))) {
      for (const [other, size] of known) {
        if (other.length >= LEAST_FORGIVING && (isNear(other, term) || isNear(other, word))) found.set(other, size);
      }
    }
    const shorter = stem(word.slice(0, -1)); // a letter too many in the ending
    if ((await this.#spellings(`^${[...term].slice(0, PREFIX).join("")}`)).has(shorter)) found.set(shorter, 1);
    const best = [...found].sort(([, one], [, other]) => other - one).slice(0, MOST_ALTERNATIVES);
    return best.map(([other, size]) => ({ term: other, size, quality: 0.6 }));
  }

  async #spellings(key) {
    const shard = hashOf(key) & (this.shards - 1), file = (await this.#file("w", shard)) || {};
    if (!this.read.has(shard)) this.read.set(shard, new Map(Object.entries(file)));
    return this.read.get(shard);
  }

  async #postings(term) {
    const found = (await this.#file("p", hashOf(term))) || {};
    if (!Object.hasOwn(found, term)) return null;
    if (!this.read.has(term)) this.read.set(term, columns(found[term]));
    return this.read.get(term);
  }

  /** The shortest complete list that all wanted organisations are in. */
  async #candidates(slots) {
    const lists = await this.#pairs(slots);
    if (lists) return lists;
    const [shortest] = [...slots].sort((one, other) => weight(one) - weight(other));
    const wanted = shortest.slice(0, MOST_LISTS);
    const found = await Promise.all(wanted.map(async ({ term, quality }) => ({ list: await this.#postings(term), quality })));
    return found.filter(({ list }) => list);
  }

  /** The kinds that a word names, as short entries have them. */
  #kindsOf(slot) {
    return new Set(this.kinds.filter(([, terms]) => slot.some(({ term }) => terms.has(term))).map(([code]) => code));
  }

  /** Where single words fit thousands: organisations that have a number and a word, or a kind and a place. */
  async #pairs(slots) {
    const words = slots.filter((slot) => !isNumber(slot[0].term)).sort((one, other) => weight(one) - weight(other));
    const numbers = slots.filter((slot) => isNumber(slot[0].term) && slot[0].size === null);
    if (words.length && weight(words[0]) <= FEW / 2) return null;
    const named = words.filter((slot) => !this.#kindsOf(slot).size), kinds = words.filter((slot) => this.#kindsOf(slot).size);
    let pairs = named.slice(0, 2).flatMap((slot) => kinds.slice(0, 1).map((kind) => [slot, kind]));
    if (numbers.length) pairs = [...new Set([words[0], kinds[0]])].filter(Boolean).map((word) => [numbers[0], word]);
    else if (!named.length && kinds.length > 1) pairs = [kinds.slice(0, 2)];
    const found = (await Promise.all(pairs.map((slots) => this.#paired(...slots)))).filter((lists) => lists.length);
    const length = (lists) => lists.reduce((sum, { list: { number } }) => sum + number, 0);
    return found.sort((one, other) => length(one) - length(other))[0] || null;
  }

  async #paired(first, second) {
    const asked = first.slice(0, 2).flatMap((one) => second.slice(0, MOST_LISTS / 2).map((other) => [one, other]));
    const found = await Promise.all(asked.map(async ([one, other]) => (
      { list: await this.#postings(pair(one.term, other.term)), quality: one.quality * other.quality })));
    return found.filter(({ list }) => list);
  }

  /** The first `limit` organisations whose records bear out what their short entries promise. */
  async #read(fitting, slots, filters, limit, budget, least) {
    const results = [];
    for (let at = 0, next; at < fitting.length && results.length < limit && budget.left > 0; at = next) {
      next = at + Math.min(Math.max(limit - results.length, 4), budget.left);
      budget.left -= next - at;
      const rows = await Promise.all(fitting.slice(at, next).map((one) => this.#records(one.ref)));
      for (const record of rows.flat()) {
        const score = judge(record, slots, least);
        if (score > 0 && isWanted(record, filters) && !results.some((one) => one.path === record.path)) results.push({ ...record, score });
      }
    }
    return results.sort((one, other) => other.score - one.score || compare(one.title, other.title)).slice(0, limit);
  }

  async #records(ref) {
    const rows = (await this.#file("r", ref)) || [];
    return rows.filter(([number]) => number === ref).map(([, row]) => asRecord(row));
  }
}

const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;

/** About how many organisations a slot fits. */
function weight(slot) {
  return slot.reduce((sum, { size }) => sum + (size === null ? FEW : 2 ** size), 0);
}

/** The columns of a list: they lie one after another, little-endian as every browser has numbers. */
function columns([number, text]) {
  const letters = atob(text), bytes = new Uint8Array(letters.length), rows = letters.length / 17;
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  const wide = (at) => new Uint32Array(bytes.buffer, at * rows, rows), narrow = (at) => new Uint16Array(bytes.buffer, at * rows, rows);
  return { number, rows, heads: wide(0), low: wide(4), high: wide(8), regions: narrow(12), kinds: narrow(14), tails: bytes.subarray(16 * rows) };
}

/**
 * Entries that pass the filters and may have `least` of the words, the likeliest first; `meant` are the kinds named.
 * Lists are long and few of their entries fit: an object is made only of what fits.
 */
function rank(lists, slots, filters, least, meant) {
  const regions = new Set([...filters.regions].map(short)), kinds = new Set([...filters.kinds].map(short)), band = filters.band || 0;
  const bits = slots.map((slot) => slot.map(({ term, quality }) => ({ bit: hashOf(term) >>> 26, likely: quality ** 3 })));
  const seen = ({ low, high }, row, bit) => (bit < 32 ? low[row] >>> bit : high[row] >>> (bit - 32)) & 1;
  const fitting = new Map();
  for (const { list, quality: own } of lists) {
    for (let row = 0; row < list.rows; row++) {
      const kind = list.kinds[row], region = list.regions[row], tail = list.tails[row];
      if ((regions.size && !regions.has(region)) || (kinds.size && !kinds.has(kind)) || (tail & 7) < band) continue;
      let hits = 0, likely = 0;
      for (const slot of bits) {
        const found = slot.find(({ bit }) => seen(list, row, bit));
        if (found) { hits++; likely += found.likely; }
      }
      if (hits < least) continue;
      const head = list.heads[row], ref = head & REF, quality = own + (tail >> 3) * 0.5;
      if ((fitting.get(ref)?.quality || 0) >= quality) continue;
      for (const kinds of meant) likely += kinds.has(kind);
      fitting.set(ref, { ref, length: head >>> 28, quality, region, hits, likely });
    }
  }
  return [...fitting.values()].sort((one, other) => other.hits - one.hits || other.likely - one.likely || other.quality - one.quality || one.length - other.length || one.ref - other.ref);
}

export function short(code) {
  return hashOf(code) & 0xffff;
}

function twoOf(term) {
  const value = hashOf(term) >>> 8;
  return DIGITS[value & 63] + DIGITS[(value >>> 6) & 63];
}

function pairsOf(text) {
  return text.match(/../g) || [];
}

/** How well a record fits: 0 where it has fewer than `least` of the words; more for words of its name, and for a name of few others. */
function judge(record, slots, least) {
  const [named, others] = record.terms.split(".").map(pairsOf);
  let score = 0, hits = 0, lacking = 0;
  for (const slot of slots) {
    if (isNumber(slot[0].term) && slot[0].size !== null) { score += 3; continue; } // its list was exact
    const inName = Math.max(0, ...slot.filter(({ term }) => named.includes(twoOf(term))).map(({ quality }) => quality));
    const beside = Math.max(0, ...slot.filter(({ term }) => others.includes(twoOf(term))).map(({ quality }) => quality));
    if (!inName && !beside && ++lacking > slots.length - least) return 0;
    hits += Boolean(inName);
    score += Math.max(2 * inName, beside);
  }
  return score + hits / Math.max(named.length, 1);
}

function isWanted(record, filters) {
  return (!filters.regions.size || filters.regions.has(record.region)) && (!filters.kinds.size || filters.kinds.has(record.kind));
}
