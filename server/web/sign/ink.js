/** Lines of a handwriting, of the same widths and curves as those that the service puts into the document. */

const MM = 72 / 25.4;
const THINNEST = 0.25 * MM;
const BROADEST = 0.9 * MM;
const BRISK = 0.06 * MM;
const INERTIA = 0.6;
const STEP = 0.4 * MM;
/** Points after which nothing is left of a width. */
const REMEMBERED = 24;

/** @typedef {[number, number, number, number]} Point x and y as shares of the field, milliseconds, pressure */

/** Whether what is written with feels pressure: it tells more than one. */
export function isFelt(strokes) {
  return new Set(strokes.flat().map((point) => point[3])).size > 1;
}

/**
 * Straight pieces with round ends, `[x, y, endX, endY, width]` in points from the field's top left corner.
 * @param {Point[]} stroke
 * @param {[number, number]} size of the field in points
 */
export function inkLines(stroke, size, felt) {
  const places = stroke.map(([x, y]) => [x * size[0], y * size[1]]);
  const widths = widthsOf(stroke, places, felt);
  if (places.length === 1) return [[...places[0], ...places[0], widths[0]]];
  const lines = [];
  for (let number = 0; number + 1 < places.length; number++) {
    // Of its neighbours, as the curve of Catmull and Rom goes through all points.
    const around = [number - 1, number, number + 1, number + 2].map((one) => places[Math.min(Math.max(one, 0), places.length - 1)]);
    const pieces = Math.max(1, Math.ceil(distance(around[1], around[2]) / STEP));
    let before = around[1];
    for (let piece = 1; piece <= pieces; piece++) {
      const share = piece / pieces;
      const after = between(around, share);
      lines.push([...before, ...after, widths[number] + share * (widths[number + 1] - widths[number])]);
      before = after;
    }
  }
  return lines;
}

/** The lines that the newest point of a stroke adds, before any point after it shapes them. */
export function newestLines(stroke, size, felt) {
  const tail = stroke.slice(-REMEMBERED);
  const before = tail.length < 3 ? [] : inkLines(tail.slice(0, -1), size, felt);
  return inkLines(tail, size, felt).slice(before.length);
}

function widthsOf(stroke, places, felt) {
  let last = null;
  return stroke.map((point, number) => {
    // The first is as fast as the way to the second.
    const earlier = Math.max(number - 1, 0);
    const later = Math.min(earlier + 1, stroke.length - 1);
    const took = Math.max(stroke[later][2] - stroke[earlier][2], 1);
    const share = felt ? point[3] : 1 / (1 + distance(places[earlier], places[later]) / took / BRISK);
    const wanted = THINNEST + share * (BROADEST - THINNEST);
    last = last === null ? wanted : INERTIA * last + (1 - INERTIA) * wanted;
    return last;
  });
}

function distance(one, other) {
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
}

function between(around, share) {
  const weights = [
    (-share + 2 * share ** 2 - share ** 3) / 2,
    (2 - 5 * share ** 2 + 3 * share ** 3) / 2,
    (share + 4 * share ** 2 - 3 * share ** 3) / 2,
    (share ** 3 - share ** 2) / 2,
  ];
  return [0, 1].map((axis) => weights.reduce((sum, weight, number) => sum + weight * around[number][axis], 0));
}
