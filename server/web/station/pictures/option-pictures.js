/** Small drawings of what each option makes of a page, in the colours of the station: by the option's name and its value. */

const LINES = '<path class="ink" d="M22 15h20M22 21h20M22 27h14"/>';
const FAINT = '<path class="faint" d="M22 15h20M22 21h20M22 27h14"/>';
const SHEET = '<rect class="paper" x="18" y="5" width="28" height="38" rx="1.5"/>';
/** A sheet whose corner is torn off. */
const TORN = '<path class="paper" d="M19.500 5H38L46 14V41.500A1.500 1.500 0 0 1 44.500 43H19.500A1.500 1.500 0 0 1 18 41.500V6.500A1.500 1.500 0 0 1 19.500 5Z"/>';
const stamp = (kind) => `<circle class="${kind}" cx="38" cy="35" r="5.500"/>`;
const turned = (degrees) => `<g transform="rotate(${degrees} 32 24) translate(32 24) scale(.85) translate(-32 -24)">${SHEET}${LINES}<path class="accent" d="M22 9.500h9"/></g>`;

const DRAWINGS = {
  cropType3: '<path class="paper" d="M8 12q12-7 24 0 12-7 24 0v26q-12-7-24 0-12-7-24 0Z"/><path class="faint" d="M32 12v26M12 18q8-5 16-1M12 25q8-5 16-1M36 17q8-4 16 1M36 24q8-4 16 1"/>',
  cropType4: `<g opacity=".45">${SHEET}${FAINT}</g><rect class="accent dashed" x="13" y="10" width="32" height="22"/><path class="accent" d="m42 30 4 10 2-4 4-2Z"/>`,
  imageType0: `<rect class="dull" x="18" y="5" width="28" height="38" rx="1.5"/>${LINES}${stamp('red')}`,
  imageType8: `${SHEET}${LINES}<path class="accent" d="M38 29v10M33 34h10M34.500 30.500l7 7M41.500 30.500l-7 7"/>`,
  imageType3: `${SHEET}<g class="bold">${LINES}</g>${stamp('red')}`,
  imageType1: `<rect class="dull" x="18" y="5" width="28" height="38" rx="1.5"/>${LINES}${stamp('grey')}`,
  imageType2: `${SHEET}<g class="bold">${LINES}</g>${stamp('black')}`,
  imageType4: `${SHEET}${FAINT}<circle class="red strong" cx="35" cy="31" r="8.500"/>`,
  imageType5: `${SHEET}${FAINT}<circle class="blue strong" cx="35" cy="31" r="8.500"/>`,
  imageType6: '<rect class="paper" x="10" y="9" width="44" height="30" rx="2"/><circle class="sun" cx="21" cy="18" r="4"/><path class="hill" d="m12 37 13-13 8 8 6-6 13 11Z"/>',
  imageType7: '<path class="paper" d="M22 4h20v39l-3.300-3-3.300 3-3.400-3-3.300 3-3.400-3-3.300 3Z"/><path class="ink" d="M26 11h12M26 17h12M26 23h7M26 30h12"/>',
  fillBorderType0: `${TORN}${LINES}`,
  fillBorderType1: `${SHEET}${LINES}<path class="accent dashed" d="M38 5 46 14"/>`,
  fillBorderType2: `${TORN}${LINES}<path class="around" d="M38 5h8v9Z"/>`,
  removalForeign0: `${SHEET}${LINES}<rect class="finger" x="40" y="26" width="18" height="10" rx="5"/>`,
  removalForeign1: `${SHEET}${LINES}<rect class="accent dashed" x="40" y="26" width="18" height="10" rx="5"/>`,
  removalForeign2: `${SHEET}${LINES}<circle class="accent dashed" cx="21" cy="33" r="2.500"/><circle class="accent dashed" cx="21" cy="9.500" r="2.500"/>`,
  removalForeign3: `${SHEET}${LINES}<path class="accent dashed" d="M22 33h20M28 38h14"/>`,
  rotate0: turned(0),
  rotate90: turned(90),
  rotate180: turned(180),
  rotate270: turned(270),
  dropBlanknone: `${SHEET}${LINES}<rect class="paper" x="38" y="9" width="20" height="28" rx="1.5"/>`,
  dropBlankbacks: `${SHEET}${LINES}<rect class="accent dashed" x="40" y="9" width="20" height="28" rx="1.5"/>`,
  dropBlankall: '<rect class="accent dashed" x="6" y="9" width="20" height="28" rx="1.5"/><rect class="accent dashed" x="38" y="9" width="20" height="28" rx="1.5"/>',
  dropoutnone: `${SHEET}${LINES}<path class="red" d="M22 33h20"/><path class="blue" d="M22 38h20"/>`,
  dropoutred: `${SHEET}${LINES}<path class="red dashed" d="M22 35h20"/>`,
  dropoutgreen: `${SHEET}${LINES}<path class="green dashed" d="M22 35h20"/>`,
  dropoutblue: `${SHEET}${LINES}<path class="blue dashed" d="M22 35h20"/>`,
  streamsasSet: `${SHEET}${LINES}${stamp('red')}`,
  streamsbw: `<g transform="translate(-11 0)">${SHEET}${LINES}${stamp('red')}</g><g transform="translate(13 3)">${SHEET}<g class="bold">${LINES}</g>${stamp('black')}</g>`,
  streamsgray: `<g transform="translate(-11 0)">${SHEET}${LINES}${stamp('red')}</g><g transform="translate(13 3)">${SHEET}${FAINT}${stamp('grey')}</g>`,
  turnBacks: `${turned(180)}<path class="accent" d="M52 16a14 14 0 0 1 0 16m-4-3 4 3 4-3"/>`,
  threshold: `${SHEET}<path class="ink dashed" d="M22 15h20M22 21h20"/><g class="bold"><path class="ink" d="M22 29h20M22 35h14"/></g>`,
  doubleFeed: `<rect class="paper" x="14" y="12" width="28" height="30" rx="1.5"/><rect class="paper" x="21" y="5" width="28" height="34" rx="1.5"/><path class="faint" d="M25 14h20M25 20h20"/><path class="accent" d="M52 26v14m-4-4 4 4 4-4"/>`,
  deskew: `<g transform="rotate(-9 32 24)" class="before"><rect class="paper" x="18" y="5" width="28" height="38" rx="1.5"/>${FAINT}</g>${SHEET}${LINES}`,
  upright: `${SHEET}<path class="ink" d="m27 24 5-12 5 12M29 20h6"/><path class="accent" d="M25 36a8 5 0 0 0 14-1m1 4v-5h-5"/>`,
};

/** Markup of the drawing of an option. */
export function drawing(name) {
  return `<svg class="drawing" viewBox="0 0 64 48" aria-hidden="true">${DRAWINGS[name]}</svg>`;
}
