// Reads file names from its input, line by line, and answers each with the texts that quagga2 finds.
//
//   node quagga.mjs FOLDER    where FOLDER/node_modules holds @ericblade/quagga2
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const module = createRequire(`${process.argv[2]}/from.js`)("@ericblade/quagga2");
const quagga = module.default ?? module;
const kinds = ["code_128", "ean", "ean_8", "code_39", "upc", "upc_e", "codabar", "i2of5", "code_93"];
const settings = {
  numOfWorkers: 0,
  locate: true,
  inputStream: { size: 1600 },
  locator: { patchSize: "medium", halfSample: true },
  decoder: { readers: kinds.map((kind) => `${kind}_reader`), multiple: false },
};
// It complains there of pictures that it cannot read.
console.log = console.warn = console.error = () => {};

for await (const file of createInterface({ input: process.stdin })) {
  const found = await quagga.decodeSingle({ ...settings, src: file }).catch(() => undefined);
  const text = found?.codeResult?.code;
  process.stdout.write(`${JSON.stringify(text ? [text] : [])}\n`);
}
