// Reads the controls, computes, draws, and writes the numbers into the page.

const form = document.getElementById("explorer-controls");
const find = (id) => document.getElementById(id);
const TEXT_FIELDS = ["upsampler", "pad_mode"];
let seed = 1;
let current = null;

function readSettings() {
  const entries = [...new FormData(form)];
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      TEXT_FIELDS.includes(name) ? value : Number(value),
    ]),
  );
}

function compute(settings) {
  const factor = settings.stride ** settings.layers;
  const input = drawPoster(
    clamp(Math.floor(LARGEST_SIDE / factor), 7, LARGEST_SIDE >> 1),
  );
  const row = upsamplingKernel(settings, 1, 1, seed * 101 + 99);
  const kernels = kernelsOf(settings, seed);
  const output = enlarge(settings, kernels, input);
  const result = {
    settings,
    input,
    row,
    kernels,
    output,
    rings: overlaps(settings),
  };
  result.gains = phaseGains(settings, row);
  result.values = measure(result, factor);
  return result;
}

/** The numbers on the page, by the name in their data-value. */
function measure({ settings, input, output, rings, gains }, period) {
  const paint = rings.at(-1);
  const [least, most] = [Math.min(...paint), Math.max(...paint)];
  const score = (picture) =>
    picture && period > 1 ? coherentScore(picture, period) : NaN;
  return {
    period,
    "overlap-min": least,
    "overlap-max": most,
    "overlap-ratio": most / least,
    "overlap-ratio-2d": (most / least) ** 2,
    "gain-imbalance": imbalance(gains),
    "coherent-score": score(output),
    "shapes-score": score(interpolate(settings, input)),
  };
}

function format(value) {
  if (Number.isNaN(value)) return "–";
  if (value === Infinity) return "∞";
  return Math.abs(value) < 5e-4 ? "0" : String(Number(value.toPrecision(3)));
}

const isEven = (values) => values["overlap-ratio"] < 1 + 1e-9;

function describe({ values, output }) {
  const ratio = format(values["overlap-ratio"]);
  const overlap = isEven(values)
    ? "Every output gets the same paint."
    : `Overlap is uneven: some outputs get ${ratio} times the paint of others.`;
  if (values.period === 1) return `${overlap} Nothing is enlarged.`;
  const gains = format(values["gain-imbalance"]);
  const score = format(values["coherent-score"]);
  const picture = output
    ? `The picture scores ${score} at period ${values.period}.`
    : `Enlarged ${values.period} times, the picture is too large to paint.`;
  return `${overlap} The phase gains have imbalance ${gains}. ${picture}`;
}

function writeNumbers(result) {
  for (const node of document.querySelectorAll("[data-value]")) {
    const value = result.values[node.dataset.value];
    node.value = value;
    node.textContent = format(value);
  }
  const gains = result.gains.map((gain, phase) => {
    const item = document.createElement("data");
    Object.assign(item, { value: gain, textContent: gain.toFixed(2) });
    item.dataset.gain = phase;
    return item;
  });
  find("gains").replaceChildren(...gains);
  find("overlap").textContent = isEven(result.values) ? "even" : "uneven";
  find("summary").textContent = describe(result);
}

function writeControls(settings) {
  for (const output of form.querySelectorAll("output")) {
    const value = settings[output.htmlFor.value];
    output.textContent = value || "none";
  }
  find("zeros-note").hidden = !isTransposed(settings);
  find("gaps-note").hidden =
    !isTransposed(settings) || settings.kernel_size >= settings.stride;
}

function draw(result) {
  const { settings, rings, row, input, output } = result;
  drawPaint(find("paint"), settings, rings);
  drawHeatMap(find("heat"), rings.at(-1));
  drawMatrix(find("matrix"), settings, row);
  drawPicture(find("input"), input);
  find("painted").hidden = !output;
  if (!output) return;
  drawPicture(find("output"), output);
  const side = output.side >> 2;
  drawPicture(
    find("detail"),
    output,
    Math.round((output.side - side) * 0.62),
    side,
  );
}

function render() {
  current = compute(readSettings());
  writeControls(current.settings);
  writeNumbers(current);
  draw(current);
}

let scheduled = 0;
function schedule() {
  cancelAnimationFrame(scheduled);
  scheduled = requestAnimationFrame(render);
}

form.addEventListener("input", schedule);
form.addEventListener("submit", (event) => event.preventDefault());
find("new-weights").addEventListener("click", () => {
  seed += 1;
  schedule();
});
window.addEventListener("resize", schedule);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", schedule);
render();

// What the page computed, as plain numbers: pictures are { side, data }, and
// kernels { height, width, channels, taps } in the order row, column, input
// channel, filter.
window.explorer = {
  state() {
    render();
    const plain = (picture) =>
      picture && { side: picture.side, data: [...picture.data] };
    const { settings, values, gains, row, kernels, input, output } = current;
    return {
      settings,
      values,
      gains,
      row,
      kernels,
      input: plain(input),
      output: plain(output),
    };
  },
};
