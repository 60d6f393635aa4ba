// Upsampling along one axis, as maps. A map goes from the index of an output
// pixel to what that pixel takes: a list of { input, tap, weight }, which
// stands for the sum of weight * kernel[tap] * x[input]. Rows of infinite
// length have no border. Names of settings are those of the library and of the
// form's fields.

const range = (n) => Array.from({ length: n }, (_, i) => i);
const sum = (values) => values.reduce((total, value) => total + value, 0);
const modulo = (i, n) => ((i % n) + n) % n;
const clamp = (i, low, high) => Math.min(Math.max(i, low), high);

/** Which pixel of a row of `length` stands at `i`; null for a zero. */
function source(i, length, padMode) {
  if (length === Infinity || (i >= 0 && i < length)) return i;
  if (padMode === "constant") return null;
  if (padMode === "edge") return clamp(i, 0, length - 1);
  if (padMode === "circular") return modulo(i, length);
  const repeat = padMode === "symmetric" ? 1 : 0;
  const period = Math.max(2 * length - 2 + 2 * repeat, 1);
  const position = modulo(i, period);
  return Math.min(position, period - position - repeat);
}

/** A convolution of stride 1; an even kernel reaches further after. */
function convolution(size, length, padMode) {
  const lead = (size - 1) >> 1;
  return (i) =>
    range(size)
      .map((tap) => ({
        input: source(i + tap - lead, length, padMode),
        tap,
        weight: 1,
      }))
      .filter(({ input }) => input !== null);
}

/** A transposed convolution with the cropping of padding="same". */
function transposed(size, stride, length) {
  const crop = Math.max(size - stride, 0) >> 1;
  return (i) =>
    range(size)
      .filter((tap) => modulo(i + crop - tap, stride) === 0)
      .map((tap) => ({
        input: source((i + crop - tap) / stride, length, "constant"),
        tap,
        weight: 1,
      }))
      .filter(({ input }) => input !== null);
}

const repeated = (stride) => (i) => [
  { input: Math.floor(i / stride), tap: 0, weight: 1 },
];

function interpolated(stride, length) {
  return (i) => {
    const centre = (i + 0.5) / stride - 0.5;
    const low = Math.floor(centre);
    return [
      {
        input: source(low, length, "edge"),
        tap: 0,
        weight: 1 - (centre - low),
      },
      { input: source(low + 1, length, "edge"), tap: 0, weight: centre - low },
    ].filter(({ weight }) => weight > 0);
  };
}

/** One map after another; only one of the two has more than one tap. */
const after = (second, first) => (i) =>
  second(i).flatMap((outer) =>
    first(outer.input).map((inner) => ({
      input: inner.input,
      tap: outer.tap + inner.tap,
      weight: outer.weight * inner.weight,
    })),
  );

// With ICNR all phases share one kernel, so moving them from the channels into
// space repeats every pixel: a convolution, then nearest-neighbour resizing.
const UPSAMPLERS = {
  nearest: (size, stride, length, padMode) =>
    after(convolution(size, length * stride, padMode), repeated(stride)),
  bilinear: (size, stride, length, padMode) =>
    after(
      convolution(size, length * stride, padMode),
      interpolated(stride, length),
    ),
  subpixel: (size, stride, length, padMode) =>
    after(repeated(stride), convolution(size, length, padMode)),
  deconv: transposed,
  deconv_balanced: transposed,
};

const isTransposed = (settings) => settings.upsampler.startsWith("deconv");

function upsampling(settings, length) {
  const { upsampler, kernel_size, stride, pad_mode } = settings;
  return UPSAMPLERS[upsampler](kernel_size, stride, length, pad_mode);
}

/** The layers as [{ scale, size, map }], for an input of `length` pixels. */
function layersOf(settings, length) {
  const { stride, kernel_size, last_kernel_size, pad_mode } = settings;
  const layers = range(settings.layers).map((depth) => ({
    scale: stride,
    size: kernel_size,
    map: upsampling(settings, length * stride ** depth),
  }));
  if (!last_kernel_size) return layers;
  const end = length * stride ** settings.layers;
  const map = convolution(last_kernel_size, end, pad_mode);
  return [...layers, { scale: 1, size: last_kernel_size, map }];
}

/**
 * Amounts of paint in one period after each layer, all weights 1. A ring of
 * one pixel stands for an endless row: there is no border, and the ring grows
 * to the period of the pattern.
 */
function overlaps(settings) {
  const rings = [[1]];
  for (const { scale, map } of layersOf(settings, Infinity)) {
    const ring = rings.at(-1);
    const paint = (i) =>
      sum(map(i).map((t) => t.weight * ring[modulo(t.input, ring.length)]));
    rings.push(range(ring.length * scale).map(paint));
  }
  return rings;
}

/** Share of pattern in what a layer makes of flat inputs: 0 none, 1 all. */
function imbalance(gains) {
  const mean = sum(gains) / gains.length;
  const pattern = sum(gains.map((gain) => (gain - mean) ** 2)) / gains.length;
  return Math.sqrt(pattern / (pattern + mean ** 2));
}

/** What each phase of the output makes of a flat row of ones. */
function phaseGains(settings, row) {
  const map = upsampling(settings, Infinity);
  return range(settings.stride).map((i) =>
    sum(map(i).map((t) => t.weight * row.taps[t.tap])),
  );
}
