/**
 * WGSL of the library's random numbers: `normals(block, stream)` gives elements 4·block … + 3 of the stream of `p.key0`, `p.key1`, as `fillNormal`
 * does on the CPU.
 *
 * The words of Philox4x32-10 are the same bits. Box–Muller is in float32, with logarithm, sine and cosine of its own: WGSL leaves the accuracy of the
 * built-in ones open (2⁻¹¹ for a sine).
 *
 * @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", SC'11
 */
export const PHILOX = `
fn multiplyHigh(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu; let ah = a >> 16u;
  let bl = b & 0xffffu; let bh = b >> 16u;
  let low = al * bl;
  let one = ah * bl + (low >> 16u);
  let two = al * bh + (one & 0xffffu);
  return ah * bh + (one >> 16u) + (two >> 16u);
}

fn philox(counter: vec4u) -> vec4u {
  var c = counter;
  var k = vec2u(p.key0, p.key1);
  for (var round = 0; round < 10; round++) {
    let high0 = multiplyHigh(0xd2511f53u, c.x);
    let high1 = multiplyHigh(0xcd9e8d57u, c.z);
    c = vec4u(high1 ^ c.y ^ k.x, 0xcd9e8d57u * c.z, high0 ^ c.w ^ k.y, 0xd2511f53u * c.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// -ln u for u = (word + 1/2) / 2^32: ln m = 2·artanh((m - 1)/(m + 1)) with m within [sqrt(1/2), sqrt 2).
fn minusLog(word: u32) -> f32 {
  // Near 1, what is missing to 1 has more digits.
  if (word >= 0xc0000000u) {
    let rest = (f32(~word) + 0.5) * 0x1p-32;
    return -artanh2(-rest / (2.0 - rest));
  }
  let u = (f32(word) + 0.5) * 0x1p-32;
  let parts = frexp(u);
  let small = parts.fract < 0.70710678;
  let m = select(parts.fract, 2.0 * parts.fract, small);
  let e = f32(select(parts.exp, parts.exp - 1, small));
  return -(artanh2((m - 1.0) / (m + 1.0)) + e * 0.6931471805599453);
}

fn artanh2(s: f32) -> f32 {
  let q = s * s;
  return 2.0 * s * (1.0 + q * (1.0 / 3.0 + q * (0.2 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q / 11.0)))));
}

// Cosine and sine of 2·pi·(word + 1/2)/2^32: whole quarters off in integers, the rest within an eighth of a turn.
fn turn(word: u32) -> vec2f {
  let quarter = (word + 0x20000000u) >> 30u;
  let rest = bitcast<i32>(word - (quarter << 30u));
  let x = (f32(rest) + 0.5) * 1.4629180792671596e-9;
  let q = x * x;
  let s = x * (1.0 + q * (-1.0 / 6.0 + q * (1.0 / 120.0 + q * (-1.0 / 5040.0 + q / 362880.0))));
  let c = 1.0 + q * (-0.5 + q * (1.0 / 24.0 + q * (-1.0 / 720.0 + q / 40320.0)));
  let even = select(vec2f(c, s), vec2f(-c, -s), quarter == 2u);
  let odd = select(vec2f(-s, c), vec2f(s, -c), quarter == 3u);
  return select(even, odd, (quarter & 1u) == 1u);
}

fn normals(block: u32, stream: u32) -> vec4f {
  let words = philox(vec4u(block, 0u, stream, 0u));
  return vec4f(sqrt(2.0 * minusLog(words.x)) * turn(words.y), sqrt(2.0 * minusLog(words.z)) * turn(words.w));
}`;
