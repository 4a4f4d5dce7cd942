/**
 * Makes the folder that becomes the npm package: node build.mjs CLIENT OUT VERSION
 *
 * CLIENT is the folder of gaopai.js, OUT is made anew. Each entry is one small file with its source map; all of them
 * import gaopai.js, so that a page has it once.
 */
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { legacyClient } from './legacy.mjs';

/** Bytes that gaopai.js may have, gzipped. */
const BUDGET = 20_000;

const here = dirname(fileURLToPath(import.meta.url));
const [client, out, version] = [resolve(process.argv[2]), resolve(process.argv[3]), process.argv[4]];
const core = join(client, 'gaopai.js');

/** gaopai.js stays an import of the others. */
const apart = {
  name: 'apart',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/gaopai\.js$/ }, ({ path }) => ({ path, external: true }));
  },
};

async function bundle(entry, plugins) {
  await build({
    absWorkingDir: here, entryPoints: [entry], outdir: out, plugins, bundle: true, minify: true, format: 'esm', target: 'es2022',
    external: ['react', 'vue'], sourcemap: 'linked', sourcesContent: true, charset: 'utf8', legalComments: 'none',
    logLevel: 'warning',
  });
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await bundle(core, []);
// Started by gaopai.js, from beside it.
await bundle(join(client, 'gaopai-worker.js'), []);
await legacyClient(client, out);
for (const name of ['react', 'vue', 'camera']) {
  await bundle(join(here, `${name}.js`), [apart]);
  await copyFile(join(here, `${name}.d.ts`), join(out, `${name}.d.ts`));
}
for (const name of await readdir(client)) {
  if (/^gaopai.*\.d\.ts$/.test(name)) await copyFile(join(client, name), join(out, name));
}
await copyFile(join(here, 'README.md'), join(out, 'README.md'));
await copyFile(join(client, '../../../LICENSE'), join(out, 'LICENSE'));
const manifest = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));
await writeFile(join(out, 'package.json'), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);

for (const name of ['gaopai', 'gaopai.legacy', 'react', 'vue', 'camera']) {
  const size = gzipSync(await readFile(join(out, `${name}.js`)), { level: 9 }).length;
  console.error(`${name}.js: ${size} bytes gzipped`);
  if (name.startsWith('gaopai') && size > BUDGET) throw new Error(`gaopai.js is larger than ${BUDGET} bytes gzipped`);
}
