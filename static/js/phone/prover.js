/*
 * The puzzle of a public form, beside the page (a Worker): for each part a number with which the SHA-256 of
 * "word:part:number" begins with so many zero bits. Written out, for browsers give a page without https no hash.
 * It stands for a robot's costs, not for a secret (door/challenges.py).
 */

const prover = /** @type {any} */ (self);

/** @param {number} number */
function isPrime(number) {
  for (let by = 2; by * by <= number; by += 1) {
    if (number % by === 0) {
      return false;
    }
  }
  return true;
}

/**
 * The first 32 bits behind the point.
 * @param {number} number
 */
function fraction(number) {
  return ((number - Math.floor(number)) * 4294967296) | 0;
}

/** @type {number[]} */
const primes = [];
for (let number = 2; primes.length < 64; number += 1) {
  if (isPrime(number)) {
    primes.push(number);
  }
}
const ROUNDS = primes.map((prime) => fraction(Math.cbrt(prime)));
const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const block = new Int32Array(64);

/**
 * @param {number} value
 * @param {number} by
 */
function turned(value, by) {
  return (value >>> by) | (value << (32 - by));
}

/** The first 32 bits of the hash of what stands in the first 16 places of ``block``. */
function hashed() {
  for (let at = 16; at < 64; at += 1) {
    const early = block[at - 15];
    const late = block[at - 2];
    const one = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const two = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    block[at] = (block[at - 16] + one + block[at - 7] + two) | 0;
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let at = 0; at < 64; at += 1) {
    const one = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const first = (h + one + ((e & f) ^ (~e & g)) + ROUNDS[at] + block[at]) | 0;
    const two = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const second = (two + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  return (START[0] + a) >>> 0;
}

/**
 * Put a text of at most 55 signs of ASCII into the block, as SHA-256 pads it.
 * @param {string} text
 */
function load(text) {
  block.fill(0, 0, 16);
  for (let at = 0; at < text.length; at += 1) {
    block[at >> 2] |= text.charCodeAt(at) << (24 - 8 * (at & 3));
  }
  block[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  block[15] = text.length * 8;
}

/**
 * @param {string} start
 * @param {number} bits
 */
function find(start, bits) {
  for (let number = 0; ; number += 1) {
    load(start + number);
    if (hashed() >>> (32 - bits) === 0) {
      return number;
    }
  }
}

prover.onmessage = (/** @type {MessageEvent} */ event) => {
  const { word, parts, bits } = event.data;
  const found = [];
  for (let part = 0; part < parts; part += 1) {
    found.push(find(`${word}:${part}:`, bits));
  }
  prover.postMessage(found.join("."));
};
