/** Rectangles whose sides are shares of a picture's width and height: moved, pulled and set right. */

/** The share itself, or the end of the range that it is beyond. */
export function within(value, low = 0, high = 1) {
  return Math.min(high, Math.max(low, value));
}

export function moved({ left, top, right, bottom }, dx, dy) {
  const [x, y] = [within(dx, -left, 1 - right), within(dy, -top, 1 - bottom)];
  return { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
}

/** Moves the corner where two sides meet. */
export function pulled(sides, [across, down], dx, dy) {
  return { ...sides, [across]: within(sides[across] + dx), [down]: within(sides[down] + dy) };
}

export function ordered({ left, top, right, bottom }) {
  return {
    left: Math.min(left, right),
    top: Math.min(top, bottom),
    right: Math.max(left, right),
    bottom: Math.max(top, bottom),
  };
}

/** Grown to a least share each way, within the picture. */
export function large({ left, top, right, bottom }, least) {
  const [x, y] = [within(left, 0, 1 - least), within(top, 0, 1 - least)];
  return { left: x, top: y, right: Math.max(right, x + least), bottom: Math.max(bottom, y + least) };
}

/** Puts an element where a rectangle lies in the box around it. */
export function placeAt(element, { left, top, right, bottom }) {
  const shares = { left, top, width: right - left, height: bottom - top };
  for (const [side, value] of Object.entries(shares)) element.style[side] = `${value * 100}%`;
}
