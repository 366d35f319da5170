// What a question is made of: the same as nok/search_text.py makes of names, letter by letter.

import { stemmer as russian } from "./stem-russian.js";

export const LONG_NUMBER = 8;
export const LEAST_FORGIVING = 4;
export const PREFIX = 3;
const LONGEST_WORD = 40, MOST_WORDS = 64;
const UNSAID = new Set(("и в на по при им имени с со из для г ул пр пер пл ш д дом корп стр the of and for at" +
  " гбоу мбоу маоу мкоу мбдоу мадоу мкдоу гбу мбу мау мку огбу огау фгбу фгбоу гбуз обуз гауз").split(" "));
const LEGAL = new Set("государствен муниципальн бюджетн автономн казен учрежден".split(" "));
const LATIN = "abcehkmoptxy", CYRILLIC = "авсенкмортху";
const QWERTY = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", JCUKEN = "йцукенгшщзхъфывапролджэячсмитьбюё";

// What names have in common by whichever table they were written in Latin letters: nok/latin.py.
const LETTERS = new Map([..."абвгдеёжзийклмнопрстуфхцчшщыэюяіїєґўңөүәһҗқғұӑӗҫӳҙҡҥҕӧӱӹӝӟӥӵҷҳӣӯъь"].map((letter, at) => [letter, (
  "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya i yi ye g u n o u a h zh k g u" +
  " a e s u z k n g o u y zh z i ch ch h i u").split(" ")[at] || ""]));
const SOUNDS = /shch|tsch|tch|sch|shh|sh|ch|kh|zh|ts|tz|cz|tc|[yji]+[aeou]|[yji]+|x|w/g;
const SOUND = {
  shch: "s", sch: "s", shh: "s", sh: "s", tsch: "q", tch: "q", ch: "q", ts: "c", tz: "c", cz: "c", tc: "c", kh: "h", zh: "z", x: "ks", w: "v",
};

function translated(text, from, to) {
  return Array.from(text, (letter) => (from.includes(letter) ? to[from.indexOf(letter)] : letter)).join("");
}

export function wordsOf(text) {
  const folded = text.replaceAll("№", " ").normalize("NFKD").toLowerCase().replace(/([a-z])[\u0300-\u036f]+/g, "$1").normalize("NFC")
    .replaceAll("ё", "е").replace(/(?<=\p{L})['\u2019\u02bc](?=\p{L})/gu, "");
  const found = folded.match(/\p{L}+|[0-9]+/gu) || [];
  return found.slice(0, MOST_WORDS).map((word) => Array.from(tidy(word)).slice(0, LONGEST_WORD).join(""));
}

function tidy(word) {
  if (isNumber(word)) return word.length < LONG_NUMBER ? word.replace(/^0+/, "") || "0" : word;
  return oneAlphabet(word);
}

function oneAlphabet(word) {
  const letters = Array.from(word);
  const cyrillic = letters.filter((letter) => letter >= "а" && letter <= "я");
  const latin = letters.filter((letter) => letter >= "a" && letter <= "z");
  if (!cyrillic.length || !latin.length) return word;
  const isLatin = cyrillic.every((letter) => CYRILLIC.includes(letter)) && !latin.every((letter) => LATIN.includes(letter));
  return isLatin ? translated(word, CYRILLIC, LATIN) : toCyrillic(word);
}

export function toCyrillic(word) {
  return translated(word, LATIN, CYRILLIC);
}

/** A word in few Latin letters, the same for all its spellings: «щёлково», Shchelkovo and Schyolkovo are `selkovo`. */
export function skeleton(word) {
  const latin = Array.from(word, (letter) => LETTERS.get(letter) ?? letter).join("");
  return latin.replace(SOUNDS, (sound) => SOUND[sound] || { a: "a", e: "e", o: "e", u: "u" }[sound.at(-1)] || "i").replace(/(.)\1+/gu, "$1");
}

/** The same keys pressed in the other layout. */
export function otherLayout(text) {
  const lower = text.toLowerCase();
  return /[а-яё]/.test(lower) ? translated(lower, JCUKEN, QWERTY) : translated(lower, QWERTY, JCUKEN);
}

export function stem(word) {
  if (word.length < 4 || isNumber(word)) return word;
  if (word[0] >= "а" && word[0] <= "я") {
    const found = russian(word);
    return found.length > 3 && found.endsWith("е") ? found.slice(0, -1) : found;
  }
  if (word.endsWith("ies")) return word.slice(0, -3) + "y";
  return word.endsWith("s") && !/(ss|us|is)$/.test(word) ? word.slice(0, -1) : word;
}

/** The words that are looked for, each with its stem. */
export function termsOf(text) {
  const found = new Map();
  for (const word of wordsOf(text)) {
    if (UNSAID.has(word) || (word.length < 2 && !isNumber(word))) continue;
    const term = stem(word);
    if (!LEGAL.has(term) && !found.has(term)) found.set(term, { word, term });
  }
  return [...found.values()];
}

export function isNumber(term) {
  return term[0] >= "0" && term[0] <= "9";
}

export function hashOf(text) {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

export function pair(one, other) {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** Whether one letter too many, too few, another one, or two neighbours in the wrong order part two words. */
export function isNear(one, other) {
  if (one === other) return true;
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  if (long.length > short.length) return short.slice(at) === long.slice(at + 1);
  if (short.slice(at + 1) === long.slice(at + 1)) return true;
  return short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2);
}

/** The keys of the dictionary under which words stand that differ from this one by one slip. */
export function slipKeys(word) {
  const letters = Array.from(word);
  const without = letters.map((_, at) => letters.slice(0, at).concat(letters.slice(at + 1)).join(""));
  return [...new Set([word, ...without])].map((variant) => `~${variant}`);
}
