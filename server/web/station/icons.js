/** Icons of 20 x 20 as markup: strokes only, in the colour of the text beside them. */

const PATHS = {
  cropType0: 'M4 5h12v10H4z',
  cropType1: 'M6 2v12h12M2 6h12v12',
  cropType2: 'M3 4h6v8H3zM11 7h6v9h-6z',
  cropType3: 'M10 5C8 3 5 3 2 4v12c3-1 6-1 8 1 2-2 5-2 8-1V4c-3-1-6-1-8 1zM10 5v12',
  cropType4: 'M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4',
  colour: 'M10 3a7 7 0 1 0 0 14c2 0 1-2 1-3s1-1 2-1h2c1 0 2-1 2-3 0-4-3-7-7-7zM6.5 9h.1M9 6h.1M13 7h.1',
  deskew: 'M3 13 15 5l2 3-12 8zM3 17h14',
  fillBorderType: 'M3 3h14v14H3zM6 6h8v8H6z',
  removalForeign: 'M7 17c-2-2-3-5-4-7 1-1 2 0 3 1V4c0-1 2-1 2 0v5M8 9V3c0-1 2-1 2 0v6m0-5c0-1 2-1 2 0v5m0-3c0-1 2-1 2 0v6c0 3-1 4-2 5z',
  more: 'M3 6h9M16 6h1M3 14h1M8 14h9M12 4v4M6 12v4',
  left: 'M6 5 3 8l3 3M3 8h8a5 5 0 0 1 0 10H8',
  right: 'M14 5l3 3-3 3M17 8H9a5 5 0 0 0 0 10h3',
  recrop: 'M6 2v12h12M2 6h12v12',
  remove: 'M4 6h12M8 6V4h4v2M6 6l1 11h6l1-11',
  compare: 'M10 2v16M4 5h4M4 9h4M4 13h4M12 4h5v12h-5',
  enlarge: 'M8.5 14a5.5 5.5 0 1 1 0-11 5.5 5.5 0 0 1 0 11zM13 13l4 4M6 8.500h5M8.500 6v5',
  undo: 'M6 4 3 7l3 3M3 7h8a5 5 0 0 1 0 10H6',
  files: 'M3 16V4h5l2 2h7v10zM10 9v5M7.500 11.500h5',
  save: 'M10 3v9M6 9l4 4 4-4M3 17h14',
  open: 'M8 4H4v12h12v-4M11 3h6v6M17 3l-8 8',
  print: 'M6 7V3h8v4M6 14H3V7h14v7h-3M6 12h8v5H6z',
  upload: 'M10 14V4M6 8l4-4 4 4M3 17h14',
  search: 'M16 10a6 6 0 1 1-2-4.500M16 2.500V6h-3.500',
  barcode: 'M3 4v12M6 4v12M8 4v12M11 4v12M14 4v12M17 4v12',
};

export function icon(name) {
  return `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="${PATHS[name]}"/></svg>`;
}
