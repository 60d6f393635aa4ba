// Draws what the other files compute. Colours come from the style sheet, so
// that both colour schemes work: shapes carry a class and an opacity, no more.

function shape(name, attributes, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes))
    node.setAttribute(key, value);
  node.textContent = text;
  return node;
}

const cell = (x, y, width, height, opacity, kind = "paint") =>
  shape("rect", { x, y, width, height, class: kind, "fill-opacity": opacity });

const label = (x, y, text, anchor = "middle") =>
  shape("text", { x, y, "text-anchor": anchor }, text);

function setFigure(svg, height, nodes) {
  svg.setAttribute("viewBox", `0 0 ${svg.clientWidth} ${height}`);
  svg.setAttribute("height", height);
  svg.replaceChildren(...nodes);
}

/** Rows of pixels, layer by layer, with lines from inputs to outputs. */
function drawPaint(svg, settings, rings) {
  const layers = layersOf(settings, Infinity);
  const inputs = clamp(Math.round(96 / rings.at(-1).length), 1, 12);
  const view = { width: svg.clientWidth, gap: 96, bar: 14, bottom: 74 };
  const nodes = [];
  let count = inputs;
  let marked = (i) => i === inputs >> 1;
  layers.forEach(({ scale, map }, depth) => {
    const above = { y: depth * view.gap, count, marked };
    const links = linksOf(map, count * scale, above);
    marked = (
      (kept) => (i) =>
        kept.has(i)
    )(new Set(links.filter((l) => l.strong).map((l) => l.output)));
    nodes.push(
      ...drawLinks(
        links,
        above,
        { y: above.y + view.gap, count: count * scale },
        view,
      ),
    );
    nodes.push(...drawRow(above, rings[depth], view));
    count *= scale;
  });
  const end = { y: layers.length * view.gap, count, marked };
  nodes.push(
    ...drawRow(end, rings.at(-1), view),
    ...drawBars(end, rings.at(-1), view),
  );
  setFigure(svg, end.y + view.bar + view.bottom, nodes);
}

/** The lines between two rows, also those that leave the view. */
function linksOf(map, count, above) {
  const aside = Math.ceil((12 * count) / above.count);
  return range(count + 2 * aside).flatMap((n) => {
    const weights = new Map();
    const output = n - aside;
    for (const t of map(output))
      weights.set(t.input, (weights.get(t.input) ?? 0) + t.weight);
    return [...weights].map(([input, weight]) => ({
      input,
      output,
      weight,
      strong: above.marked(input),
    }));
  });
}

/** One path for all lines of the same weight and kind. */
function drawLinks(links, above, below, view) {
  const heaviest = Math.max(...links.map((link) => link.weight));
  const room = clamp(view.width / below.count / 8, 0.1, 1); // many lines, faint
  const paths = new Map();
  for (const { input, output, weight, strong } of links) {
    const key = `${(room * weight) / heaviest} ${strong ? "strong" : "weak"}`;
    const from = ((input + 0.5) / above.count) * view.width;
    const to = ((output + 0.5) / below.count) * view.width;
    const start = `M${from.toFixed(1)} ${above.y + view.bar}`;
    const line = `${start}L${to.toFixed(1)} ${below.y}`;
    paths.set(key, (paths.get(key) ?? "") + line);
  }
  const entries = [...paths].sort(
    ([a], [b]) => a.endsWith("strong") - b.endsWith("strong"),
  );
  return entries.map(([key, d]) => {
    const [opacity, kind] = key.split(" ");
    return shape("path", {
      d,
      class: `link ${kind}`,
      "stroke-opacity": opacity,
    });
  });
}

function drawRow({ y, count, marked }, ring, view) {
  const most = Math.max(...ring);
  const width = view.width / count;
  const gap = width > 6 ? 1.5 : 0;
  return range(count).map((i) => {
    const amount = ring[i % ring.length] / most;
    const kind = marked(i) ? "paint" : "pixel";
    return cell(
      i * width + gap / 2,
      y,
      width - gap,
      view.bar,
      0.12 + 0.88 * amount ** 2,
      kind,
    );
  });
}

