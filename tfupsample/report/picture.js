// The picture, the random weights it passes through, and its score. Colours lie
// in -1..1; 0 is grey, which a layer without bias gets for nothing.

const NOISE = 0.3; // standard deviation of a phase gain before it is settled
const LARGEST_FACTOR = 32;
const LARGEST_SIDE = 189;
const CHANNELS = 3;

/** Mulberry32, a small generator of numbers in 0..1 with a seed. */
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(seed) {
  const random = uniform(seed);
  return () =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Random taps in the order [row][column][input channel][filter]. */
function drawKernel(height, width, channels, phases, seed) {
  const random = normal(seed);
  const deviation = NOISE / Math.sqrt((height * width) / phases);
  const taps = range(height * width * channels ** 2).map(
    () => deviation * random(),
  );
  return { height, width, channels, taps };
}

/**
 * Makes each group of taps sum to `gain` for a channel and itself and to 0 for
 * two channels, every tap by the same amount: the nearest such kernel.
 */
function settle(kernel, groups, gain) {
  const pairs = kernel.channels ** 2;
  for (const group of groups) {
    for (const pair of range(pairs)) {
      const wanted = pair % (kernel.channels + 1) ? 0 : gain;
      const total = sum(group.map((tap) => kernel.taps[tap * pairs + pair]));
      for (const tap of group)
        kernel.taps[tap * pairs + pair] += (wanted - total) / group.length;
    }
  }
  return kernel;
}

/** The taps of each phase of a transposed convolution. */
function phaseGroups({ height, width }, stride) {
  const phase = (tap) =>
    (Math.floor(tap / width) % stride) * stride + ((tap % width) % stride);
  const groups = range(stride ** 2).map((p) =>
    range(height * width).filter((tap) => phase(tap) === p),
  );
  return groups.filter((group) => group.length);
}

/** Weights that keep the average colour of whatever they enlarge. */
function upsamplingKernel(settings, axes, channels, seed) {
  const { kernel_size, stride } = settings;
  const phases = isTransposed(settings) ? stride ** axes : 1;
  const kernel = drawKernel(
    axes === 2 ? kernel_size : 1,
    kernel_size,
    channels,
    phases,
    seed,
  );
  if (settings.upsampler === "deconv_balanced")
    return settle(kernel, phaseGroups(kernel, stride), 1);
  return settle(kernel, [range(kernel.height * kernel.width)], phases);
}

function kernelsOf(settings, seed) {
  const kernels = range(settings.layers).map((depth) =>
    upsamplingKernel(settings, 2, CHANNELS, seed * 101 + depth),
  );
  const size = settings.last_kernel_size;
  if (!size) return kernels;
  const last = drawKernel(size, size, CHANNELS, 1, seed * 101 + 50);
  return [...kernels, settle(last, [range(size ** 2)], 1)];
}

/** Passes a square picture through one layer, the same map on both axes. */
function apply({ map, scale }, kernel, picture) {
  const side = picture.side * scale;
  const reach = range(side).map(map);
  const data = new Float64Array(side * side * CHANNELS);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      addPixel(
        data,
        (y * side + x) * CHANNELS,
        reach[y],
        reach[x],
        kernel,
        picture,
      );
    }
  }
  return { side, data };
}

function addPixel(data, at, rows, columns, kernel, picture) {
  for (const row of rows) {
    for (const column of columns) {
      const weight = row.weight * column.weight;
      const from = (row.input * picture.side + column.input) * CHANNELS;
      let tap = (row.tap * kernel.width + column.tap) * CHANNELS ** 2;
      for (let c = 0; c < CHANNELS; c++) {
        const value = weight * picture.data[from + c];
        for (let f = 0; f < CHANNELS; f++)
          data[at + f] += value * kernel.taps[tap++];
      }
    }
  }
}

/** The enlarged picture, or null where it would be too large. */
function enlarge(settings, kernels, picture) {
  if (settings.stride ** settings.layers > LARGEST_FACTOR) return null;
  const layers = layersOf(settings, picture.side);
  return layers.reduce(
    (current, layer, i) => apply(layer, kernels[i], current),
    picture,
  );
}

/** The picture enlarged by interpolation alone, without weights. */
function interpolate(settings, picture) {
  const plain = {
    ...settings,
    upsampler: "bilinear",
    kernel_size: 1,
    last_kernel_size: 0,
  };
  const identity = {
    height: 1,
    width: 1,
    channels: CHANNELS,
    taps: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  };
  return enlarge(plain, Array(settings.layers).fill(identity), picture);
}

/** The coherent score of one picture: 0 none, 1 nothing but the pattern. */
function coherentScore({ side, data }, period) {
  const margin = side >> 3;
  const inside = Math.floor((side - 2 * margin) / period) * period;
  const scores = range(CHANNELS).map((channel) => {
    const phases = new Float64Array(period ** 2);
    const values = [];
    for (let y = 0; y < inside; y++) {
      for (let x = 0; x < inside; x++) {
        const value =
          data[((y + margin) * side + x + margin) * CHANNELS + channel];
        values.push(value);
        phases[(y % period) * period + (x % period)] +=
          value * (period / inside) ** 2;
      }
    }
    return deviation(phases) / deviation(values);
  });
  return sum(scores) / CHANNELS;
}

function deviation(values) {
  const mean = sum(values) / values.length;
  return Math.sqrt(
    values.reduce((total, v) => total + (v - mean) ** 2, 0) / values.length,
  );
}

/** A poster: shaded ball, flat square and bar before sky and grey ground. */
function colourAt(u, v) {
  const ball = Math.hypot(u - 0.36, v - 0.46) / 0.25;
  if (ball < 1) {
    const light = 0.75 - 1.1 * Math.hypot(u - 0.29, v - 0.37);
    return [0.55 + 0.5 * light, -0.95 + 0.8 * light, -0.9 + 0.75 * light];
  }
  if (Math.abs(u - 0.76) < 0.13 && Math.abs(v - 0.53) < 0.13)
    return [0.95, 0.55, -0.75];
  if (Math.abs(v - 0.87) < 0.035 && Math.abs(u - 0.5) < 0.4)
    return [0.9, 0.88, 0.8];
  return v > 0.75
    ? [0, 0, 0]
    : [-0.8 + 0.35 * v, -0.45 + 0.5 * v, 0.25 + 0.45 * v];
}

/** The poster at `side` pixels, each the mean of 16 points. */
function drawPoster(side) {
  const data = new Float64Array(side * side * CHANNELS);
  for (const point of range(16 * side * side)) {
    const [y, x] = [Math.floor(point / (4 * side)), point % (4 * side)];
    const at = ((y >> 2) * side + (x >> 2)) * CHANNELS;
    const colour = colourAt((x + 0.5) / (4 * side), (y + 0.5) / (4 * side));
    colour.forEach((value, channel) => (data[at + channel] += value / 16));
  }
  return { side, data };
}
