/**
 * Makes what old browsers load: node legacy.mjs WEB, the folder server/web, gets the client as a classic script and the
 * station for Chromium 78, both of the sources beside them.
 */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const ADDRESS = { 'import.meta.url': 'undefined' };
/** Of the station's style sheets the last is for old browsers alone. */
const SHEETS = ['base', 'station', 'case', 'identity', 'developer', 'fingers', 'old'];

function plain(options) {
  return build({
    bundle: true, minify: true, format: 'iife', target: 'chrome78', charset: 'utf8', legalComments: 'none', logLevel: 'warning',
    ...options,
  });
}

/** Makes the client in a folder: no worker, which would have to be a module. */
export async function legacyClient(client, out) {
  const beside = {
    name: 'beside',
    setup(builder) {
      builder.onResolve({ filter: /^\.\/gaopai\.js$/ }, () => ({ path: join(client, 'gaopai.js') }));
    },
  };
  await plain({
    entryPoints: [join(here, 'legacy.js')], outfile: join(out, 'gaopai.legacy.js'), globalName: 'Gaopai', plugins: [beside],
    define: ADDRESS, footer: { js: "typeof module==='object'&&module.exports&&(module.exports=Gaopai);" },
  });
}

async function legacyStation(web) {
  const folder = join(web, 'station');
  await plain({ entryPoints: [join(folder, 'old.js')], outfile: join(folder, 'station.legacy.js'), define: ADDRESS });
  const contents = SHEETS.map((name) => `@import "./${name}.css";`).join('\n');
  await plain({ stdin: { contents, resolveDir: folder, loader: 'css' }, outfile: join(folder, 'station.legacy.css'), format: undefined });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const web = resolve(process.argv[2]);
  await legacyClient(join(web, 'client'), join(web, 'client'));
  await legacyStation(web);
}