/** Bars hang from the last row: how much paint each output got. */
function drawBars({ y, count }, ring, view) {
  const most = Math.max(...ring);
  const width = view.width / count;
  const gap = width > 6 ? 1.5 : 0;
  return range(count).flatMap((i) => {
    const amount = ring[i % ring.length];
    const height = (amount / most) * (view.bottom - 22);
    const top = y + view.bar + 4;
    const bar = cell(i * width + gap / 2, top, width - gap, height, 0.9);
    return width < 18
      ? [bar]
      : [bar, label((i + 0.5) * width, top + height + 13, amount)];
  });
}

/**
 * Fills a square canvas and shows every pixel at the same whole number of
 * pixels of the screen: any other size would draw a pattern of its own.
 */
function setPixels(canvas, side, colour) {
  const image = new ImageData(side, side);
  for (const i of range(side * side))
    image.data.set(colour(i % side, Math.floor(i / side)), 4 * i);
  canvas.width = canvas.height = side;
  canvas.getContext("2d").putImageData(image, 0, 0);
  const room = roomFor(canvas);
  const times = Math.floor(room / side);
  canvas.style.imageRendering = times ? "pixelated" : "auto";
  canvas.style.width = `${(times ? times * side : room) / devicePixelRatio}px`;
}

/** Width that a canvas may take, in pixels of the screen. */
function roomFor({ parentElement }) {
  const { paddingLeft, paddingRight } = getComputedStyle(parentElement);
  const padding = parseFloat(paddingLeft) + parseFloat(paddingRight);
  return (parentElement.clientWidth - padding) * devicePixelRatio;
}

/** The paint on two axes is the product of the paint on each. */
function drawHeatMap(canvas, ring) {
  const room = roomFor(canvas);
  const side = Math.max(ring.length, Math.floor(room / Math.floor(room / 32)));
  const [red, green, blue] = getComputedStyle(canvas)
    .color.match(/\d+/g)
    .map(Number);
  const most = Math.max(...ring) ** 2;
  const amount = (x, y) =>
    (ring[x % ring.length] * ring[y % ring.length]) / most;
  setPixels(canvas, side, (x, y) => [red, green, blue, 255 * amount(x, y)]);
}

/** The layer on a short row: outputs down, inputs across, row sums aside. */
function drawMatrix(svg, settings, row) {
  const inputs = 6;
  const outputs = inputs * settings.stride;
  const map = upsampling(settings, inputs);
  const rows = range(outputs).map((i) => matrixRow(map(i), row, inputs));
  const largest = Math.max(...rows.flat().map(Math.abs));
  const height = clamp(312 / outputs, 13, 26);
  const width = clamp((svg.clientWidth - 112) / inputs, 8, 56);
  const place = {
    left: 34,
    top: 22,
    right: 112 + inputs * width,
    width,
    height,
  };
  const across = range(inputs).map((j) =>
    label(place.left + (j + 0.5) * width, 13, `x${j}`),
  );
  const nodes = rows.flatMap((values, i) =>
    drawMatrixRow(values, i, largest, place),
  );
  const title = label(place.right, 13, "row sum", "end");
  setFigure(svg, place.top + outputs * height + 2, [
    ...across,
    title,
    ...nodes,
  ]);
}

function matrixRow(taken, row, inputs) {
  const values = Array(inputs).fill(0);
  for (const { input, tap, weight } of taken)
    values[input] += weight * row.taps[tap];
  return values;
}

function drawMatrixRow(
  values,
  i,
  largest,
  { left, top, right, width, height },
) {
  const y = top + i * height;
  const cells = values.map((value, j) => {
    const opacity = 0.05 + (0.95 * Math.abs(value)) / largest;
    const kind = value < 0 ? "negative" : "paint";
    return cell(
      left + j * width + 0.5,
      y + 0.5,
      width - 1,
      height - 1,
      opacity,
      kind,
    );
  });
  const baseline = y + height / 2 + 4;
  const name = label(left - 10, baseline, `y${i}`, "end");
  return [
    ...cells,
    name,
    label(right, baseline, sum(values).toFixed(2), "end"),
  ];
}

const toByte = (value) => 127.5 * (clamp(value, -1, 1) + 1);

/** A picture, or the square of it that starts at `corner`. */
function drawPicture(canvas, picture, corner = 0, side = picture.side) {
  setPixels(canvas, side, (x, y) => {
    const at = ((y + corner) * picture.side + x + corner) * CHANNELS;
    return [...picture.data.subarray(at, at + CHANNELS)]
      .map(toByte)
      .concat(255);
  });
}
